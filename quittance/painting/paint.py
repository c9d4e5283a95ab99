"""Has an image drawn anew by a program that can reach nothing, and looks at what it answers."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from threading import Lock
from typing import Final

from quittance.painting import program

MOST_DOTS: Final = 25_000_000
PNG: Final = b"\x89PNG\r\n\x1a\n"
JPEG: Final = b"\xff\xd8\xff"
SECONDS: Final = 20.0
_PATIENCE_SECONDS: Final = 5.0  # for who draws in the same process
_MOST_SEGMENTS: Final = 1_000  # before the frame of a JPEG
_NO_FRAMES: Final = {0xC4, 0xC8, 0xCC}  # markers among those of JPEG's frames that are none

_one_at_a_time: Final = Lock()


class Busy(Exception):
    """Another image is being drawn in this process, and goes on."""


class NotDrawn(Exception):
    """The file cannot be drawn: broken, too large for the program's memory and time, or hostile."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """How an image is drawn."""

    words: str  # typst's; ``picture(..size)`` is the image. Never anything of the image's own
    ppi: float  # dots of the PNG for 72 points of the words
    most_bytes: int  # of the PNG


def paint(content: bytes, kind: str, canvas: Canvas, *, seconds: float = SECONDS) -> bytes:
    """Return an image ("png", "jpg", "webp", "svg") as a PNG that holds its dots and nothing else.

    Takes up to ``seconds`` in a program of its own, which gets nothing of our environment, no key
    and no address of the database; so never inside a transaction. One is drawn at a time in each
    process, so that images keep one thread, and one processor, from everybody else. Raises
    ``NotDrawn``, ``Busy``. Source: security.md, I9.
    """
    if not _one_at_a_time.acquire(timeout=_PATIENCE_SECONDS):
        raise Busy
    try:
        return _painted(content, kind, canvas, seconds)
    finally:
        _one_at_a_time.release()


def _painted(content: bytes, kind: str, canvas: Canvas, seconds: float) -> bytes:
    with tempfile.TemporaryFile() as out:
        command = [sys.executable, "-I", program.__file__]
        wanted = [kind, str(canvas.ppi), str(canvas.most_bytes), canvas.words]
        try:
            subprocess.run(  # noqa: S603 - our own program; the file comes by standard input
                [*command, *wanted],
                input=content,
                stdout=out,
                stderr=subprocess.DEVNULL,
                env={"TMPDIR": tempfile.gettempdir()},
                timeout=seconds,
                check=True,
            )
        except subprocess.SubprocessError as error:
            raise NotDrawn from error
        out.seek(0)
        drawn = out.read(canvas.most_bytes + 1)
    if len(drawn) > canvas.most_bytes or not drawn.startswith(PNG):
        raise NotDrawn
    return drawn


def dots_of(content: bytes) -> tuple[int, int]:
    """Return how many dots wide and high a PNG or a JPEG says it is; 0, 0 if it does not say.

    The header alone is read: an image is refused for its size before anything of it is unpacked.
    """
    if content.startswith(PNG):
        return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    place = 2
    for _ in range(_MOST_SEGMENTS):
        if not content.startswith(JPEG) or content[place : place + 1] != b"\xff":
            break
        marker = content[place + 1] if place + 1 < len(content) else 0
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAMES:
            high, wide = content[place + 5 : place + 7], content[place + 7 : place + 9]
            return int.from_bytes(wide, "big"), int.from_bytes(high, "big")
        filled = marker == 0xFF  # a byte between two segments
        place += 1 if filled else 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return 0, 0
