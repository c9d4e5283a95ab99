"""Reads the tables in which something waits for a person, as rows of one queue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from quittance.core import clock
from quittance.core.money import Money
from quittance.payments.models import Dispute, GatewayAttempt, Reversal
from quittance.posting.models import Correction, ErpPosting, PostingGate
from quittance.reconciliation.catalogue import CATALOGUE
from quittance.reconciliation.models import Finding
from quittance.reconciliation.rows import TITLES, Act, ExceptionRow, Kind
from quittance.reconciliation.words import sentence_of

_METHOD: Final = "method"  # as views of kept ways to pay call their subject
S, A, R = ErpPosting.Status, GatewayAttempt.Status, Reversal.Status


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one table that wait, and how each is written down."""

    rows: Callable[[], QuerySet[Any]]
    row_of: Callable[[Any], ExceptionRow]
    since: str  # the column that its age counts from


def _refused() -> QuerySet[ErpPosting]:
    return ErpPosting.objects.filter(status=S.REJECTED)


def _refused_row(posting: ErpPosting) -> ExceptionRow:
    return _posting_row(
        posting, Kind.POSTING_REFUSED, posting.rejection, Act.RETRY_POSTING,
        _("Mend the cause in the ERP, then send it again. It is looked for before it is posted."),
    )  # fmt: skip


def _by_hand() -> QuerySet[ErpPosting]:
    return ErpPosting.objects.filter(status=S.BY_HAND)


def _by_hand_row(posting: ErpPosting) -> ExceptionRow:
    sentence = _("%(document)s of %(amount)s must be booked in the ERP by a person.") % {
        "document": posting.document_number, "amount": posting.amount
    }  # fmt: skip
    return _posting_row(
        posting, Kind.POSTING_BY_HAND, sentence, Act.DO_STEPS,
        _("Do these steps in the ERP. Its ledger is watched: the row goes when they are done."),
    )  # fmt: skip


def _remarked() -> QuerySet[ErpPosting]:
    return ErpPosting.objects.exclude(remark="").exclude(status=S.REJECTED)


def _remarked_row(posting: ErpPosting) -> ExceptionRow:
    return _posting_row(
        posting, Kind.POSTING_REMARK, posting.remark, Act.SETTLE_REMARK,
        _("Look at it in the ERP, and take the remark off when it is settled."),
    )  # fmt: skip


def _stopped() -> QuerySet[PostingGate]:
    return PostingGate.objects.filter(stopped_at__isnull=False).select_related("legal_entity")


def _stopped_row(gate: PostingGate) -> ExceptionRow:
    kind = Kind.POSTINGS_STOPPED
    sentence = _("Nothing is posted for %(name)s: %(why)s") % {
        "name": gate.legal_entity.name, "why": gate.stopped_because
    }  # fmt: skip
    return ExceptionRow(
        key=f"gate:{gate.pk}", kind=kind, title=_(TITLES[kind]), sentence=sentence,
        cure=_("Find out in the ERP what became of them, then let the postings go on with a note."),
        act=Act.RELEASE_POSTINGS, since=gate.stopped_at or clock.now(),
        subject_id=gate.legal_entity_id,
    )  # fmt: skip


def _corrections() -> QuerySet[Correction]:
    waiting = Correction.objects.filter(outcome=Correction.Outcome.WAITS)
    return waiting.select_related("posting")


def _correction_row(correction: Correction) -> ExceptionRow:
    kind, posting = Kind.SECOND_PERSON, correction.posting
    sentence = _("Somebody wants this for %(document)s of %(amount)s: %(note)s") % {
        "document": posting.document_number, "amount": posting.amount, "note": correction.note,
    }  # fmt: skip
    of_reversal = posting.source_kind == ErpPosting.Kind.REVERSAL
    return ExceptionRow(
        key=f"correction:{correction.pk}", kind=kind, title=_(TITLES[kind]), sentence=sentence,
        cure=_("Look at it and confirm it, or take it back. Who asked for it may not confirm it."),
        act=Act.CONFIRM, since=correction.asked_at, subject_id=correction.pk,
        amount=posting.amount, posting_id=posting.pk,
        payment_id=None if of_reversal else posting.source_id,
        reversal_id=posting.source_id if of_reversal else None,
        customer_account_id=posting.customer_account_id,
    )  # fmt: skip


def _posting_row(
    posting: ErpPosting, kind: Kind, sentence: str, act: Act, cure: str
) -> ExceptionRow:
    of_reversal = posting.source_kind == ErpPosting.Kind.REVERSAL
    return ExceptionRow(
        key=f"posting:{posting.pk}", kind=kind, title=_(TITLES[kind]), sentence=sentence,
        cure=cure, act=act, since=posting.created_at, subject_id=posting.pk,
        amount=posting.amount, steps=tuple(posting.steps), posting_id=posting.pk,
        payment_id=None if of_reversal else posting.source_id,
        reversal_id=posting.source_id if of_reversal else None,
        customer_account_id=posting.customer_account_id,
    )  # fmt: skip


def _puzzling() -> QuerySet[GatewayAttempt]:
    told = GatewayAttempt.objects.exclude(problem="").exclude(status=A.SURPLUS)
    return told.select_related("payment")


def _puzzling_row(attempt: GatewayAttempt) -> ExceptionRow:
    return _attempt_row(
        attempt, Kind.ANSWER_PUZZLING, attempt.problem, Act.ASK_GATEWAY,
        _("No invoice was reduced by it. Ask the gateway again; an answer that fits clears it."),
    )  # fmt: skip


def _surplus() -> QuerySet[GatewayAttempt]:
    refund = Reversal.objects.filter(
        attempt=OuterRef("pk"), kind=Reversal.Kind.REFUND
    ).exclude(status=R.FAILED)  # fmt: skip
    return GatewayAttempt.objects.filter(~Exists(refund), status=A.SURPLUS).select_related(
        "payment"
    )


def _surplus_row(attempt: GatewayAttempt) -> ExceptionRow:
    sentence = _("%(amount)s came after payment %(number)s had ended.") % {
        "amount": attempt.came, "number": attempt.payment.number
    }  # fmt: skip
    cure = _("Give it back: the customer owes nothing for it.")
    return _attempt_row(attempt, Kind.SURPLUS, sentence, Act.REFUND_PAYMENT, cure)


def _attempt_row(
    attempt: GatewayAttempt, kind: Kind, sentence: str, act: Act, cure: str
) -> ExceptionRow:
    return ExceptionRow(
        key=f"attempt:{attempt.pk}", kind=kind, title=_(TITLES[kind]), sentence=sentence,
        cure=cure, act=act, since=attempt.created_at, subject_id=attempt.pk,
        amount=attempt.misfit or attempt.came, payment_id=attempt.payment_id,
        payment_number=attempt.payment.number, customer_account_id=attempt.customer_account_id,
    )  # fmt: skip


def _disputes() -> QuerySet[Dispute]:
    return Dispute.objects.filter(status=Dispute.Status.OPEN).select_related("payment")


def _dispute_row(dispute: Dispute) -> ExceptionRow:
    kind, amount = Kind.DISPUTED, Money(dispute.amount_minor, dispute.currency)
    sentence = _("The payer's bank asks %(amount)s of payment %(number)s back: %(reason)s.") % {
        "amount": amount, "number": dispute.payment.number,
        "reason": dispute.reason or _("no reason given"),
    }  # fmt: skip
    return ExceptionRow(
        key=f"dispute:{dispute.pk}", kind=kind, title=_(TITLES[kind]), sentence=sentence,
        cure=_("Answer in the gateway's pages before the day, or accept it."),
        act=Act.ANSWER_DISPUTE, since=dispute.created_at, subject_id=dispute.pk,
        amount=amount, until=dispute.answer_until, payment_id=dispute.payment_id,
        payment_number=dispute.payment.number, customer_account_id=dispute.customer_account_id,
    )  # fmt: skip


def _findings() -> QuerySet[Finding]:
    return Finding.objects.filter(status=Finding.Status.OPEN, kind__in=CATALOGUE)


def handled_findings() -> tuple[QuerySet[Finding], Callable[[Finding], ExceptionRow]]:
    """Return what a person took off the list, and how it is written down."""
    handled = Finding.objects.filter(status=Finding.Status.HANDLED, kind__in=CATALOGUE)
    return handled, _finding_row


def _finding_row(finding: Finding) -> ExceptionRow:
    entry = CATALOGUE[finding.kind]
    return ExceptionRow(
        key=f"finding:{finding.pk}", kind=entry.kind, title=_(TITLES[entry.kind]),
        sentence=sentence_of(
            finding.kind, finding.facts, amount_minor=finding.amount_minor,
            currency=finding.currency,
        ),
        cure=_(entry.cure), act=entry.act, since=finding.opened_at, subject_id=finding.pk,
        amount=finding.amount, payment_id=finding.payment_id,
        customer_account_id=finding.customer_account_id, may_be_handled=True,
        method_id=UUID(finding.subject) if finding.subject_kind == _METHOD else None,
    )  # fmt: skip


SOURCES: Final[Mapping[str, Iterable[Source]]] = {
    "posting": (
        Source(_refused, _refused_row, "created_at"),
        Source(_by_hand, _by_hand_row, "created_at"),
        Source(_remarked, _remarked_row, "created_at"),
    ),
    "gate": (Source(_stopped, _stopped_row, "stopped_at"),),
    "correction": (Source(_corrections, _correction_row, "asked_at"),),
    "attempt": (
        Source(_puzzling, _puzzling_row, "created_at"),
        Source(_surplus, _surplus_row, "created_at"),
    ),
    "dispute": (Source(_disputes, _dispute_row, "created_at"),),
    "finding": (Source(_findings, _finding_row, "opened_at"),),
}
