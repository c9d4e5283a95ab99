"""Finds numbers of cards and accounts in what people write, so that none is kept.

Source: ISO/IEC 7812-1: a card's number has at most 19 digits, and its last one is Luhn's check.
"""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"\d(?:[ .-]?\d){11,}")
_SHORTEST, _LONGEST = 13, 19
_FIRST: Final = frozenset("23456")  # of the card schemes' numbers


def has_number(text: str) -> bool:
    """Say whether twelve or more digits stand together: a card's number, or an account's."""
    return _NUMBER.search(text) is not None


def has_card_number(text: str) -> bool:
    """Say whether a card's number stands in it, in groups or not, with digits beside it or not."""
    return any(_has_card(re.split(r"[ .-]", found)) for found in _NUMBER.findall(text))


def _has_card(groups: list[str]) -> bool:
    return any(
        _is_card("".join(groups[begin:end]))
        for begin in range(len(groups))
        for end in range(begin + 1, min(begin + _LONGEST, len(groups)) + 1)
    )


def _is_card(digits: str) -> bool:
    if not _SHORTEST <= len(digits) <= _LONGEST or digits[0] not in _FIRST:
        return False
    doubled = (sum(divmod(2 * int(each), 10)) for each in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0
