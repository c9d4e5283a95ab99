"""Reads payments for a buyer: a page of the list, or one with everything that hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from quittance.payments.baskets import waiting_after
from quittance.payments.contents import Contents
from quittance.payments.given_back import of_disputes, returned_payment
from quittance.payments.models import (
    Allocation,
    CreditUse,
    GatewayAttempt,
    Payment,
    PaymentAccount,
    Reversal,
)
from quittance.portal.newest import newest_first
from quittance.posting.models import ErpPosting

PAGE: Final = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A payment with its latest attempt, its posting and what it pays."""

    payment: Payment
    attempt: GatewayAttempt | None
    postings: list[ErpPosting]
    allocations: list[Allocation]  # of the accounts that the reader may act for
    uses: list[CreditUse]
    reversals: list[Reversal]  # what went back, the earliest first
    waiting: Contents | None  # the basket of another currency that comes next


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """One page of payments, the newest first, and the places around it."""

    payments: list[Any]  # Payment with what ``_with_what_they_pay`` adds
    newer: str
    older: str


def some_payments(account_id: UUID, *, q: str, after: str, before: str) -> Some:
    """Return one page, in a transaction of the caller; ``q`` is the beginning of a number.

    The rows that say which accounts a payment names are read along their index, so a payment that
    somebody else began for two accounts stands in both lists at no further cost.
    """
    rows = PaymentAccount.objects.filter(customer_account_id=account_id)
    if q:
        begin = q.upper()
        rows = rows.filter(payment__number__gte=begin, payment__number__lt=begin + "\U0010ffff")
    # With their payments: those that the wall hides from this reader drop out here.
    found = newest_first(
        rows.select_related("payment"), "created_at", "payment_id", datetime, after=after,
        before=before, most=PAGE,
    )  # fmt: skip
    return Some(
        payments=_with_what_they_pay([each.payment_id for each in found.rows]),
        newer=found.newer,
        older=found.older,
    )


def latest_payments(account_id: UUID, most: int) -> list[Any]:
    """Return the account's last payments as ``some_payments`` does, in one question."""
    rows = PaymentAccount.objects.filter(customer_account_id=account_id)
    ids = rows.order_by("-created_at", "-payment_id").values("payment_id")[:most]
    return list(_described().filter(pk__in=ids).order_by("-created_at", "-pk"))


def _with_what_they_pay(payment_ids: Sequence[UUID]) -> list[Any]:
    payments = _described().in_bulk(list(payment_ids))
    return [payments[each] for each in payment_ids]


def _described() -> QuerySet[Any]:
    latest = GatewayAttempt.objects.filter(payment=OuterRef("pk")).order_by("-ordinal")
    return Payment.objects.annotate(
        invoices=Count("allocations__invoice", distinct=True),
        first_number=Min("allocations__invoice__number"),
        attempt_status=Subquery(latest.values("status")[:1]),
        is_refunded=_went_back(Reversal.Kind.REFUND),
        is_returned=returned_payment(),
        disputes_less_won=_times(Reversal.Kind.DISPUTE) - _times(Reversal.Kind.DISPUTE_WON),
    )


def _done(kind: Reversal.Kind) -> QuerySet[Reversal]:
    done = Reversal.Status.SUCCEEDED
    return Reversal.objects.filter(payment=OuterRef("pk"), kind=kind, status=done)


def _went_back(kind: Reversal.Kind) -> Exists:
    return Exists(_done(kind))


def _times(kind: Reversal.Kind) -> Coalesce:
    counted = of_disputes(_done(kind)).order_by().values("payment").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)


def whole_payment(payment_id: UUID) -> Whole | None:
    """Return one payment that the scope may see, in a transaction of the caller."""
    payment = (
        Payment.objects.select_related("customer_account__legal_entity")
        .filter(pk=payment_id)
        .first()
    )
    if payment is None:
        return None
    allocations = list(
        payment.allocations.select_related("invoice").order_by(
            "invoice__due_date", "invoice__number"
        )
    )
    with_credit = any(each.credit_minor for each in allocations)
    uses = payment.credit_uses.select_related("credit").order_by("credit__number")
    return Whole(
        payment=payment,
        attempt=payment.attempts.order_by("-ordinal").first(),
        postings=list(
            ErpPosting.objects.filter(source_id=payment.pk)
            .exclude(status=ErpPosting.Status.REPLACED)
            .order_by("created_at", "pk")
        ),
        allocations=allocations,
        uses=list(uses) if with_credit else [],
        reversals=list(payment.reversals.order_by("created_at", "pk")),
        waiting=_waiting(payment),
    )


def _waiting(payment: Payment) -> Contents | None:
    """Return the basket that comes after the one that became this payment."""
    if payment.origin != Payment.Origin.CHECKOUT:
        return None
    try:
        return waiting_after(UUID(payment.idempotency_key))
    except ValueError:  # the key is not a basket's
        return None
