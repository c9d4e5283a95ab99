"""Keeps how an organization looks, what it was before, and who changed it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from quittance.audit.record import record_event
from quittance.branding.logos import LOGO_TYPE, Logo
from quittance.branding.look import forget_look
from quittance.branding.models import Brand, BrandVersion
from quittance.branding.texts import BY_LANGUAGE, Texts, without_nothing
from quittance.branding.theme import FIRST_ACCENT, FONTS
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.languages import ENGLISH, LANGUAGES
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_organization_id, current_scope

MOST_LINKS: Final = 4
_LOGO: Final = ("logo_light", "logo_dark", "logo_type", "logo_width")
_LONGEST: Final = {
    "name": 100, "sender_name": 100, "reply_to": 254, "footer": 300, "postal_address": 300,
    "contact_email": 254, "contact_phone": 40, "greeting": 200, "help_text": 300,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What an organization chooses besides its logo."""

    name: str
    accent: str = FIRST_ACCENT
    radius: int = 8  # pixels
    font: str = "inter"
    header: str = "plain"
    tone: str = "plain"
    sender_name: str = ""  # of mails; "" is ``name``
    reply_to: str = ""  # of mails; "" is ``contact_email``
    greeting: str = ""  # the first line of mails to customers
    footer: str = ""
    help_text: str = ""  # whom to ask, at the end of pages and mails
    links: tuple[tuple[str, str], ...] = ()  # label and https address
    names_product: bool = False
    languages: tuple[str, ...] = ()  # that readers may choose; none: all
    language: str = ENGLISH  # of a reader who chose none
    postal_address: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    texts: Texts = field(default_factory=dict)  # what is said otherwise in a language: texts.py


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one field."""

    field: str
    sentence: str


class CannotLookSo(RuleBroken):
    """These settings cannot be kept."""

    def __init__(self, wrongs: Sequence[Wrong]) -> None:
        super().__init__(" ".join(each.sentence for each in wrongs))
        self.wrongs = wrongs


class NoSuchVersion(RuleBroken):
    """There is no such version. Reload the page and choose again."""


def chosen_of(brand: Brand) -> Chosen:
    """Return what a brand's row says."""
    return _chosen({each.name: getattr(brand, each.name) for each in fields(Chosen)})


def keep_brand(chosen: Chosen) -> list[str]:
    """Keep these settings; portals show them at once here and within half a minute elsewhere.

    Returns the names of what was changed, none if nothing was. The version before is kept and the
    change is in the audit trail. Raises ``CannotLookSo``.
    """
    wrongs = _wrongs(chosen)
    if wrongs:
        raise CannotLookSo(wrongs)
    with writing():
        changed = _change(_row(chosen.name), _values(chosen))
    forget_look(current_organization_id())
    return changed


def keep_logo(light: Logo, dark: Logo | None) -> None:
    """Keep a drawn logo. ``dark`` is for dark pages; without one the same is shown everywhere."""
    with writing():
        _change(
            _row(),
            {
                "logo_light": light.content, "logo_dark": dark.content if dark else None,
                "logo_type": LOGO_TYPE, "logo_width": light.width,
            },
        )  # fmt: skip
    forget_look(current_organization_id())


def remove_logo() -> None:
    """Show the name in place of a logo."""
    with writing():
        _change(_row(), {"logo_light": None, "logo_dark": None, "logo_type": "", "logo_width": 0})
    forget_look(current_organization_id())


def go_back(number: int) -> None:
    """Look as in version ``number`` again; how it looks now becomes a version too.

    Raises ``NoSuchVersion``.
    """
    with writing():
        row = _row()
        version = BrandVersion.objects.filter(number=number).first()
        if version is None:
            raise NoSuchVersion
        logo = {name: getattr(version, name) for name in _LOGO}
        _change(row, version.settings | logo, back_to=number)
    forget_look(current_organization_id())


def versions() -> list[BrandVersion]:
    """Return the latest versions without their logos, in a transaction of the caller."""
    return list(BrandVersion.objects.defer("logo_light", "logo_dark").order_by("-number")[:12])


def _row(name: str = "") -> Brand:
    """The brand's row, locked; one is made for an organization that has none yet."""
    with connection.cursor() as cursor:  # two managers at once: the second waits
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [
            f"brand:{current_organization_id()}"
        ])  # fmt: skip
    return Brand.objects.first() or Brand.objects.create(
        name=name or _("Your supplier"), accent=FIRST_ACCENT
    )


def _change(row: Brand, values: dict[str, Any], **facts: object) -> list[str]:
    """Write the version before, the new values, and who did it."""
    changed = [name for name, value in values.items() if _plain(getattr(row, name)) != value]
    if not changed:
        return []
    before = {each.name: getattr(row, each.name) for each in fields(Chosen)}
    latest = BrandVersion.objects.aggregate(latest=Max("number"))["latest"] or 0
    BrandVersion.objects.create(
        number=latest + 1, settings=before, replaced_at=clock.now(),
        replaced_by=current_scope().actor, changed=", ".join(changed)[:300],
        **{name: getattr(row, name) for name in _LOGO},
    )  # fmt: skip
    for name in changed:
        setattr(row, name, values[name])
    row.save(update_fields=changed)
    shown = {name: [before[name], values[name]] for name in changed if name in before}
    logo = any(name in _LOGO for name in changed)
    told: dict[str, Any] = {"changed": shown, "logo": logo, **facts}
    record_event("brand changed", subject_kind="brand", subject_id=row.pk, **told)
    return changed


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def _chosen(values: dict[str, Any]) -> Chosen:
    links = tuple((str(label), str(address)) for label, address in values["links"])
    return Chosen(**values | {"links": links, "languages": tuple(values["languages"])})


def _values(chosen: Chosen) -> dict[str, Any]:
    links, languages = [list(pair) for pair in chosen.links], list(chosen.languages)
    texts = without_nothing(chosen.texts, default=chosen.language)
    return asdict(chosen) | {"links": links, "languages": languages, "texts": texts}


def _wrongs(chosen: Chosen) -> list[Wrong]:
    found = []
    if not chosen.name:
        found.append(Wrong("name", _("Write the name that customers know.")))
    if not re.fullmatch(r"#[0-9a-f]{6}", chosen.accent):
        found.append(Wrong("accent", _("Write a color as # and six digits or letters: #0b5563.")))
    if not 0 <= chosen.radius <= 16:
        found.append(Wrong("radius", _("Choose a radius from 0 to 16 pixels.")))
    for name, known in (("font", FONTS), ("header", Brand.Header), ("tone", Brand.Tone)):
        if getattr(chosen, name) not in known:
            found.append(Wrong(name, _("Choose one of the list.")))
    if chosen.language not in (chosen.languages or LANGUAGES):
        found.append(Wrong("language", _("Choose a language that readers may choose too.")))
    if not set(chosen.languages) <= set(LANGUAGES):
        found.append(Wrong("languages", _("Choose some of the list.")))
    for name, longest in _LONGEST.items():
        if not _is_line(getattr(chosen, name), longest):
            found.append(_too_long(name, longest))
    found += [Wrong(name, _("Write an address like ar@example.com.")) for name in
              ("reply_to", "contact_email") if not _is_email(getattr(chosen, name))]  # fmt: skip
    found += _wrong_links(chosen.links)
    for language, own in chosen.texts.items():
        found += _wrong_texts(language, own)
    return found


def _wrong_texts(language: str, own: Mapping[str, Any]) -> list[Wrong]:
    """Look at what is said otherwise in one language; the field names end in its code."""
    found = []
    if language not in LANGUAGES or set(own) - {*BY_LANGUAGE, "links"}:
        found.append(Wrong("languages", _("Choose some of the list.")))
    if own.get("tone") and own["tone"] not in Brand.Tone:
        found.append(Wrong(f"tone-{language}", _("Choose one of the list.")))
    found += [
        _too_long(f"{name}-{language}", _LONGEST[name])
        for name in BY_LANGUAGE
        if name in _LONGEST and not _is_line(own.get(name, ""), _LONGEST[name])
    ]
    return found + _wrong_links(own.get("links", ()), of=f"-{language}")


def _is_line(text: str, longest: int) -> bool:
    return len(text) <= longest and text.isprintable()


def _too_long(name: str, longest: int) -> Wrong:
    return Wrong(name, _("Write at most %(n)s characters on one line.") % {"n": longest})


def _wrong_links(links: Sequence[tuple[str, str]], *, of: str = "") -> list[Wrong]:
    found = []
    if len(links) > MOST_LINKS:
        found.append(Wrong(f"links{of}", _("Keep at most %(n)s links.") % {"n": MOST_LINKS}))
    for place, (label, address) in enumerate(links, 1):
        if not label or len(label) > 60 or not label.isprintable():
            found.append(
                Wrong(f"label{of}-{place}", _("Say in at most 60 characters where it leads."))
            )
        if not _is_page(address):
            words = _("Write a whole address: https://example.com/terms.")
            found.append(Wrong(f"address{of}-{place}", words))
    return found


def _is_page(address: str) -> bool:
    try:
        parts = urlsplit(address)
        named = parts.hostname
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and " " not in address
    return bool(
        plain and len(address) <= 300 and parts.scheme == "https" and named
        and not parts.username and not parts.password
    )  # fmt: skip


def _is_email(address: str) -> bool:
    try:
        validate_email(address or "a@b.example")
    except ValidationError:
        return False
    return True
