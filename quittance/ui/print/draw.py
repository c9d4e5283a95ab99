"""One function: words in, a PDF out that everybody can read (PDF/UA-1)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, Literal

import typst
from django.utils import translation

from quittance.branding.look import Look, logo_of
from quittance.branding.palette import palette
from quittance.core.languages import ENGLISH, LANGUAGES
from quittance.tenancy.scope import current_organization_id

_HERE: Final = Path(__file__).parent
_ACCESSIBLE: Final = "ua-1"  # ISO 14289-1; typst refuses to draw what is not


def draw_pdf(document: str, data: dict[str, Any]) -> bytes:
    """Return ``document`` ("receipt") as a PDF with tags, in the language that is spoken just now.

    ``data`` is text and lists of text, with what ``house_of`` returns; whatever stands in it is
    printed, never run. The same data make the same bytes; fonts for every language are embedded.
    With letters of none of them it is tagged all the same, but is not PDF/UA.
    """
    language = LANGUAGES.get(translation.get_language() or ENGLISH, LANGUAGES[ENGLISH])
    spoken = {"lang": language.code, "right_to_left": language.right_to_left}
    words = json.dumps(data | spoken)
    try:
        return _drawn(document, words, _ACCESSIBLE)
    except typst.TypstError:  # letters that no font here has: a customer's name in Chinese
        return _drawn(document, words, None)


def _drawn(document: str, words: str, standard: Literal["ua-1"] | None) -> bytes:
    drawn = typst.compile(
        _HERE / f"{document}.typ",
        root=_HERE,
        font_paths=[_HERE],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": words},
        pdf_standards=standard,
    )
    assert isinstance(drawn, bytes)
    return drawn


def house_of(look: Look, *, site: str) -> dict[str, Any]:
    """Return what stands in a document's head and foot: the seller, and the color of its line.

    ``site`` is the host name of the portal. Opens a transaction of its own if there is a logo.
    """
    look = look.spoken(translation.get_language() or ENGLISH)
    logo = logo_of(current_organization_id(), dark=False) if look.logo_hash else None
    return {
        "seller": look.name,
        "address": look.postal_address,
        "contact": " · ".join(
            each for each in (look.contact_email, look.contact_phone, site) if each
        ),
        "accent": palette(look.accent.lower()).light["accent-edge"],
        "footer": look.footer,
        "logo": list(logo[0]) if logo and logo[1] == "image/png" else [],
    }
