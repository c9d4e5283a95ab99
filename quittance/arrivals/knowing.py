"""Finds the customer account whose invoices somebody knows. One question, whatever is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from quittance.arrivals.rules import Rules
from quittance.core import clock
from quittance.core.money import Money
from quittance.receivables.models import CustomerAccount, Invoice


class Named(NamedTuple):
    """An invoice as somebody names it; ``reads`` says what its amount can mean in a currency."""

    number: str
    reads: Callable[[str], Collection[Money]]


def tidy(number: str) -> str:
    """Return a number as it is looked up: people put spaces where they read them."""
    return "".join(number.replace("\0", "").split())[:40]


def oldest(rules: Rules) -> date:
    """Return of which day (UTC) an invoice may be at the earliest."""
    return clock.now().date() - timedelta(days=rules.recent_days)


def knows_mailbox(number: str, email: str) -> bool:
    """Say whether the ERP has this mailbox for a customer of that number, in a transaction."""
    rows = CustomerAccount.objects.filter(number__in=_forms(number), gone_at=None)
    return any(is_known(email, each) for each in rows.values_list("email", flat=True))


def is_known(email: str, kept: str) -> bool:
    """Say whether an address is among those that the ERP keeps in one field."""
    return email in re.split(r"[;,\s]+", kept.lower())


def account_known_by(number: str, invoices: Sequence[Named], rules: Rules) -> UUID | None:
    """Return the account of that number whose invoices these are, in a transaction.

    ``None``: there is none, or several, or one fact is wrong, or an invoice is too old, cancelled
    or named twice, or nobody may come in this way. It costs the same whatever it is.
    """
    wanted = {tidy(each.number).upper(): each for each in invoices if tidy(each.number)}
    numbers = [form for each in invoices for form in _forms(tidy(each.number))] or [""]
    rows = Invoice.objects.filter(
        customer_account__number__in=_forms(number), customer_account__gone_at=None,
        number__in=numbers, gone_at=None, issued_date__gte=oldest(rules), total_minor__gt=0,
        erp_status__in=[Invoice.ErpStatus.OPEN, Invoice.ErpStatus.PAID],
    )  # fmt: skip
    found: dict[UUID, set[str]] = {}
    for each in rows.order_by("pk")[:100]:
        right = each.total in wanted[each.number.upper()].reads(each.currency)
        found.setdefault(each.customer_account_id, set())
        if right:
            found[each.customer_account_id].add(each.number.upper())
    whole = [account for account, known in found.items() if len(known) == len(wanted)]
    enough = rules.is_open and len(wanted) == rules.invoices == len(invoices)
    return whole[0] if enough and len(whole) == 1 else None


def _forms(number: str) -> list[str]:
    """Return how an ERP may write a number that somebody typed."""
    return [number, number.upper(), number.lower()]
