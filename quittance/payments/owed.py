"""How much of an invoice is free to pay: what the ERP says is open, less what is under way."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from quittance.core.money import Money
from quittance.payments.models import Allocation
from quittance.receivables.models import Invoice

ALIVE: Final = (Allocation.Status.RESERVED, Allocation.Status.CONSUMED)
# How much less will be open: money, discount and credit together.
SETTLES: Final = F("amount_minor") + F("discount_minor") + F("credit_minor")


@dataclass(frozen=True, slots=True)
class Owed:
    """One invoice's open amount and how much of it is under way with us, in minor units."""

    invoice: Invoice
    in_flight_minor: int

    @property
    def free(self) -> Money:
        """What may be paid now; never below zero."""
        free_minor = max(0, self.invoice.open_minor - self.in_flight_minor)
        return Money(free_minor, self.invoice.currency)


def free_to_pay(invoice_ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, Owed]:
    """Return what may be paid of each invoice that the scope may see; absent ones are left out.

    With ``lock`` the rows stay ours until the transaction ends. They are locked in the order of
    their ids, always, so that two payers of the same invoices cannot wait for each other.
    """
    invoices = Invoice.objects.filter(pk__in=invoice_ids).order_by("pk")
    if lock:
        invoices = invoices.select_for_update()
    found = list(invoices)
    in_flight = in_flight_minor([invoice.pk for invoice in found])
    return {invoice.pk: Owed(invoice, in_flight.get(invoice.pk, 0)) for invoice in found}


def in_flight_minor(invoice_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Return, for invoices with something under way, how much that is."""
    sums = (
        Allocation.objects.filter(invoice_id__in=invoice_ids, status__in=ALIVE)
        .values_list("invoice_id")
        .annotate(sum=Sum(SETTLES))
    )
    return dict(sums)


def in_flight_of(field: str) -> Coalesce:
    """Return how much is under way, for a query whose ``field`` is an invoice's id.

    To look only: beside a lock it would be what was so before the lock was ours.
    """
    alive = Allocation.objects.filter(invoice=OuterRef(field), status__in=ALIVE)
    sums = alive.order_by().values("invoice").annotate(sum=Sum(SETTLES)).values("sum")
    return Coalesce(Subquery(sums), 0)
