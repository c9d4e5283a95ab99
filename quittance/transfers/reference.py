"""Creditor references: made of an announcement's number, and found again in what a bank tells.

Source: ISO 11649: "RF", two check digits by ISO 7064 MOD 97-10, up to 21 letters and digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from stdnum import iso11649

from quittance.core.ids import is_number, new_number

PREFIX: Final = "T"
_OURS: Final = re.compile(r"RF\d{2}(?=(T[0-9A-Z]{9}))")
_BODY: Final = re.compile(r"(?=(T[0-9A-HJKMNP-TV-Z]{9}))")
_SHORTEST: Final = 6  # characters of a number that was cut off: fewer could be any word
_CUT: Final = re.compile(rf"(?:RF\d{{2}})(T[0-9A-Z]{{{_SHORTEST - 1},8}})$")


def new_announcement_number() -> str:
    """Return a number for people, such as ``T-7K3M-9QXR-C``."""
    return new_number(PREFIX)


def reference_of(number: str) -> str:
    """Return the creditor reference that a number makes: ``RF`` with check digits before it."""
    body = number.replace("-", "")
    # ISO 7064, MOD 97-10, of the letters as numbers (A is 10), with RF00 at the end.
    digits = "".join(str(int(character, 36)) for character in f"{body}RF00")
    reference = f"RF{98 - int(digits) % 97:02}{body}"
    iso11649.validate(reference)
    return reference


def grouped(text: str) -> str:
    """Return a reference or an IBAN in groups of four, as people read and type it."""
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def found_in(texts: Iterable[str]) -> Sequence[str]:
    """Return the references that may be ours in what a bank gives, each once.

    Whatever stands before, behind or between: spaces, small letters, a word without a space. One
    whose head was cut off is found by the number's own check character.
    """
    found: dict[str, None] = {}
    for text in texts:
        squeezed = _squeezed(text)
        for match in _OURS.finditer(squeezed):
            reference = match[0] + match[1]
            if iso11649.is_valid(reference):
                found[reference] = None
        for match in _BODY.finditer(squeezed):
            body = match[1]
            if is_number(f"{body[0]}-{body[1:5]}-{body[5:9]}-{body[9]}"):
                found[reference_of(body)] = None
    return list(found)


def cut_off_in(texts: Iterable[str]) -> Sequence[str]:
    """Return the beginnings of references whose end a bank has cut off."""
    found = (_CUT.search(_squeezed(text)) for text in texts)
    return [match[0] for match in found if match]


def names_another(texts: Iterable[str]) -> bool:
    """Say whether one of the texts is a creditor reference: somebody else's, if not one of ours."""
    return any(iso11649.is_valid(_squeezed(text)) for text in texts)


def _squeezed(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())
