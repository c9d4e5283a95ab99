"""What the AR team does about a posting that is stuck. Each act is audited, with its reason.

Two clerks may press at once: one does it, the other is told. Above the organization's limit what
one person decides waits until another one confirms it (F60 of reliability.md).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.payments.jobs import wake
from quittance.payments.models import Payment
from quittance.payments.reallocation import Share, allocate_anew
from quittance.payments.reflect import untell_ledger
from quittance.payments.told import MOVING, payment_of
from quittance.payments.withdrawing import withdrawn
from quittance.posting import gate
from quittance.posting.corrections import ask, done, needs_two, waiting
from quittance.posting.models import Correction, ErpPosting
from quittance.posting.queue import queue_again
from quittance.tenancy.rows import because, reading, writing

_SOON: Final = timedelta(minutes=1)
S, Act = ErpPosting.Status, Correction.Act


class NothingToHandle(RuleBroken):
    """This posting does not wait for you (any more): look at it again."""


class NoteMissing(RuleBroken):
    """Say in a few words why, and where it is booked: it is kept."""


def retry_posting(posting_id: UUID) -> None:
    """Send a rejected posting to the ERP again. The worker looks before it posts.

    Raises ``NothingToRetry`` when it is not rejected (any more): two clerks press at once.
    """
    with writing():  # first, so that the sweep finds it even if we die before the end
        payment = payment_of(ErpPosting.objects.get(pk=posting_id))
        asleep = Payment.objects.filter(pk=payment.pk, next_at__isnull=True)
        asleep.update(next_at=clock.now() + _SOON)
    queue_again(posting_id)
    with writing():
        _wake(payment)


def handle_posting(posting_id: UUID, *, note: str) -> Correction | None:
    """Say that a person has booked in the ERP what a posting is about, or that nothing is to be.

    For a posting that the ERP refused, or one that is done by hand. Its draft in the ERP is taken
    out. Returns ``None`` when it is done, or what waits for a second person. Raises
    ``NothingToHandle``, ``NoteMissing``, ``WaitsAlready`` and what ``withdrawn`` raises.
    """
    posting = _checked(posting_id, note, {S.REJECTED, S.BY_HAND})
    if needs_two(posting):
        return ask(posting, Act.HANDLE, note=note)
    _handle(posting, note, None)
    return None


def undo_handled(posting_id: UUID, *, note: str) -> Correction | None:
    """Say that a posting is not booked in the ERP after all: it goes there again, once.

    Invoices that were shown as paid meanwhile may be paid by somebody else until then; what they do
    not take any more goes on account. Returns and raises as ``handle_posting`` does.
    """
    posting = _checked(posting_id, note, {S.HANDLED})
    if needs_two(posting):
        return ask(posting, Act.UNDO, note=note)
    _undo(posting, note, None)
    return None


def put_on_account(posting_id: UUID, *, note: str) -> Correction | None:
    """Book refused money on the customer's account. See ``reallocate``."""
    return reallocate(posting_id, [], note=note)


def reallocate(posting_id: UUID, shares: Sequence[Share], *, note: str) -> Correction | None:
    """Let refused money pay other open invoices of the account; what is left goes on account.

    Returns as ``handle_posting`` does; raises what ``allocate_anew`` raises.
    """
    posting = _checked(posting_id, note, {S.REJECTED})
    if needs_two(posting):
        lines = [[str(share.invoice_id), share.amount.minor] for share in shares]
        return ask(posting, Act.ALLOCATE, note=note, lines=lines)
    _allocate(posting, shares, note, None)
    return None


def confirm_correction(correction_id: UUID) -> None:
    """Do what another person asked for. Raises ``SamePerson``, ``NothingWaits``, and the act's."""
    with reading():
        correction = waiting(correction_id)
        posting = ErpPosting.objects.get(pk=correction.posting_id)
    if correction.act == Act.HANDLE:
        _handle(posting, correction.note, correction)
    elif correction.act == Act.UNDO:
        _undo(posting, correction.note, correction)
    else:
        shares = [
            Share(UUID(invoice_id), Money(minor, posting.currency))
            for invoice_id, minor in correction.lines
        ]
        _allocate(posting, shares, correction.note, correction)


def release_postings(legal_entity_id: UUID, *, note: str) -> None:
    """Let the stopped postings of a legal entity go on. Raises ``NotStopped``, ``NoteMissing``."""
    if not note.strip():
        raise NoteMissing
    with writing():
        gate.release_stop(legal_entity_id, note=note)
        held = ErpPosting.objects.filter(legal_entity_id=legal_entity_id, status__in=MOVING)
        for kind in ("pk", "reversals__pk"):
            found = Payment.objects.filter(**{f"{kind}__in": held.values("source_id")})
            Payment.objects.filter(pk__in=found.values("pk")).update(next_at=clock.now())


def _checked(posting_id: UUID, note: str, statuses: Collection[str]) -> ErpPosting:
    if not note.strip():
        raise NoteMissing
    with reading():
        posting = ErpPosting.objects.filter(pk=posting_id, status__in=statuses).first()
    if posting is None:
        raise NothingToHandle
    return posting


def _handle(posting: ErpPosting, note: str, correction: Correction | None) -> None:
    if posting.status == S.BY_HAND:
        _set_handled(posting, S.BY_HAND, note, correction)
        return
    with withdrawn(posting, for_good=True):
        _set_handled(posting, S.REJECTED, note, correction)


def _set_handled(
    posting: ErpPosting, before: str, note: str, correction: Correction | None
) -> None:
    with writing():
        because("a person says that it is booked")
        rows = ErpPosting.objects.filter(pk=posting.pk, status=before)
        if not rows.update(status=S.HANDLED, note=note[:500], next_at=None, lease_until=None):
            raise NothingToHandle
        done(correction)
        record_event("posting handled", subject_kind="posting", subject_id=posting.pk, note=note)
        _wake(payment_of(posting))


def _undo(posting: ErpPosting, note: str, correction: Correction | None) -> None:
    with writing():
        because("a person says that it is not booked after all")
        rows = ErpPosting.objects.filter(pk=posting.pk, status=S.HANDLED)
        again = {"failures": 0, "rejection": "", "laid_at": None}
        if not rows.update(status=S.QUEUED, next_at=clock.now(), **again):
            raise NothingToHandle
        untell_ledger(posting)
        done(correction)
        record_event(
            "posting not handled after all",
            subject_kind="posting",
            subject_id=posting.pk,
            note=note,
        )
        _wake(payment_of(posting))


def _allocate(
    posting: ErpPosting, shares: Sequence[Share], note: str, correction: Correction | None
) -> None:
    def also(new: ErpPosting) -> None:
        done(correction)
        record_event(
            "payment allocated otherwise", subject_kind="posting", subject_id=posting.pk, note=note,
            instead=new.document_number,
        )  # fmt: skip
        _wake(payment_of(new))

    allocate_anew(posting, shares, also=also)


def _wake(payment: Payment) -> None:
    Payment.objects.filter(pk=payment.pk).update(next_at=clock.now(), failures=0)
    wake(payment.pk)
