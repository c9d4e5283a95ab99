"""The look of an organization as its pages need it, remembered for half a minute."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from quittance.branding.models import Brand
from quittance.branding.texts import Texts, links_in, text_in
from quittance.branding.theme import FIRST_ACCENT, fingerprint, icon_fingerprint
from quittance.core.languages import ENGLISH, LANGUAGES
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for

_REMEMBER_SECONDS: Final = 30
_remembered: dict[UUID, tuple[float, Look]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A brand's settings, and the fingerprints under which its files are served for ever."""

    name: str
    accent: str = FIRST_ACCENT
    radius: int = 8
    font: str = "inter"
    header: str = "plain"
    tone: str = "plain"
    logo_hash: str = ""  # "" without a logo
    logo_width: int = 0
    postal_address: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    languages: tuple[str, ...] = tuple(LANGUAGES)  # what a reader may choose
    language: str = ENGLISH  # for a reader who chose none of them
    footer: str = ""
    links: tuple[tuple[str, str], ...] = ()  # label and address
    names_product: bool = False  # "powered by", only where the organization wants it
    help_text: str = ""  # whom to ask, at the end of pages
    texts: Texts = field(default_factory=dict, hash=False)  # what is said otherwise in a language

    def spoken(self, language: str) -> Look:
        """Return it with the seller's texts in this language, as far as there are any."""
        if language not in self.texts:
            return self
        return replace(
            self,
            tone=text_in(self.texts, "tone", language, otherwise=self.tone),
            footer=text_in(self.texts, "footer", language, otherwise=self.footer),
            help_text=text_in(self.texts, "help_text", language, otherwise=self.help_text),
            links=links_in(self.texts, language, otherwise=self.links),
        )

    @property
    def fingerprint(self) -> str:
        """Changes when the style sheet does."""
        return fingerprint(self)

    @property
    def icon_hash(self) -> str:
        """Changes when the icon of the browser's tab does."""
        return icon_fingerprint(self.name, self.accent)


def look_of(organization_id: UUID, *, name: str) -> Look:
    """Return how the organization looks; ``name`` serves while it has no brand.

    Opens a transaction of its own unless the answer is remembered.
    """
    now = time.monotonic()
    known = _remembered.get(organization_id)
    if known and known[0] > now:
        return known[1]
    with working_for(organization_id, actor="page"), reading():
        brand = Brand.objects.first()
    look = _look(brand) if brand else Look(name=name)
    _remembered[organization_id] = (now + _REMEMBER_SECONDS, look)
    return look


def remembered_look(organization_id: UUID | None) -> Look | None:
    """Return the look if it needs no database; for pages that tell of a fault."""
    known = _remembered.get(organization_id) if organization_id else None
    return known[1] if known else None


def forget_look(organization_id: UUID) -> None:
    """Read it anew at the next page of this process; others notice within half a minute."""
    _remembered.pop(organization_id, None)


def logo_of(organization_id: UUID, *, dark: bool) -> tuple[bytes, str] | None:
    """Return the logo's file and its content type."""
    with working_for(organization_id, actor="page"), reading():
        brand = Brand.objects.first()
    if brand is None or not brand.logo_light:
        return None
    content = (brand.logo_dark if dark else None) or brand.logo_light
    return bytes(content), brand.logo_type


def _look(brand: Brand) -> Look:
    logo_hash = ""
    if brand.logo_light:
        files = bytes(brand.logo_light) + bytes(brand.logo_dark or b"")
        logo_hash = hashlib.sha256(files).hexdigest()[:16]
    return Look(
        name=brand.name,
        accent=brand.accent,
        radius=brand.radius,
        font=brand.font,
        header=brand.header,
        tone=brand.tone,
        logo_hash=logo_hash,
        logo_width=brand.logo_width,
        postal_address=brand.postal_address,
        contact_email=brand.contact_email,
        contact_phone=brand.contact_phone,
        languages=tuple(brand.languages) or tuple(LANGUAGES),
        language=brand.language,
        footer=brand.footer,
        links=tuple((str(label), str(address)) for label, address in brand.links),
        names_product=brand.names_product,
        help_text=brand.help_text,
        texts=brand.texts,
    )
