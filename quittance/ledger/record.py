"""Write a movement of money down, once."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Sum

from quittance.core.money import Money
from quittance.ledger.models import LedgerEntry, LedgerTransaction


def record(key: str, description: str, entries: Mapping[str, Money]) -> LedgerTransaction:
    """Record one movement, in a transaction: for each account debits above zero, credits below.

    The database refuses entries that do not sum to zero, and a second movement with the same
    ``key``.
    """
    transaction = LedgerTransaction.objects.create(key=key, description=description)
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            transaction=transaction, account=account, amount_minor=amount.minor,
            currency=amount.currency,
        )
        for account, amount in entries.items()
    )  # fmt: skip
    return transaction


def balances(account: str) -> dict[str, Money]:
    """Return the balance of ``account`` for each currency: debits less credits."""
    sums = (
        LedgerEntry.objects.filter(account=account)
        .values_list("currency")
        .annotate(sum=Sum("amount_minor"))
    )
    return {currency: Money(minor, currency) for currency, minor in sums}
