"""Draws one image file as a PNG; run as a program of its own, with little memory and time.

Whatever an image's file holds is read here and not in a web process: the worst that a hostile one
reaches is the end of this program. What comes out was painted by us, so nothing else of the file
lives on. ``python program.py KIND PPI MOST_BYTES WORDS`` reads it from standard input and imports
nothing of ours; what cannot be drawn ends with code 1.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path
from typing import Final

import typst

_MEMORY: Final = 768 * 1024 * 1024  # bytes
_SECONDS: Final = 10
_PAGE: Final = "#set page(width: auto, height: auto, margin: 0pt, fill: none)\n"


def main() -> None:
    """Read, draw, write."""
    kind, ppi, most_bytes, words = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(most_bytes), int(most_bytes)))
    try:
        drawn = draw(sys.stdin.buffer.read(), kind, float(ppi), words)
        sys.stdout.buffer.write(drawn)
        sys.stdout.flush()
    except (RuntimeError, OSError, MemoryError):  # typst's own is a RuntimeError
        raise SystemExit(1) from None


def draw(content: bytes, kind: str, ppi: float, words: str) -> bytes:
    """Have typst paint it: it opens no file outside of the folder, and no address at all."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"picture.{kind}").write_bytes(content)
        source = Path(folder) / "page.typ"
        source.write_text(f'{_PAGE}#let picture(..size) = image("picture.{kind}", ..size)\n{words}')
        painted = typst.compile(
            source, root=Path(folder), ignore_system_fonts=True, format="png", ppi=ppi
        )
    assert isinstance(painted, bytes)
    return painted


if __name__ == "__main__":
    main()
