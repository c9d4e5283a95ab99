"""One function: words in, a PDF out, with the fonts for every language embedded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import typst
from django.utils.translation import get_language

from quittance.core.languages import ENGLISH, LANGUAGES

_HERE: Final = Path(__file__).parent
_FOREIGN: Final = ("address", "contact", "facts", "lines")  # what may run the other way


def draw_pdf(document: str, data: dict[str, Any]) -> bytes:
    """Return ``document`` ("receipt") as a PDF with tags, filled with ``data``.

    ``data`` is text and lists of text in the language that is spoken at the moment; whatever stands
    in it is printed, never run.
    """
    language = LANGUAGES[get_language() or ENGLISH]
    words = {**data, "lang": language.code, "dir": language.direction}
    if language.right_to_left:
        words |= {key: _isolated(data[key]) for key in _FOREIGN if key in data}
    drawn = typst.compile(
        _HERE / f"{document}.typ",
        root=_HERE,
        font_paths=[_HERE],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(words)},
    )
    assert isinstance(drawn, bytes)
    return drawn


def _isolated(words: Any) -> Any:
    """Let each text run as its own first letter does. Source: Unicode Standard Annex 9, FSI."""
    if isinstance(words, str):
        return f"\u2068{words}\u2069" if words else ""
    return [_isolated(each) for each in words]
