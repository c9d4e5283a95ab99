"""Reads where a buyer stands, in three questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import CharField, QuerySet, Value

from quittance.core.clock import today
from quittance.payments.models import Allocation
from quittance.payments.owed import ALIVE, SETTLES
from quittance.portal.access import Account
from quittance.portal.invoices.filters import Filters
from quittance.portal.invoices.listing import Listing, find
from quittance.portal.payments.records import latest_payments
from quittance.receivables import aging
from quittance.receivables.aging import Position

IN_FLIGHT: Final = "in_flight"  # of a position: what is under way with us
_PAYMENTS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything that the overview shows."""

    positions: Sequence[Position]  # of all the person's accounts
    first_due: Listing  # open invoices of the chosen account, the earliest due date first
    payments: Sequence[Any]  # its last ones, as records.py of the payments has them


def standing(account: Account, accounts: Iterable[Account]) -> Standing:
    """Return where the person stands, in the caller's transaction."""
    return Standing(
        positions=positions(accounts),
        first_due=find(account.id, Filters(), today=today(account.zone)),
        payments=latest_payments(account.id, _PAYMENTS),
    )


def positions(accounts: Iterable[Account]) -> list[Position]:
    """Return where each account stands in each of its currencies, and what is under way."""
    days: dict[UUID, date] = {each.id: today(each.zone) for each in accounts}
    return aging.read_positions([*aging.parts_of(days), _under_way(list(days))])


def _under_way(account_ids: Sequence[UUID]) -> QuerySet[Any]:
    alive = Allocation.objects.filter(
        customer_account_id__in=account_ids, status__in=ALIVE, invoice__erp_status="open"
    )
    return aging.summed(alive.annotate(part=Value(IN_FLIGHT, CharField())), SETTLES)
