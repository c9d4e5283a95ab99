"""Reads payments for the AR team: a page of the list, or one with everything that hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from quittance.approvals.models import ApprovalRequest
from quittance.audit.models import AuditEvent, StatusChange
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.ledger.models import LedgerEntry
from quittance.paylinks.models import PayLink
from quittance.payments.disputes import UNDECIDED
from quittance.payments.given_back import returned_payment
from quittance.payments.models import (
    Allocation,
    CreditUse,
    Dispute,
    GatewayAttempt,
    Payment,
    Reversal,
)
from quittance.payments.refunds import refundable
from quittance.posting.models import ErpPosting
from quittance.receivables.models import CustomerAccount
from quittance.reconciliation.models import Finding, GatewayMovement
from quittance.transfers.models import Announcement

PAGE: Final = 50
_ACCOUNTS: Final = 100  # of so many customers the payments are looked up one by one
_LAST: Final = "\U0010ffff"
# The words before a movement's subject: payments/books.py, payments/reflect.py.
_MOVEMENTS: Final = (
    "captured", "surplus", "posted", "reversed", "unreversed", "given_back", "lost",
    "reversal_posted", "gateway_fee",
)  # fmt: skip
# With ":1", ":2" behind the subject.
_AGAIN: Final = ("posted", "reversal_posted", "undone", "quarantined")
_TIMES: Final = range(1, 6)
_UNDER_WAY: Final = (Payment.Status.CREATED, Payment.Status.IN_FLIGHT)
_LOST: Final = (Payment.Status.FAILED, Payment.Status.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """One page of payments, the newest first; ``newer`` and ``older`` are places, or empty."""

    payments: list[Any]  # Payment with ``invoices``, ``posting_status``, ``document``, ``is_...``
    newer: str
    older: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A payment, and every row of ours that speaks of it."""

    payment: Payment
    user: User | None
    link: str  # of whom the pay link was by which a guest paid; "": no guest did
    approval: ApprovalRequest | None  # with which a person of the customer's let it begin
    allocations: list[Allocation]
    credit_uses: list[CreditUse]
    attempts: list[GatewayAttempt]
    movements: list[GatewayMovement]  # of the gateway's own books, as far as they were read
    reversals: list[Reversal]
    disputes: list[Dispute]
    refundable: Money
    postings: list[ErpPosting]  # of the payment and of what went back of it
    entries: list[LedgerEntry]
    changes: list[StatusChange]
    events: list[AuditEvent]
    names: dict[str, str]  # actor -> name


def some_payments(*, tab: str, q: str, after: str, before: str) -> Some:
    """Return one page, in a transaction of the caller; ``q`` begins a number."""
    place = _read_place(before or after)
    backwards = bool(before) and place is not None
    rows = _of_tab(tab)
    if q:
        rows = rows.filter(_begins(q.upper()))
    if place:
        than = "gt" if backwards else "lt"
        rows = rows.filter(**{f"created_at__{than}e": place[0]}).filter(
            Q(**{f"created_at__{than}": place[0]}) | Q(**{f"pk__{than}": place[1]})
        )
    sign = "" if backwards else "-"
    posting = ErpPosting.objects.filter(source_id=OuterRef("pk")).order_by("-ordinal")
    invoices = Allocation.objects.filter(payment=OuterRef("pk")).order_by().values("payment")
    found = list(
        rows.select_related("customer_account")
        .annotate(
            # Each counted for itself: a join would have to count all before it sorts any.
            invoices=Coalesce(
                Subquery(invoices.annotate(n=Count("invoice", distinct=True)).values("n")), 0
            ),
            posting_status=Subquery(posting.values("status")[:1]),
            document=Subquery(posting.values("document_number")[:1]),
            is_refunded=_went_back(Reversal.Kind.REFUND),
            is_returned=returned_payment(),
            is_disputed=_disputed(),
        )
        .order_by(f"{sign}created_at", f"{sign}pk")[: PAGE + 1]
    )
    more = len(found) > PAGE
    found = found[:PAGE]
    if backwards:
        found.reverse()
    return Some(
        payments=found,
        newer=_place(found[:1]) if (more if backwards else place) else "",
        older=_place(found[-1:]) if (backwards or more) else "",
    )


def count_under_way() -> int:
    """Return how many payments are neither in nor over."""
    return Payment.objects.filter(status__in=_UNDER_WAY).count()


def whole_payment(number: str) -> Whole | None:
    """Return the payment with this number and all about it, in a transaction of the caller."""
    payment = (
        Payment.objects.select_related("customer_account__legal_entity", "gateway_account", "user")
        .filter(number=number)
        .first()
    )
    if payment is None:
        return None
    attempts = list(payment.attempts.order_by("ordinal"))
    reversals = list(payment.reversals.select_related("user").order_by("created_at"))
    disputes = list(payment.disputes.order_by("created_at"))
    movements = _movements(attempts)
    sources = [payment.pk, *(each.pk for each in reversals)]
    postings = list(
        ErpPosting.objects.filter(source_id__in=sources).order_by("created_at", "ordinal")
    )
    rows = (*attempts, *reversals, *disputes, *postings)
    findings = Finding.objects.filter(payment_id=payment.pk).values_list("pk", flat=True)
    subjects = [payment.pk, *(each.pk for each in rows), *findings]
    changes = list(StatusChange.objects.filter(subject_id__in=subjects).order_by("-sequence"))
    events = list(AuditEvent.objects.filter(subject_id__in=subjects).order_by("-happened_at"))
    return Whole(
        payment=payment,
        user=payment.user,
        link=_link(payment),
        approval=_approval(payment),
        allocations=list(
            payment.allocations.select_related("invoice").order_by(
                "invoice__due_date", "invoice__number"
            )
        ),
        credit_uses=list(payment.credit_uses.select_related("credit", "invoice")),
        attempts=attempts,
        movements=movements,
        reversals=reversals,
        disputes=disputes,
        refundable=refundable(payment),
        postings=postings,
        entries=_entries([*subjects, *(each.pk for each in movements)]),
        changes=changes,
        events=events,
        names=_names({each.actor for each in changes} | {each.actor for each in events}),
    )


def _approval(payment: Payment) -> ApprovalRequest | None:
    """Return what was approved: the payment, or the transfer that it was announced as."""
    announced = Announcement.objects.filter(payment=payment).values_list("pk", flat=True)
    people = ("maker", "decided_by", "decided_for")
    rows = ApprovalRequest.objects.filter(used_for__in=[payment.pk, *announced])
    return rows.select_related(*people).first()


def _of_tab(tab: str) -> QuerySet[Payment]:
    payments = Payment.objects.all()
    tabs: dict[str, Q] = {
        "under_way": Q(status__in=_UNDER_WAY),
        "succeeded": Q(status=Payment.Status.SUCCEEDED),
        "failed": Q(status__in=_LOST),
        "refunded": Q(_went_back(Reversal.Kind.REFUND)),
        "returned": Q(returned_payment()),
        "disputed": Q(Exists(Dispute.objects.filter(payment=OuterRef("pk")))),
    }
    return payments.filter(tabs[tab]) if tab in tabs else payments


def _begins(begin: str) -> Q:
    """Payments whose number begins so, or their customer's: its accounts are looked up first."""
    accounts = CustomerAccount.objects.filter(number__gte=begin, number__lt=begin + _LAST)
    ids = list(accounts.values_list("pk", flat=True)[: _ACCOUNTS + 1])
    of_these = Q(customer_account__in=ids if len(ids) <= _ACCOUNTS else accounts)
    return Q(number__gte=begin, number__lt=begin + _LAST) | of_these


def _went_back(kind: Reversal.Kind) -> Exists:
    found = Reversal.objects.filter(payment=OuterRef("pk"), kind=kind)
    return Exists(found.exclude(status=Reversal.Status.FAILED))


def _disputed() -> Exists:
    undecided = Dispute.objects.filter(payment=OuterRef("pk"), status__in=UNDECIDED)
    return Exists(undecided)


def _movements(attempts: list[GatewayAttempt]) -> list[GatewayMovement]:
    objects = [each.gateway_object for each in attempts if each.gateway_object]
    found = GatewayMovement.objects.filter(
        gateway_account_id__in={each.gateway_account_id for each in attempts},
        gateway_object__in=objects,
    )
    return list(found.order_by("happened_at", "pk")) if objects else []


def _entries(subjects: list[UUID]) -> list[LedgerEntry]:
    keys = [f"{word}:{subject}" for word in _MOVEMENTS for subject in subjects]
    keys += [f"{word}:{each}:{n}" for word in _AGAIN for each in subjects for n in _TIMES]
    entries = LedgerEntry.objects.filter(transaction__key__in=keys).select_related("transaction")
    return list(entries.order_by("transaction__recorded_at", "transaction_id", "-amount_minor"))


def _link(payment: Payment) -> str:
    if payment.pay_link_id is None:
        return ""
    maker = PayLink.objects.select_related("made_by").get(pk=payment.pay_link_id).made_by
    facts = {"name": maker.name or maker.email, "mail": payment.payer_mail}
    return str(_("made by %(name)s; the payer said: %(mail)s") % facts)


def _names(actors: set[str]) -> dict[str, str]:
    ids = [actor.removeprefix("user:") for actor in actors if actor.startswith("user:")]
    users = User.objects.filter(pk__in=[each for each in ids if len(each) == 36])
    return {f"user:{user.pk}": user.name for user in users}


def _place(payments: list[Any]) -> str:
    return f"{payments[0].created_at.isoformat()}~{payments[0].pk}" if payments else ""


def _read_place(place: str) -> tuple[datetime, UUID] | None:
    moment_text, _, id_text = place.replace(" ", "+").partition("~")
    try:
        moment, row_id = parse_datetime(moment_text), UUID(id_text)
    except ValueError:
        return None
    return (moment, row_id) if moment and moment.tzinfo else None
