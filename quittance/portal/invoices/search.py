"""What a buyer types to find an invoice: its number, its purchase order, or an amount on it."""

from __future__ import annotations

from typing import Final

from django.db.models import F, Q

from quittance.core.currency import odd_currencies
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.portal.amounts import currency_in, readings
from quittance.ui.amounts import read_amount

_LAST: Final = "\U0010ffff"
_USUAL: Final = "USD"  # a currency with two decimals


def found_by(text: str, locale: str) -> Q:
    """Let through what ``text`` names: the beginning of a number or an order, or an exact amount.

    An amount is one of the invoice's total or of what is open on it, read as ``locale`` writes it.
    """
    return begins("number", text) | begins("purchase_order", text) | _of_amount(text, locale)


def begins(field: str, text: str) -> Q:
    """Let through what begins with ``text``, as typed or in capitals.

    A range, not LIKE: under row security LIKE would not use the index.
    """
    found = Q()
    for begin in {text, text.upper()}:
        found |= Q(**{f"{field}__gte": begin, f"{field}__lt": begin + _LAST})
    return found


def amounts_meant(text: str, currency: str, locale: str) -> list[int]:
    """Return what ``text`` can mean in minor units of ``currency``: nothing, or one amount or two.

    As ``locale`` writes it, else with any signs for decimals and groups: "1.234,50" is no amount
    in English, so a comma before the cents is what it has.
    """
    try:
        found = [read_amount(text, currency, locale)]
    except RuleBroken:
        found = [each.money for each in readings(text, currency)]
    return [each.minor for each in found if _fits(each)]


def _of_amount(text: str, locale: str) -> Q:
    """1,234 is 123400 cents, but 1234 yen: so currencies count by their decimals."""
    odd = odd_currencies()
    usual = ~Q(currency__in=sorted(code for codes in odd.values() for code in codes))
    found = _is_amount(amounts_meant(text, _USUAL, locale)) & usual
    for codes in odd.values():
        meant = _is_amount(amounts_meant(text, min(codes), locale))
        found |= meant & Q(currency__in=sorted(codes))
    said = currency_in(text)
    return found & Q(currency=said) if said else found


def _is_amount(minors: list[int]) -> Q:
    """The second index holds what is owed in part; of all others the total says the same.

    The first holds what is above zero, which only a search says: it is small, and PostgreSQL would
    take it to walk all invoices of an account where those that are open have an index of their own.
    """
    part = Q(open_minor__gt=0) & ~Q(open_minor=F("total_minor"))
    whole = Q(total_minor__in=minors, total_minor__gt=0)
    return whole | (Q(open_minor__in=minors) & part)


def _fits(money: Money) -> bool:
    return 0 < money.minor < 2**63
