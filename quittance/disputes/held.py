"""How much of invoices is in dispute, for whoever suggests, charges or asks for an amount."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    Case,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, Least

from quittance.disputes.models import DisputeRules, InvoiceDispute
from quittance.disputes.rules import rules_of

L, S = DisputeRules.LeavesOut, InvoiceDispute.Status
ALIVE: Final = (S.OPEN, S.WAITING, S.ACCEPTED)
_WHOLE: Final = Case(
    When(status=S.ACCEPTED, then=F("agreed_minor")), default=F("amount_minor"),
    output_field=BigIntegerField(),
)  # fmt: skip
# As ``InvoiceDispute.held_minor``.
_HELD: Final = Greatest(_WHOLE - F("fell_minor"), Value(0), output_field=BigIntegerField())


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is in dispute of one invoice, and what the organization's rule makes of it."""

    dispute_id: UUID
    reason: str
    minor: int
    leaves_out: str

    def suggested_minor(self, free_minor: int) -> int:
        """Return how much of ``free_minor`` is suggested, charged or asked for; zero: nothing.

        Who chooses to pay more may: this is no limit.
        """
        if not self.minor:  # all of it was credited: what is open is in question no more
            return free_minor
        if self.leaves_out == L.INVOICE:
            return 0
        return free_minor if self.leaves_out == L.NOTHING else max(0, free_minor - self.minor)


def alive() -> QuerySet[InvoiceDispute]:
    """Return the disputes in which somebody has a next move."""
    return InvoiceDispute.objects.filter(status__in=ALIVE)


def held_of(invoice_ids: Collection[UUID]) -> Mapping[UUID, Held]:
    """Return what is in dispute of these invoices, in a transaction of the caller."""
    return held_by(list(alive().filter(invoice_id__in=list(invoice_ids))))


def held_by(disputes: Sequence[InvoiceDispute]) -> Mapping[UUID, Held]:
    """Return what these disputes hold of their invoices; those that are over hold nothing."""
    rows = [each for each in disputes if each.is_alive]
    if not rows:
        return {}
    leaves_out = rules_of().leaves_out
    return {
        row.invoice_id: Held(
            dispute_id=row.pk, reason=row.reason, minor=row.held_minor, leaves_out=leaves_out
        )
        for row in rows
    }


def disputed_minor(invoice: str = "") -> Coalesce:
    """Return, for a query of invoices, how much of each is in dispute; no more than is open.

    ``invoice`` is the way there from rows of another kind: "invoice__".
    """
    held = Least(_HELD, OuterRef(f"{invoice}open_minor"))
    mine = alive().filter(invoice=OuterRef(f"{invoice}pk")).order_by().values(held=held)[:1]
    return Coalesce(Subquery(mine), 0)


def disputed_in(account_ids: Collection[UUID]) -> QuerySet[InvoiceDispute]:
    """Return what is in dispute in these accounts, each with ``held``; on what is owed still.

    No more is held of an invoice than is open of it.
    """
    rows = alive().filter(customer_account_id__in=list(account_ids), invoice__erp_status="open")
    return rows.annotate(held=Least(_HELD, F("invoice__open_minor")))


def has_dispute() -> Q:
    """Let through invoices that are in dispute."""
    return Q(disputes__status__in=ALIVE)
