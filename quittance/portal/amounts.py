"""What a written amount can mean: signs for decimals and groups differ from country to country."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NamedTuple

from babel import Locale

from quittance.core.errors import RuleBroken
from quittance.core.money import Money

_LONGEST: Final = 40
_ALIKE: Final = str.maketrans({"٫": ",", "٬": "'", "’": "'", "−": "-", "–": "-", "،": ","})
_SYMBOLS: Final = {"€": "EUR", "£": "GBP", "₹": "INR"}  # others stand for several currencies
_CODE: Final = re.compile(r"^([A-Za-z]{3})(?=[\s\d])|(?<=[\s\d.,])([A-Za-z]{3})$")
_CODES: Final = frozenset(Locale.parse("en").currencies)
_BY_THREES: Final = r"[1-9]\d{{0,2}}(?:{0}\d{{3}})+"
_INDIAN: Final = r"[1-9]\d?(?:,\d{2})*,\d{3}"


class Reading(NamedTuple):
    """One meaning of a text."""

    money: Money
    point: str  # the sign before its decimals; "" without any


def currency_in(text: str) -> str:
    """Return the currency that is written beside an amount: "EUR" for "1.200,00 €"; or ""."""
    plain = _plain(text)
    return _code_in(plain) or next(
        (code for symbol, code in _SYMBOLS.items() if symbol in plain), ""
    )


def readings(text: str, currency: str) -> list[Reading]:
    """Return what ``text`` can mean in ``currency``: nothing, one amount, or two.

    "1.200" is 1200 where a point groups, and 1.20 where it comes before decimals.
    """
    plain = _without_currency(_plain(text))
    sign, figures = _signed(plain)
    figures = _without_spaces(figures)
    if not re.fullmatch(r"[\d.,]+", figures) or not figures.isascii():
        return []
    found: dict[int, Reading] = {}
    for point, group in ((".", ","), (",", "."), ("", "."), ("", ",")):
        decimal = _decimal(figures, point, group)
        if decimal is None:
            continue
        try:
            money = Money.from_decimal(Decimal(sign + decimal), currency)
        except RuleBroken:
            continue  # more decimals than the currency has: not this meaning
        found.setdefault(money.minor, Reading(money, point))
    return list(found.values())


def point_of(texts: Iterable[str], currency: str) -> str:
    """Return the sign before decimals that all clear amounts of a file use; "" if none does."""
    points = set()
    for text in texts:
        found = readings(text, currency)
        if len(found) == 1 and found[0].point:
            points.add(found[0].point)
    return points.pop() if len(points) == 1 else ""


def looks_like_one(text: str) -> bool:
    """Whether a cell may be an amount, in whatever currency."""
    return any(readings(text, currency) for currency in ("JPY", "USD", "KWD"))


def _plain(text: str) -> str:
    """Figures of any script become ours, signs that look alike the same."""
    found = unicodedata.normalize("NFKC", text[:_LONGEST]).translate(_ALIKE).strip()
    return "".join(
        str(unicodedata.decimal(each)) if unicodedata.category(each) == "Nd" else each
        for each in found
    )


def _code_in(text: str) -> str:
    found = _CODE.search(text)
    code = (found[1] or found[2]).upper() if found else ""
    return code if code in _CODES else ""


def _without_currency(text: str) -> str:
    text = _CODE.sub("", text) if _code_in(text) else text
    return "".join(each for each in text if unicodedata.category(each) != "Sc").strip()


def _signed(text: str) -> tuple[str, str]:
    """Bookkeepers write what is below zero as -1, 1- or (1)."""
    if text.startswith("(") and text.endswith(")"):
        return "-", text[1:-1].strip()
    if text.startswith("-") or text.endswith("-"):
        return "-", text.removeprefix("-").removesuffix("-").strip()
    return "", text.removeprefix("+")


def _without_spaces(text: str) -> str:
    """A space or an apostrophe groups by threes; anywhere else it is a slip."""
    if re.fullmatch(r"\d{1,3}(?:[\s']\d{3})+(?:[.,]\d*)?", text):
        return re.sub(r"[\s']", "", text)
    return text


def _decimal(figures: str, point: str, group: str) -> str | None:
    """Return the figures with a point before their decimals, read with these two signs."""
    whole, sign, cents = figures.partition(point) if point else (figures, "", "")
    if point and (not sign or not cents.isdigit() or not (whole or cents)):
        return None
    shapes = [r"\d*" if point else r"\d+", _BY_THREES.format(re.escape(group))]
    shapes += [_INDIAN] if group == "," else []
    if not any(re.fullmatch(shape, whole) for shape in shapes):
        return None
    return f"{whole.replace(group, '') or '0'}.{cents.rstrip('0') or '0'}"
