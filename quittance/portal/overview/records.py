"""Reads where a buyer stands, in three questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import CharField, QuerySet, Value

from quittance.core.clock import today
from quittance.disputes.held import Held, disputed_in, held_of
from quittance.payments.models import Allocation
from quittance.payments.owed import ALIVE, SETTLES
from quittance.portal.access import Account
from quittance.portal.invoices.filters import Filters
from quittance.portal.invoices.listing import Listing, find
from quittance.portal.payments.records import latest_payments
from quittance.receivables import aging
from quittance.receivables.aging import Position

IN_FLIGHT: Final = "in_flight"  # of a position: what is under way with us
DISPUTED: Final = "disputed"  # of a position: what the buyer disputes of it
_PAYMENTS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything that the overview shows."""

    positions: Sequence[Position]  # of all the person's accounts
    first_due: Listing  # open invoices of the chosen account, the earliest due date first
    payments: Sequence[Any]  # its last ones, as records.py of the payments has them
    held: Mapping[UUID, Held]  # what is disputed of the invoices in ``first_due``


def standing(account: Account, accounts: Iterable[Account]) -> Standing:
    """Return where the person stands, in the caller's transaction."""
    first_due = find(account.id, Filters(), today=today(account.zone))
    disputed = [each.id for each in first_due.rows if each.disputed_minor]
    return Standing(
        positions=positions(accounts),
        first_due=first_due,
        payments=latest_payments(account.id, _PAYMENTS),
        held=held_of(disputed) if disputed else {},
    )


def positions(accounts: Iterable[Account]) -> list[Position]:
    """Return where each account stands in each of its currencies, and what is under way."""
    days: dict[UUID, date] = {each.id: today(each.zone) for each in accounts}
    ours = [_under_way(list(days)), _disputed(list(days))]
    return aging.read_positions([*aging.parts_of(days), *ours])


def _under_way(account_ids: Sequence[UUID]) -> QuerySet[Any]:
    alive = Allocation.objects.filter(
        customer_account_id__in=account_ids, status__in=ALIVE, invoice__erp_status="open"
    )
    return aging.summed(alive.annotate(part=Value(IN_FLIGHT, CharField())), SETTLES)


def _disputed(account_ids: Sequence[UUID]) -> QuerySet[Any]:
    rows = disputed_in(account_ids).annotate(part=Value(DISPUTED, CharField()))
    return aging.summed(rows, "held")
