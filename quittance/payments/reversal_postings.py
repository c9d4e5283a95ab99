"""Has the ERP take back what went back of a payment: a person does, and we see it in the ledger.

Business Central's interface can neither refund nor reverse (business-central.md, 2.8). An invoice
that is owed again is open in the portal as soon as the ERP says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from quittance.core import clock
from quittance.core.money import Money
from quittance.erp.base import Erp, ReversalInstruction
from quittance.payments.given_back import ends_a_return, taken_before
from quittance.payments.models import GatewayAttempt, Payment, Reversal
from quittance.payments.refit import refit
from quittance.payments.shares import lines_to_take, shares, standing_payment
from quittance.payments.told import IN_THE_ERP, MOVING, K, S, document_instead, next_document
from quittance.posting import by_hand
from quittance.posting.by_hand import Done, Work
from quittance.posting.instructions import reversal_of
from quittance.posting.models import ErpPosting
from quittance.posting.post import advance as advance_posting
from quittance.posting.queue import PostingLine, PostingOrder, enqueue_posting, lines_of
from quittance.posting.replace import replace_posting
from quittance.posting.transitions import LostClaim, claim
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.rows import reading, writing

R = Reversal
_WHY: Final = {R.Kind.REFUND: "refund", R.Kind.RETURN: "return", R.Kind.DISPUTE: "dispute"}


def tell_of_reversal(reversal: Reversal) -> None:
    """Put a posting in line for each account of which something goes back, in a transaction."""
    if reversal.attempt.status == GatewayAttempt.Status.SURPLUS:
        return
    if reversal.kind == R.Kind.DISPUTE_WON:
        _tell_of_win(reversal)
        return
    for posted, amount in shares(reversal):
        lines = lines_to_take(reversal, posted, amount)
        facts = {"why": _WHY[R.Kind(reversal.kind)], "code": reversal.code}
        _enqueue(reversal, posted, lines, reverses=posted.document_number, facts=facts)


def advance_reversal(payment: Payment, posting: ErpPosting) -> None:
    """Do what is next for the posting of one reversal. Raises nothing from outside."""
    with reading():
        reversal = Reversal.objects.select_related("payment", "attempt").get(pk=posting.source_id)
    if reversal.kind == R.Kind.DISPUTE_WON:
        return _advance_win(payment, reversal, posting)
    with reading():
        posted = standing_payment(payment, posting.customer_account_id)
        lines = lines_to_take(reversal, posted, posting.amount)
        told = lines_of(posting)
        same = lines == told
    if posting.status in IN_THE_ERP:
        return _tell_of_loss(reversal, posting, told, lines)
    # Once the steps are out somebody may have followed them; but nobody can take back a document
    # that never came to be.
    other = posting.reverses != posted.document_number
    if (other or (not same and posting.status == S.QUEUED)) and posted.status not in MOVING:
        return _replace(posting, posted, lines)
    if posted.status in MOVING and posting.status == S.QUEUED:
        return by_hand.wait(posting)
    work = Work(
        steps=partial(_steps, reversal, posting, posted),
        done=partial(_is_done, posting, posted),
    )
    return by_hand.advance(posting, work)


def _enqueue(
    reversal: Reversal,
    posted: ErpPosting,
    lines: Sequence[PostingLine],
    *,
    reverses: str = "",
    facts: Mapping[str, object],
) -> None:
    account = CustomerAccount.objects.select_related("legal_entity").get(
        pk=posted.customer_account_id
    )
    moment = reversal.succeeded_at or clock.now()
    enqueue_posting(
        PostingOrder(
            source_kind=K.REVERSAL,
            source_id=reversal.pk,
            legal_entity_id=posted.legal_entity_id,
            customer_account_id=account.pk,
            customer_erp_id=account.erp_id,
            customer_number=account.number,
            document_number=next_document(reversal.number, reversal.pk),
            external_reference=reversal.gateway_object or "",
            reverses=reverses,
            as_document=posted.document_number,
            posting_date=moment.astimezone(ZoneInfo(account.legal_entity.zone)).date(),
            description=f"{reversal.get_kind_display()} of payment {reversal.payment.number}",
            lines=lines,
            facts=facts,
        )
    )


def _replace(posting: ErpPosting, posted: ErpPosting, lines: Sequence[PostingLine]) -> None:
    """The payment was booked otherwise than it stood when the money went back."""
    if not claim(posting):
        return
    try:
        with writing():
            replace_posting(
                posting, lines, cause="the payment was posted otherwise",
                document_number=document_instead(posting), reverses=posted.document_number,
            )  # fmt: skip
    except LostClaim:
        return


def _steps(reversal: Reversal, posting: ErpPosting, posted: ErpPosting, erp: Erp) -> Sequence[str]:
    if reversal.status == R.Status.FAILED:
        why = reversal.detail or reversal.problem
        words = f"The money of {reversal.number} came back to us: {why} Post nothing, or take back"
        return [f"{words} what you have posted for it; then close this with a note."]
    if posted.status not in IN_THE_ERP:
        words = f"Payment {posted.document_number} is not in the ERP: it was refused there. Mend"
        words += " that first, and the steps for taking it back follow here. Or, if all of it has"
        return [f"{words} gone back, post neither and close both with a note."]
    with reading():
        instruction = _instruction(posting, posted, _taken_before(posting))
        owed = lines_to_take(reversal, posted, posting.amount)
        loss = _loss(reversal, posting, lines_of(posting), owed)
    steps = erp.how_to_reverse(instruction)
    if posted.status == S.HANDLED:
        told = f"The payment was booked by hand: {posted.note} Where the steps say"
        steps = [f"{told} {posted.document_number}, take that document.", *steps]
    return [*steps, loss] if loss else steps


def _loss(
    reversal: Reversal,
    posting: ErpPosting,
    told: Sequence[PostingLine],
    owed: Sequence[PostingLine],
) -> str:
    """Say what a dispute that is lost changes about what was told when it began; "" for nothing.

    While it was not decided no invoice was owed again.
    """
    again = [line for line in owed if line.invoice_erp_id]
    lost = reversal.kind == R.Kind.DISPUTE and reversal.reopens
    if not lost or not again or any(line.invoice_erp_id for line in told):
        return ""
    invoices = "; ".join(f"{line.invoice_number} ({line.amount})" for line in again)
    return (
        f"The dispute is lost, and these invoices are owed again: {invoices}. Unapply"
        f" {posting.reverses} from them and apply it to {posting.document_number}."
    )


def _tell_of_loss(
    reversal: Reversal,
    posting: ErpPosting,
    told: Sequence[PostingLine],
    owed: Sequence[PostingLine],
) -> None:
    """A dispute is lost after the ERP had taken the money back: somebody must apply it anew."""
    words = _loss(reversal, posting, told, owed)
    if words and not posting.facts.get("lost"):
        with writing():
            ErpPosting.objects.filter(pk=posting.pk, status=posting.status).update(
                remark=f"{words} {posting.remark}".strip()[:1000],
                facts={**posting.facts, "lost": True},
            )


def _is_done(posting: ErpPosting, posted: ErpPosting, erp: Erp) -> Done | None:
    if posted.status not in IN_THE_ERP:
        return None
    with reading():
        others = _taken_before(posting)
        # Those that stand under numbers of their own have taken nothing off the payment's number.
        corrected = [each for each in others if each.facts.get("found") == posting.reverses]
        instruction = _instruction(posting, posted, corrected)
    found = erp.find_reversal(instruction)
    if found is None:
        return None
    return Done(", ".join(map(str, found.entry_numbers)), found.document_number)


def _instruction(
    posting: ErpPosting, posted: ErpPosting, others: Sequence[ErpPosting]
) -> ReversalInstruction:
    """Say what is to be taken back of ``posted``, of which ``others`` have taken their part."""
    taken = sum(each.amount_minor for each in others)
    whole = taken + posting.amount_minor >= posted.amount_minor
    return reversal_of(
        posting, posted=posted.amount, whole=whole, taken_back=Money(taken, posting.currency)
    )


def _taken_before(posting: ErpPosting) -> list[ErpPosting]:
    """Return what else the ERP has taken back of the same document."""
    others = ErpPosting.objects.filter(
        source_kind=K.REVERSAL, legal_entity_id=posting.legal_entity_id,
        reverses=posting.reverses, status__in=IN_THE_ERP,
    )  # fmt: skip
    return list(others.exclude(pk=posting.pk))


def _tell_of_win(reversal: Reversal) -> None:
    """What the bank took came again, or a part: a payment once more, as far as it goes."""
    left = reversal.amount_minor
    for taken in _disputed(reversal):
        lines, left = _as_far_as(lines_of(taken), left)
        facts = {"why": "dispute_won", "of": str(taken.source_id)}
        if lines:
            _enqueue(reversal, taken, lines, facts=facts)


def _as_far_as(lines: Sequence[PostingLine], minor: int) -> tuple[list[PostingLine], int]:
    """Return what of these lines ``minor`` units pay, in their order, and what is left over."""
    paid = []
    for line in lines:
        part = min(minor, line.amount.minor)
        minor -= part
        if part:
            paid.append(replace(line, amount=Money(part, line.amount.currency)))
    return paid, minor


def _disputed(reversal: Reversal) -> list[ErpPosting]:
    """Return the postings of the dispute, or of the return, whose money came again."""
    taken = taken_before(reversal)
    if taken is None:
        return []
    found = ErpPosting.objects.filter(source_kind=K.REVERSAL, source_id=taken.pk)
    return list(found.exclude(status=S.REPLACED).order_by("document_number"))


def _advance_win(payment: Payment, reversal: Reversal, posting: ErpPosting) -> None:
    """Post the won money once what the dispute took is off the books; a person may see to both."""
    over = posting.status == S.CONFIRMED and posting.next_at is None
    if over or posting.status in {S.REJECTED, S.HANDLED}:
        return None
    with reading():
        taken = [
            each
            for each in _disputed(reversal)
            if each.customer_account_id == posting.customer_account_id
        ]
    status = taken[0].status if taken else S.CONFIRMED
    if posting.status == S.BY_HAND or (posting.status == S.QUEUED and status == S.HANDLED):
        work = Work(steps=lambda _: [_win_in_words(reversal, posting, taken)], done=lambda _: None)
        return by_hand.advance(posting, work)
    if status != S.CONFIRMED and posting.status == S.QUEUED:
        return by_hand.wait(posting)
    return advance_posting(posting, refit=partial(refit, payment))


def _win_in_words(reversal: Reversal, posting: ErpPosting, taken: Sequence[ErpPosting]) -> str:
    with reading():
        returned = ends_a_return(reversal)
    why = "The payer's bank took its return back" if returned else "The dispute was won"
    before = f"{taken[0].document_number} was closed by hand: {taken[0].note}" if taken else ""
    return (
        f"{why}, and {posting.amount} came back. {before} If that took the payment"
        f" back in the ERP, post a payment of {posting.amount} for customer"
        f" {posting.customer_number} with Document No. {posting.document_number} and apply it to"
        " the same invoices. If nothing was taken back there, post nothing. Then close this."
    )
