"""Writes down what goes back of a payment, and with it everything that must not exist without it.

All of it happens inside a transaction of the caller, who has locked the attempt: see ``lock``.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Sum

from quittance.core import clock
from quittance.core.ids import new_id, new_number
from quittance.core.money import Money
from quittance.gateways.base import GatewayRefund, RefundState
from quittance.jobs.later import next_look
from quittance.notifications.messages import enqueue_message
from quittance.payments.books import book_reversal, unbook_reversal
from quittance.payments.given_back import ends_a_return, taken_before
from quittance.payments.models import GatewayAttempt, Payment, Reversal
from quittance.payments.postings import tell_erp_of_reversal
from quittance.payments.returned import deed_of, deed_parts, rule_for
from quittance.payments.transitions import move_reversal
from quittance.posting.models import ErpPosting
from quittance.tenancy.rows import because

A, R, K = GatewayAttempt.Status, Reversal.Status, Reversal.Kind
GONE_ELSEWHERE: Final = "Meanwhile the money has gone back another way."


def lock(attempt_id: UUID) -> GatewayAttempt:
    """Lock an attempt and its payment, in the order of the house, for what goes back of them."""
    attempt = GatewayAttempt.objects.get(pk=attempt_id)
    payment = Payment.objects.select_for_update().get(pk=attempt.payment_id)
    attempt = GatewayAttempt.objects.select_for_update().get(pk=attempt_id)
    attempt.payment = payment
    return attempt


def gone(attempt: GatewayAttempt, *, but: Reversal | None = None) -> int:
    """Return how much of what came has gone back or is on its way, in minor units."""
    found = attempt.reversals.exclude(status=R.FAILED)
    if but is not None:
        found = found.exclude(pk=but.pk)
    sums: dict[str, int] = dict(found.values_list("kind").annotate(Sum("amount_minor")))
    return sum(sums.values()) - 2 * sums.get(K.DISPUTE_WON, 0)


def new_reversal(attempt: GatewayAttempt, amount: Money, *, key: str, **facts: object) -> Reversal:
    """Write the intent down; the payment is looked at soon, whoever dies meanwhile."""
    payment, now = attempt.payment, clock.now()
    because(str(facts.get("note") or "") or "money goes back")
    reversal = Reversal.objects.create(
        id=new_id(),
        number=new_number("R"),
        customer_account_id=attempt.customer_account_id,
        payment=payment,
        attempt=attempt,
        amount_minor=amount.minor,
        fee_minor=_fee_part(attempt, amount, won=facts.get("kind") == K.DISPUTE_WON),
        currency=amount.currency,
        idempotency_key=key,
        next_at=now,
        **facts,
    )
    Payment.objects.filter(pk=payment.pk).update(next_at=now)
    payment.next_at = now
    return reversal


def refund_surplus(
    attempt: GatewayAttempt, amount: Money, *, key: str = "", **facts: object
) -> Reversal:
    """Have money that came for a payment that is over sent back."""
    return new_reversal(
        attempt, amount, key=key or f"surplus:{attempt.pk}", kind=K.REFUND,
        origin=Reversal.Origin.SURPLUS, reopens=False, **facts,
    )  # fmt: skip


def apply_refund(reversal: Reversal, answer: GatewayRefund) -> None:
    """Write down what the gateway says of a refund of ours. Old news changes nothing."""
    problem = _does_not_fit(reversal, answer)
    if problem:
        return note(reversal, problem=problem, next_at=next_look(5))
    if answer.state is RefundState.PENDING:
        return _wait(reversal, answer)
    known = {"gateway_object": answer.gateway_refund, "detail": answer.detail[:500]}
    cause = f"the gateway says: {answer.state}"
    if answer.state is RefundState.FAILED:
        return fail(reversal, cause=cause, **known)
    if reversal.status == R.FAILED:
        return note(
            reversal, problem="The gateway has made this refund after all. Look at its pages."
        )
    return succeed(reversal, cause=cause, problem="", **known)


def succeed(reversal: Reversal, *, cause: str, **known: object) -> None:
    """The money went back: the ledger, the ERP's posting and the payer are told in one step."""
    now = clock.now()
    facts = {"succeeded_at": now, "ended_at": now, "next_at": None, "failures": 0, **known}
    if not move_reversal(reversal, R.SUCCEEDED, cause=cause, **facts):
        return
    attempt = reversal.attempt
    if attempt.status == A.SURPLUS:
        _settle_surplus(attempt)
    else:
        tell_erp_of_reversal(reversal)
        if reversal.kind == K.DISPUTE_WON:
            _tell_what_had_no_room(attempt)
            _note_given_back(reversal)
    book_reversal(reversal, attempt)
    Payment.objects.filter(pk=reversal.payment_id).update(next_at=now)
    _tell_payer(reversal)


def fail(reversal: Reversal, *, cause: str, **known: object) -> None:
    """The money did not go back, or the payer's bank has sent it back to us."""
    was = reversal.status
    words = known.get("detail") or cause
    problem = f"{reversal.amount} did not go back to the payer: {words}"
    if was == R.SUCCEEDED:
        problem = f"The payer's bank sent {reversal.amount} back to us: {words}"
    facts = {"ended_at": clock.now(), "next_at": None, "problem": problem[:500], **known}
    if not move_reversal(reversal, R.FAILED, cause=cause, **facts):
        return
    if was == R.SUCCEEDED:
        unbook_reversal(reversal)
        _tell_what_had_no_room(reversal.attempt)
        Payment.objects.filter(pk=reversal.payment_id).update(next_at=clock.now())
    attempt = reversal.attempt
    if attempt.status == A.SURPLUS:
        GatewayAttempt.objects.filter(pk=attempt.pk).update(problem=problem[:500])


def note(reversal: Reversal, **changes: object) -> None:
    """Keep something about a reversal that moves nothing."""
    Reversal.objects.filter(pk=reversal.pk).update(**changes)
    for name, value in changes.items():
        setattr(reversal, name, value)


def _wait(reversal: Reversal, answer: GatewayRefund) -> None:
    cause = "the gateway says: pending"
    if reversal.status in {R.PENDING, R.SUCCEEDED, R.FAILED}:
        return
    if reversal.status == R.REQUESTED:
        move_reversal(reversal, R.SENT, cause=cause, sent_at=clock.now())
    move_reversal(
        reversal, R.PENDING, cause=cause, gateway_object=answer.gateway_refund, problem="",
        detail=answer.detail[:500], failures=0,
    )  # fmt: skip


def _does_not_fit(reversal: Reversal, answer: GatewayRefund) -> str:
    if answer.amount != reversal.amount:
        return f"The gateway says that {answer.amount} goes back, we asked for {reversal.amount}."
    if answer.reference != reversal.reference:
        return f"The gateway's refund carries the reference {answer.reference}."
    if answer.gateway_object != reversal.attempt.gateway_object:
        return f"The gateway took it from another payment, {answer.gateway_object}."
    if reversal.gateway_object and answer.gateway_refund != reversal.gateway_object:
        return f"The gateway has a second refund, {answer.gateway_refund}, for this one."
    others = reversal.attempt.reversals.filter(gateway_object=answer.gateway_refund)
    here = others.filter(kind=reversal.kind).exclude(pk=reversal.pk).first()
    if here is not None:
        return f"The gateway's refund {answer.gateway_refund} stands here already as {here.number}."
    return ""


def _fee_part(attempt: GatewayAttempt, amount: Money, *, won: bool) -> int:
    """How much of ``amount`` is the payer's fee: pro rata, and in all exactly the fee.

    Source: features.md, 5.5, "refund the fee pro rata".
    """
    payment = attempt.payment
    if attempt.status != A.SUCCEEDED or not payment.fee_minor:
        return 0
    back = gone(attempt)
    sign = -1 if won else 1
    after = max(0, min(back + sign * amount.minor, payment.amount_minor))
    share = (2 * payment.fee_minor * after + payment.amount_minor) // (2 * payment.amount_minor)
    part = sign * (share - _fee_given(attempt))
    return max(0, min(part, amount.minor, payment.fee_minor))


def _fee_given(attempt: GatewayAttempt) -> int:
    living = attempt.reversals.exclude(status=R.FAILED)
    sums: dict[str, int] = dict(living.values_list("kind").annotate(Sum("fee_minor")))
    return sum(sums.values()) - 2 * sums.get(K.DISPUTE_WON, 0)


def _settle_surplus(attempt: GatewayAttempt) -> None:
    """All that came too much has gone back: nobody needs to look any more."""
    living = attempt.reversals.filter(status=R.SUCCEEDED)
    back = sum(
        -each.amount_minor if each.kind == K.DISPUTE_WON else each.amount_minor for each in living
    )
    if back >= attempt.came.minor:
        GatewayAttempt.objects.filter(pk=attempt.pk).update(problem="")


def _tell_what_had_no_room(attempt: GatewayAttempt) -> None:
    """Money came again: what went back when nothing was there any more is told to the ERP now.

    Of what found room for a part only, the rest stays a finding for a person.
    """
    if attempt.status == A.SURPLUS:
        return
    told = ErpPosting.objects.filter(source_id=OuterRef("pk"))
    untold = attempt.reversals.filter(~Exists(told), status=R.SUCCEEDED).exclude(kind=K.DISPUTE_WON)
    for each in untold.order_by("succeeded_at", "pk"):
        each.attempt, each.payment = attempt, attempt.payment
        tell_erp_of_reversal(each)
        if gone(attempt) <= attempt.came.minor:
            words = f"{each.problem} Since then money came again: nothing is to be asked for."
            note(each, problem=words.strip()[:500])


def _note_given_back(won: Reversal) -> None:
    """A return that the bank took back asks the team for nothing any more."""
    taken = taken_before(won)
    if taken is not None and taken.kind == K.RETURN:
        words = (
            f"{taken.problem[:400]} Since then the bank gave {won.amount} back: it is paid again."
        )
        note(taken, problem=words.strip())


def _tell_payer(reversal: Reversal) -> None:
    kind = {K.REFUND: "refunded", K.RETURN: "returned"}.get(K(reversal.kind), "")
    if ends_a_return(reversal):
        kind = "paid_again"
    if not reversal.payment.mail_to or not kind:
        return
    enqueue_message(
        key=f"{kind}:{reversal.pk}",
        kind=kind,
        to=reversal.payment.mail_to,
        facts={
            "payment_id": str(reversal.payment_id),
            "number": reversal.payment.number,
            "amount_minor": reversal.amount_minor,
            "currency": reversal.currency,
            "by_link": reversal.payment.origin == Payment.Origin.PAY_LINK,
            "why": rule_for(reversal).words,
            "deed": deed_of(reversal, reversal.attempt.gateway_account_id),
            "deed_parts": deed_parts(reversal, reversal.attempt.gateway_account_id),
        },
    )
