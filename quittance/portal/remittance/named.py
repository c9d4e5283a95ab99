"""Which invoices a line of a list names: by number, else by purchase order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from quittance.payments.owed import Owed, free_to_pay
from quittance.portal.access import Account
from quittance.portal.amounts import readings
from quittance.portal.remittance.columns import Typed
from quittance.receivables.models import Invoice

_MOST_OF_ORDERS: Final = 2000  # invoices; who has more under one list's orders writes their numbers


@dataclass(frozen=True, slots=True)
class Named:
    """The invoices that the lines of a list name."""

    numbers: Mapping[str, list[Owed]]
    orders: Mapping[str, list[Owed]]

    @property
    def currencies(self) -> set[str]:
        """The currencies that amounts of the list may be in."""
        named = (*self.numbers.values(), *self.orders.values())
        return {owed.invoice.currency for each in named for owed in each}

    def by(self, typed: Typed, points: Mapping[str, str]) -> tuple[list[Owed], bool]:
        """Return what a line names, and whether by its purchase order.

        Of several invoices of an order the ones that are owed count, and of these the only one of
        which exactly the line's amount is open; ``points`` are the signs before decimals.
        """
        if found := _at(self.numbers, typed.number):
            return found, False
        found = _at(self.orders, typed.number) or _at(self.orders, typed.purchase_order)
        found = [each for each in found if each.free.minor > 0] or found[:1]
        if len(found) > 1:
            exact = [each for each in found if _is_all(typed, each, points)]
            found = exact if len(exact) == 1 else found
        return found, True


def named_by(typed: Sequence[Typed], accounts: Sequence[Account]) -> Named:
    """Return the invoices that these lines may mean, in a transaction of the caller."""
    numbers = _owed(invoices_named("number", [each.number for each in typed], accounts))
    by_number = _grouped(numbers, "number")
    left = [
        text
        for each in typed
        for text in (each.number, each.purchase_order)
        if text and not _at(by_number, each.number)
    ]
    rows = invoices_named("purchase_order", left, accounts).order_by("due_date", "pk")
    return Named(by_number, _grouped(_owed(rows[:_MOST_OF_ORDERS]), "purchase_order"))


def invoices_named(
    field: str, texts: Collection[str], accounts: Sequence[Account]
) -> QuerySet[Invoice]:
    """Return the invoices whose number or order is one of ``texts``, as typed or in capitals."""
    wanted = {each for text in texts if text for each in (text, text.upper())}
    return Invoice.objects.filter(
        **{"customer_account_id__in": [each.id for each in accounts], f"{field}__in": wanted}
    )


def _owed(rows: QuerySet[Invoice]) -> list[Owed]:
    ids = list(rows.values_list("pk", flat=True))
    found = free_to_pay(ids) if ids else {}
    return [found[each] for each in ids if each in found]


def _grouped(found: Sequence[Owed], field: str) -> dict[str, list[Owed]]:
    groups: dict[str, list[Owed]] = {}
    for each in found:
        groups.setdefault(getattr(each.invoice, field), []).append(each)
    return groups


def _at(groups: Mapping[str, list[Owed]], text: str) -> list[Owed]:
    return groups.get(text) or groups.get(text.upper()) or [] if text else []


def _is_all(typed: Typed, owed: Owed, points: Mapping[str, str]) -> bool:
    """Whether the line's amount, where it can mean one amount only, is all that is open."""
    currency = owed.invoice.currency
    found = readings(typed.amount, currency)
    point = points.get(currency, "")
    if len(found) > 1 and point:
        found = [each for each in found if each.point == point] or found
    return len(found) == 1 and found[0].money == owed.free
