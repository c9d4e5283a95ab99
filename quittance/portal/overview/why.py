"""Explains a figure: the entries of the mirror that sum to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.core.clock import today
from quittance.core.money import Money
from quittance.portal.access import Account
from quittance.portal.invoices.filters import place_of
from quittance.portal.newest import read_when
from quittance.portal.overview.context import NAMES, why_address
from quittance.portal.overview.records import positions
from quittance.receivables.aging import FIGURES, Entry, Explained, Figure, explain

PAGE: Final = 100
BALANCE: Final = "balance"  # of two figures: each has a page of its own
_KINDS: Final = {
    "invoice": noop("Invoice"),
    "credit_note": noop("Credit note"),
    "payment": noop("Money paid, not yet applied"),
}


def is_explained(what: str) -> bool:
    """Whether there is such a figure."""
    return what in FIGURES or what == BALANCE


def why_balance(account: Account, currency: str) -> dict[str, Any]:
    """Return the two figures that a balance consists of, in the caller's transaction."""
    found = [
        each
        for each in positions([account])
        if each.account_id == account.id and each.currency == currency
    ]
    zero = Money(0, currency)
    rows = [
        {
            "name": _(NAMES[key]), "address": why_address(key, currency),
            "number": sum(each.figure(key).number for each in found),
            "amount": sum((sign(each.money(key)) for each in found), zero),
        }
        for key, sign in (("open", _as_it_is), ("credit", _turned))
    ]  # fmt: skip
    return {"parts": rows, "whole": sum((each.balance for each in found), zero)}


def why_figure(account: Account, what: str, currency: str, *, after: str) -> dict[str, Any]:
    """Return one page of the entries, in the caller's transaction."""
    found = explain(
        account.id,
        currency,
        what,
        today=today(account.zone),
        after=read_when(after, date),
        most=PAGE,
    )
    last = found.entries[-1:] if found.after.number else []
    return {
        "entries": [_entry(each) for each in found.entries],
        "number": found.whole.number,
        "whole": Money(found.whole.minor, currency),
        "before": _some(found.before, currency),
        "page": _some(found.page, currency),
        "after": _some(found.after, currency),
        "several": found.page.number != found.whole.number,
        "next": _next(what, currency, last),
        "first": why_address(what, currency) if found.before.number else "",
        "read_at": _oldest(found),
    }


def _as_it_is(money: Money) -> Money:
    return money


def _turned(money: Money) -> Money:
    return -money


def _entry(entry: Entry) -> dict[str, Any]:
    name, key = ("invoice", "invoice_id") if entry.kind == "invoice" else ("credit", "credit_id")
    return {
        "kind": _(_KINDS[entry.kind]),
        "address": reverse(f"portal:{name}", kwargs={key: entry.id}),
        "number": entry.number,
        "purchase_order": entry.purchase_order,
        "day": entry.day,
        "total": Money(entry.total_minor, entry.currency),
        "amount": Money(entry.minor, entry.currency),
        "read_at": entry.read_at,
    }


def _some(figure: Figure, currency: str) -> tuple[int, Money]:
    return figure.number, Money(figure.minor, currency)


def _oldest(found: Explained) -> Any:
    return min((each.read_at for each in found.entries), default=None)


def _next(what: str, currency: str, last: Sequence[Entry]) -> str:
    if not last:
        return ""
    return f"{why_address(what, currency)}&after={place_of(last[0].day, last[0].id)}"
