"""Writes a mail in the seller's name and look: from whom, what stands at its end, and how it looks.

Mail programs know no custom properties and often no style sheet, so colours are written out at each
part; a page's policy does not reach into a mail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.mime.image import MIMEImage
from email.utils import formataddr
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from markupsafe import Markup

from quittance.branding.logos import LOGO_TYPE
from quittance.branding.models import Brand
from quittance.branding.palette import palette
from quittance.branding.texts import links_in, text_in
from quittance.branding.theme import FIRST_ACCENT
from quittance.core.languages import ENGLISH, LANGUAGES

_FONT: Final = Markup("font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif")
_LOGO_ID: Final = "logo"
_SHEET: Final = Markup(
    "<style>@media (prefers-color-scheme:dark){{body,.bg{{background:{canvas}!important;"
    "color:{ink}!important}}.box{{background:{surface}!important;border-color:{line}!important}}"
    ".box p{{color:{ink}!important}}.foot{{color:{soft}!important}}}}</style>"
)
_PAGE: Final = Markup(
    '<!doctype html>\n<html lang="{lang}" dir="{dir}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><title>{subject}</title>{sheet}</head>'
    '<body style="margin:0;padding:0;background:{canvas};color:{ink};{font}">'
    '<table role="presentation" class="bg" width="100%" style="background:{canvas}"><tr>'
    '<td style="padding:32px 16px"><table role="presentation" class="box" align="center"'
    ' width="100%" style="max-width:560px;margin:0 auto;background:{surface};border:1px solid'
    ' {line};border-top:4px solid {edge};border-radius:{radius}px;border-collapse:separate">'
    '<tr><td style="padding:24px 32px 0">{head}</td></tr>'
    '<tr><td style="padding:20px 32px 8px">{body}</td></tr>'
    '<tr><td class="foot" style="padding:16px 32px 28px;font-size:13px;color:{soft}">{foot}</td>'
    "</tr></table></td></tr></table></body></html>\n"
)
_PARAGRAPH: Final = Markup('<p style="margin:0 0 16px;color:{}">{}</p>')
_BUTTON: Final = Markup(
    '<p style="margin:4px 0 16px"><a href="{to}" style="display:inline-block;padding:11px 22px;'
    "background:{fill};color:{ink};border-radius:{radius}px;{font};font-weight:600;"
    'text-decoration:none">{words}</a></p>'
)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The seller as a mail shows it."""

    brand: Brand | None
    language: str = ENGLISH  # of the mail: what the seller says otherwise in it is said so

    @property
    def seller(self) -> str:
        """The name in sentences."""
        return " ".join(self.brand.name.split()) if self.brand else _("Your supplier")

    @property
    def greeting(self) -> str:
        """The line that mails to customers begin with; "" for none."""
        return self._said("greeting")

    @property
    def sender(self) -> str:
        """Return what stands in From: the seller's name, and the address that mail may come from.

        The installation's own address wins (``QUITTANCE_MAIL_FROM``): only for that one the mail's
        signatures can be right. Source: security.md, I8.
        """
        brand = self.brand
        name = " ".join(self._said("sender_name").split()) or self.seller
        address = settings.MAIL_FROM or (brand.contact_email if brand else "")
        return formataddr((name, address or "no-reply@localhost"))

    @property
    def reply_to(self) -> list[str]:
        """Where an answer goes: one address, or none."""
        address = (self.brand.reply_to or self.brand.contact_email) if self.brand else ""
        return [address] if address else []

    @property
    def logo(self) -> MIMEImage | None:
        """The logo as a part of the mail; nothing is fetched when it is opened."""
        if self.brand is None or not self.brand.logo_light or self.brand.logo_type != LOGO_TYPE:
            return None
        part = MIMEImage(bytes(self.brand.logo_light), "png")
        part.add_header("Content-ID", f"<{_LOGO_ID}>")
        part.add_header("Content-Disposition", "inline", filename="logo.png")
        return part

    def signed(self, text: str) -> str:
        """Return the plain text with the seller's lines at its end."""
        lines = self._lines() + [f"{label}: {address}" for label, address in self._links()]
        return text + ("\n-- \n" + "\n".join(lines) + "\n" if lines else "")

    def as_html(self, subject: str, text: str, *, language: str = ENGLISH, site: str = "") -> str:
        """Return the same words as a page in the seller's colours; nothing in it is run.

        Addresses at ``site``, the portal itself, can be clicked; no others, whoever wrote them. One
        that stands alone has a button above it.
        """
        drawn = palette(self.brand.accent if self.brand else FIRST_ACCENT)
        light, dark = drawn.light, drawn.dark
        blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
        body = Markup("").join(self._block(block, light, site) for block in blocks)
        return _PAGE.format(
            lang=language, dir=LANGUAGES[language].direction, subject=subject, font=_FONT,
            sheet=_SHEET.format(canvas=dark["canvas"], ink=dark["ink"], surface=dark["surface"],
                                line=dark["line"], soft=dark["ink-3"]),
            canvas=light["canvas"], ink=light["ink"], surface=light["surface"],
            line=light["line"], edge=light["accent-edge"], soft=light["ink-3"],
            radius=round(self._radius * 1.5),
            head=self._head(light["ink"]), body=body, foot=self._foot(light["ink-3"]),
        )  # fmt: skip

    @property
    def _radius(self) -> int:
        return self.brand.radius if self.brand else 8

    def _block(self, text: str, colours: Mapping[str, str], site: str) -> Markup:
        """A paragraph; where it is an address of the portal alone, a button before it."""
        lines = Markup("<br>").join(_linked(line, site) for line in text.split("\n"))
        paragraph = _PARAGRAPH.format(colours["ink"], lines)
        if not _leads_to(site, text):
            return paragraph
        button = _BUTTON.format(
            to=text, fill=colours["accent"], ink=colours["on-accent"], radius=self._radius,
            font=_FONT, words=_("Open the page"),
        )  # fmt: skip
        return button + paragraph

    def _head(self, ink: str) -> Markup:
        if self.logo is None or self.brand is None:
            return Markup('<strong style="font-size:18px;color:{}">{}</strong>').format(
                ink, self.seller
            )
        # On a dark page too the logo lies on white: it may be dark itself.
        return Markup(
            '<img src="cid:{}" alt="{}" width="{}" height="28" style="display:block;border:0;'
            'background:#ffffff;padding:4px;border-radius:4px">'
        ).format(_LOGO_ID, self.seller, self.brand.logo_width)

    def _foot(self, ink: str) -> Markup:
        rows = [Markup("{}").format(line) for line in self._lines()]
        links = [
            Markup('<a href="{}" style="color:{}">{}</a>').format(address, ink, label)
            for label, address in self._links()
        ]
        if links:
            rows.append(Markup(" · ").join(links))
        return Markup("<br>").join(rows)

    def _lines(self) -> list[str]:
        brand = self.brand
        if brand is None:
            return []
        first = ", ".join(part for part in (self.seller, brand.postal_address) if part)
        reach = " · ".join(part for part in (brand.contact_email, brand.contact_phone) if part)
        said = (first, reach, self._said("help_text"), self._said("footer"))
        return [line for line in said if line]

    def _links(self) -> Sequence[tuple[str, str]]:
        if self.brand is None:
            return []
        base = tuple((str(label), str(to)) for label, to in self.brand.links)
        return links_in(self.brand.texts, self.language, otherwise=base)

    def _said(self, name: str) -> str:
        """Return one of the seller's texts in the language of the mail."""
        if self.brand is None:
            return ""
        own = getattr(self.brand, name)
        return text_in(self.brand.texts, name, self.language, otherwise=own)


def _linked(line: str, site: str) -> Markup:
    link = Markup('<a href="{0}" style="color:inherit;word-break:break-all">{0}</a>')
    return Markup(" ").join(
        link.format(word) if _leads_to(site, word) else word for word in line.split(" ")
    )


def _leads_to(site: str, text: str) -> bool:
    return bool(site) and text.startswith(f"{site}/") and len(text.split()) == 1
