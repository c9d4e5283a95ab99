"""Images as strangers send them."""

from __future__ import annotations

import base64
import struct
import zlib
from random import Random

from quittance.painting.paint import PNG

# 16 x 8 dots, by a camera named SpyCam 3000 that was held sideways, with the place in it.
PHOTO = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/4QCsRXhpZgAATU0AKgAAAAgAAwEPAAIAAAAMAAAAMgESAAMAAAABAAYAAIglAAQA"
    "AAABAAAAPgAAAABTcHlDYW0gMzAwMAAABAABAAIAAAACTgAAAAACAAUAAAADAAAAdAADAAIAAAACVwAAAAAEAAUAAAAD"
    "AAAAjAAAAAAAAAAvAAAAAQAAACQAAAABAAAAFgAAAAEAAAB6AAAAAQAAABMAAAABAAAANwAAAAH/2wBDABsSFBcUERsX"
    "FhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4r"
    "K06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAIABADASIA"
    "AhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAAIF/8QAGBABAAMBAAAAAAAAAAAAAAAAAAVDgcH/xAAVAQEBAAAAAAAA"
    "AAAAAAAAAAACA//EABkRAAIDAQAAAAAAAAAAAAAAAAABBDNB8P/aAAwDAQACEQMRAD8AmXq3jOAItK7SUixn/9k="
)


def png(wide: int, high: int, *, rows: bytes | None = None, extra: bytes = b"") -> bytes:
    """A plain PNG; ``extra`` is text that programs may put into one."""
    pixels = rows if rows is not None else b"\0" + b"\x0b\x55\x63" * wide
    return _png(wide, high, pixels * high, extra)


def noise(side: int) -> bytes:
    """A square PNG that cannot be packed."""
    dots = Random(side)
    return _png(side, side, b"".join(b"\0" + dots.randbytes(3 * side) for _ in range(side)), b"")


def _png(wide: int, high: int, pixels: bytes, extra: bytes) -> bytes:
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)),
        (b"tEXt", b"Comment\0" + extra),
        (b"IDAT", zlib.compress(pixels)),
        (b"IEND", b""),
    ]
    return PNG + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
