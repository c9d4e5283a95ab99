"""One function: words in, a PDF out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import typst

_HERE: Final = Path(__file__).parent


def draw_pdf(document: str, data: dict[str, Any]) -> bytes:
    """Return ``document`` ("receipt") as a PDF with tags, filled with ``data``.

    ``data`` is text and lists of text; whatever stands in it is printed, never run.
    """
    drawn = typst.compile(
        _HERE / f"{document}.typ",
        root=_HERE,
        font_paths=[_HERE],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
    )
    assert isinstance(drawn, bytes)
    return drawn
