"""Draws one image file as a PNG; run as a program of its own, with little memory and time.

Whatever a logo's file holds is read here and not in a web process: the worst that a hostile one
reaches is the end of this program. What comes out was painted by us, so nothing else of the file
lives on. ``python raster.py KIND`` reads it from standard input and imports nothing of ours; what
cannot be drawn ends with code 1.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path
from typing import Final

import typst

HEIGHT: Final = 28  # CSS pixels
WIDEST: Final = 232
SCALE: Final = 4  # sharp on every screen and in print
MOST_BYTES: Final = 1024 * 1024  # of what it writes, also to the disk
_MEMORY: Final = 768 * 1024 * 1024  # bytes
_SECONDS: Final = 10


def main() -> None:
    """Read, draw, write."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
    try:
        drawn = draw(sys.stdin.buffer.read(), sys.argv[1])
    except (RuntimeError, OSError, MemoryError):  # typst's own is a RuntimeError
        raise SystemExit(1) from None
    sys.stdout.buffer.write(drawn)


def draw(content: bytes, kind: str) -> bytes:
    """Return the image ("png", "jpg", "webp", "svg") as a PNG that is 28 pixels high, at scale 4.

    A very wide one is made smaller until it fits in 232 pixels, in the middle of the 28.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"logo.{kind}").write_bytes(content)
        drawn = _painted(Path(folder), kind, "height: 28pt")
        if width_of(drawn) > WIDEST * SCALE:
            drawn = _painted(Path(folder), kind, f'width: {WIDEST}pt, height: 28pt, fit: "contain"')
    return drawn


def width_of(png: bytes) -> int:
    """Return how many dots wide a PNG is, by its header."""
    return int.from_bytes(png[16:20], "big")


def _painted(folder: Path, kind: str, size: str) -> bytes:
    """Have typst paint it: it opens no file outside of ``folder`` and no address at all."""
    source = folder / "page.typ"
    source.write_text(
        "#set page(width: auto, height: auto, margin: 0pt, fill: none)\n"
        f'#image("logo.{kind}", {size})\n'
    )
    painted = typst.compile(
        source, root=folder, ignore_system_fonts=True, format="png", ppi=72 * SCALE
    )
    assert isinstance(painted, bytes)
    return painted


if __name__ == "__main__":
    main()
