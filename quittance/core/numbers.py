"""Finds numbers of cards and accounts in what people write, so that none is kept.

Source: ISO/IEC 7812-1: a card's number has at most 19 digits, and its last one is Luhn's check.
"""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"\d(?:[ .-]?\d){11,}")
_SHORTEST, _LONGEST = 13, 19
_FIRST: Final = frozenset("23456")  # of the card schemes' numbers
# As people write them: without gaps, or in the groups that are printed on cards.
_WRITTEN: Final = re.compile(
    r"(?<![\w.,-])(?<!\d[ -])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?"
    r"|\d{4}([ -])\d{6}\2\d{4,5})(?![\w-]|[.,]\d)",
    re.ASCII,
)
# Whose numbers begin so, and how many digits they have. Source: ISO/IEC 7812 and the schemes'
# own pages [bg]: Visa, Mastercard (two ranges), American Express, Diners, Discover, JCB, UnionPay.
_ISSUED: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}"
    r"|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
)


def has_number(text: str) -> bool:
    """Say whether twelve or more digits stand together: a card's number, or an account's."""
    return _NUMBER.search(text) is not None


def has_card_number(text: str) -> bool:
    """Say whether a card's number stands in it, in groups or not, with digits beside it or not."""
    return any(_has_card(re.split(r"[ .-]", found)) for found in _NUMBER.findall(text))


def is_shown_card(text: str) -> bool:
    """Say whether a card's number is written in it as on the card, by issuer and length.

    Narrower than ``has_card_number``: for forms in which an account's number is quite right.
    """
    found = (each[0].replace(" ", "").replace("-", "") for each in _WRITTEN.finditer(text))
    return any(_ISSUED.fullmatch(each) is not None and _is_card(each) for each in found)


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
