"""Amounts as people write and read them; between the two there is only ``Money``."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from babel import Locale
from babel.numbers import get_currency_symbol
from django.utils.translation import gettext as _

from quittance.core.currency import minor_unit_digits
from quittance.core.errors import RuleBroken
from quittance.core.money import InexactAmount, Money

MINUS: Final = "\u2212"
_LONGEST: Final = 24  # characters of a typed amount; more is no amount
_WRITTEN: Final = re.compile(r"(?<![\w.,-])(-?\d{1,18})(?:\.(\d{1,4}))? ([A-Z]{3})(?!\w)")
_MARKS: Final = re.compile("[\u200e\u200f\u2066-\u2069]")  # of direction: ours is by isolates
_SPACES: Final = re.compile("[  \u202f\u2009'’]")
_BY_THREES: Final = re.compile(rf"\d{{1,3}}(?:{_SPACES.pattern}\d{{3}})+")


class NotAnAmount(RuleBroken):
    """This is not an amount."""


class _Shape(NamedTuple):
    prefix: str
    suffix: str
    point: str
    group: str
    first: int  # figures of the group next to the point
    other: int  # figures of the groups before it: 2 in India
    digits: int


def format_money(money: Money, locale: str, *, code: bool = False) -> str:
    """Return ``money`` for people: "$1,240.00", or "USD 1,240.00" where currencies are mixed."""
    whole, cents = money_parts(money, locale, code=code)
    return isolated(whole + cents, locale)


def isolated(text: str, locale: str) -> str:
    """Keep figures in their order where the text around them runs from right to left.

    Source: Unicode Standard Annex 9, LRI and PDI. A page has ``.money`` for it.
    """
    return f"\u2066{text}\u2069" if _from_right_to_left(locale) else text


@lru_cache(maxsize=512)
def _from_right_to_left(locale: str) -> bool:
    return Locale.parse(locale).text_direction == "rtl"


def with_amounts(sentence: str, locale: str, *, code: bool = False) -> str:
    """Return one of our sentences with its amounts as people write them.

    Sentences are made where no reader is known, and hold amounts as ``str(Money)`` has them:
    "6400.00 USD". What is not exactly that stays as it is. Not for the words of others.
    """

    def written(found: re.Match[str]) -> str:
        whole, cents, currency = found[1], found[2] or "", found[3]
        known = currency in Locale.parse("en").currencies
        if not known or len(cents) != minor_unit_digits(currency):
            return found[0]
        return format_money(Money(int(whole + cents), currency), locale, code=code)

    return _WRITTEN.sub(written, sentence)


def money_parts(money: Money, locale: str, *, code: bool = False) -> tuple[str, str]:
    """Return the amount in two pieces, so that a large figure can dim its cents."""
    return _parts(money, _shape(locale, money.currency, code))


def format_for_input(money: Money, locale: str) -> str:
    """Return ``money`` as the value of an input: grouped, without a currency."""
    shape = _shape(locale, money.currency, code=False)
    return "".join(_parts(money, shape._replace(prefix="", suffix="")))


def currency_symbol(currency: str, locale: str) -> str:
    """Return "$" for USD in the United States, "US$" elsewhere."""
    return str(get_currency_symbol(currency, locale=locale))


def currency_name(currency: str, locale: str) -> str:
    """Return "US dollars" for USD."""
    return _currency_name(currency, locale)


def pattern(currency: str, locale: str) -> str:
    """Return "$#": where the figures stand, for the script that shows a running total."""
    shape = _shape(locale, currency, code=False)
    return f"{shape.prefix}#{shape.suffix}"


def decimal_point(locale: str) -> str:
    """Return "." or ","."""
    return str(Locale.parse(locale).number_symbols["latn"]["decimal"])


def read_amount(text: str, currency: str, locale: str) -> Money:
    """Read what a person typed: "1,000", "1000.5", or "1 000,50" where a comma is the point.

    What may be meant otherwise is refused and never guessed: "1,000" is a thousand to some and one
    to others, so no decimals beyond the currency's are taken, not even zeros. Raises
    ``NotAnAmount``, or ``InexactAmount`` when it has more decimals than the currency.
    """
    shape = _shape(locale, currency, code=False)
    sign, whole, cents = _pieces(text, shape)
    figures = _ungrouped(whole, shape) if whole else "0"  # ".5"
    if not (whole or cents) or not all(map(_all_figures, (figures, cents or "0"))):
        raise _not_an_amount(currency, locale)
    if len(cents) > shape.digits:
        raise InexactAmount(
            _("%(currency)s has %(digits)s decimals at most.")
            % {"currency": currency, "digits": shape.digits},
            currency=currency,
        )
    return Money.from_decimal(Decimal(f"{sign}{figures}.{cents or '0'}"), currency)


def _pieces(text: str, shape: _Shape) -> tuple[str, str, str]:
    """Return the sign, what stands before the decimals, and these."""
    # A small figure at the top is no figure, though Unicode's plain form of it is.
    odd = any(unicodedata.category(each) == "No" for each in text)
    typed = _MARKS.sub("", unicodedata.normalize("NFKC", text)).strip()
    typed = typed.removeprefix(shape.prefix.strip())
    typed = typed.removesuffix(shape.suffix.strip()).strip()
    if odd or len(typed) > _LONGEST:
        return "", "", ""
    sign = ""
    if typed[:1] in {"-", MINUS}:
        sign, typed = "-", typed[1:].lstrip()
    whole, _point, cents = typed.partition(shape.point)
    return sign, whole, cents


def _ungrouped(whole: str, shape: _Shape) -> str:
    """Take the group signs out; at a wrong place they are a slip, or a decimal comma: then ""."""
    if _SPACES.search(whole):
        return _SPACES.sub("", whole) if _BY_THREES.fullmatch(whole) else ""
    if shape.group not in ".," or shape.group not in whole:
        return whole
    first, *middle, last = whole.split(shape.group)
    if len(last) != shape.first or not first or any(len(each) != shape.other for each in middle):
        return ""
    return first + "".join(middle) + last


def _not_an_amount(currency: str, locale: str) -> NotAnAmount:
    digits = minor_unit_digits(currency)
    example = format_for_input(Money(1240 * 10**digits + 10**digits // 2, currency), locale)
    return NotAnAmount(
        _("This is not an amount. Write it like %(example)s.") % {"example": example}
    )


def _all_figures(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _parts(money: Money, shape: _Shape) -> tuple[str, str]:
    sign = MINUS if money.minor < 0 else ""
    figures = str(abs(money.minor)).rjust(shape.digits + 1, "0")
    cut = len(figures) - shape.digits
    whole = f"{sign}{shape.prefix}{_grouped(figures[:cut], shape)}"
    cents = f"{shape.point}{figures[cut:]}" if shape.digits else ""
    return (whole + cents, shape.suffix) if shape.suffix else (whole, cents)


def _grouped(figures: str, shape: _Shape) -> str:
    if len(figures) <= shape.first:
        return figures
    groups = [figures[-shape.first :]]
    rest = figures[: -shape.first]
    while rest:
        groups.append(rest[-shape.other :])
        rest = rest[: -shape.other]
    return shape.group.join(reversed(groups))


@lru_cache(maxsize=1024)
def _shape(locale: str, currency: str, code: bool) -> _Shape:
    """Ask Babel once how this locale writes this currency: its own formatter is too slow for rows.

    Source: CLDR, number symbols and the standard currency pattern.
    """
    found = Locale.parse(locale)
    pattern = found.currency_formats["standard"]
    symbols = found.number_symbols["latn"]
    symbol = f"{currency}\u00a0" if code else currency_symbol(currency, locale)
    prefix, suffix = pattern.prefix[0], pattern.suffix[0]
    if code and prefix:
        prefix = prefix.rstrip("\u00a0 ")
    if code:
        prefix, suffix = "¤", ""
    first, other = pattern.grouping
    symbol = _MARKS.sub("", symbol)
    return _Shape(
        prefix=_MARKS.sub("", prefix).replace("¤", symbol),
        suffix=_MARKS.sub("", suffix).replace("¤", symbol),
        point=symbols["decimal"],
        group=symbols["group"],
        first=first,
        other=other,
        digits=minor_unit_digits(currency),
    )


@lru_cache(maxsize=1024)
def _currency_name(currency: str, locale: str) -> str:
    found = Locale.parse(locale)
    plural = found._data["currency_names_plural"].get(currency, {})
    return str(plural.get("other") or found.currencies.get(currency, currency))
