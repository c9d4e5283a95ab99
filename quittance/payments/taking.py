"""Has the gateway take money that waits for our word, and gives up what nobody pays any more.

Both are written down before the gateway hears of them, and exclude each other: whoever is first
holds the row. So a payment that was given up is never taken, and of one that may have been taken
nobody says that it was given up. Source: decision 11; F11 and F21 of reliability.md.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from quittance.core import clock
from quittance.core.errors import OutcomeUnknown, OutsideError, Refused, Unavailable
from quittance.gateways.base import CompletesPayments, Gateway, GatewayPayment, PaymentState
from quittance.gateways.charges import ChargesSavedMethods
from quittance.gateways.saved import SavesMethods
from quittance.jobs.later import ASKING, next_look
from quittance.payments.asked import charge_of, charged_method, is_charge
from quittance.payments.capture import apply_answer, lock_attempt
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.quarantine import does_not_fit
from quittance.payments.transitions import move_attempt
from quittance.tenancy.moving import ChangedMeanwhile
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import widened
from quittance.wallet.stopping import is_stopped

A, P = GatewayAttempt.Status, Payment.Status


class GivenUp(Exception):
    """The payment is over or was given up, its answer does not fit, or it waits for others."""


def our_move(
    gateway: Gateway, attempt: GatewayAttempt, told: GatewayPayment, *, is_old: bool = False
) -> GatewayPayment:
    """Do what is ours to do with an open payment; return the gateway's last word on it.

    Our word is said where nothing but it is missing. What ``is_old``, and was left by the payer, is
    let go; so is a charge that the gateway refuses, for no payer is there who could do something.
    ``told`` is the gateway's word of just now. Raises ``OutsideError``, with all that is known
    written down. Not inside a transaction.
    """
    refused = False
    if not _is_given_up(attempt):
        try:
            return take(gateway, attempt, told)
        except GivenUp:
            pass
        except Refused:
            refused = is_charge(attempt)
    answer = told
    if is_old or refused or _is_given_up(attempt):
        with suppress(GivenUp):
            answer = let_go(gateway, attempt, told)
    if refused and answer.state is PaymentState.CANCELLED:
        return replace(answer, state=PaymentState.FAILED, reason=why_refused(gateway, attempt))
    return answer


def why_refused(gateway: Gateway, attempt: GatewayAttempt) -> str:
    """Return a word of ours for why the gateway refused a payment: its kept method may be gone."""
    if not is_charge(attempt) or not isinstance(gateway, SavesMethods):
        return "gateway_fault"
    with widened(), writing():
        if _is_stopped(attempt):
            return "method_gone"
    try:
        usable = gateway.read_method(charged_method(attempt)).is_usable
    except Refused:
        usable = False
    except OutsideError:
        usable = True
    return "gateway_fault" if usable else "method_gone"


def take(gateway: Gateway, attempt: GatewayAttempt, told: GatewayPayment) -> GatewayPayment:
    """Say our word to a payment that waits for it; return what the gateway makes of it.

    What the gateway said is kept, and that we say our word, before it is said: so the object's id
    is in our books before money moves. Raises ``GivenUp``, ``Refused`` (surely not taken, it may be
    given up), or another ``OutsideError``; one whose answer was lost is ``UNKNOWN`` then.
    """
    if told.state is not PaymentState.OPEN or not told.waits_for_us:
        raise GivenUp
    deed = _deed(gateway, attempt)
    sent, earlier = _say_so(attempt, told)
    try:
        return deed(sent, told.gateway_object)
    except OutcomeUnknown as error:
        _answer_lost(sent, error)
        raise
    except OutsideError as error:
        _take_word_back(sent, earlier, error)
        raise


def let_go(gateway: Gateway, attempt: GatewayAttempt, told: GatewayPayment) -> GatewayPayment:
    """Close an open payment at the gateway, so that nobody can pay it any more; return its word.

    That we give it up is written down first: then it is never taken, and closed by the next look
    when the gateway cannot be asked now. Not inside a transaction. Raises ``GivenUp`` when it is
    not to be given up: over, or our word may be on its way to the gateway at this moment. Raises
    ``OutsideError``.
    """
    with widened(), writing():
        now = _as_open(attempt, told)
        if not _is_given_up(now):
            if _is_on_its_way(now, told):
                raise GivenUp
            GatewayAttempt.objects.filter(pk=now.pk).update(given_up_at=clock.now())
            _look_at(now, next_look(0))
    return gateway.cancel_payment(told.gateway_object)


def _is_given_up(attempt: GatewayAttempt) -> bool:
    return attempt.given_up_at is not None


def _is_stopped(attempt: GatewayAttempt) -> bool:
    """Say whether a bank's return has stopped the kept method since the payer confirmed."""
    return attempt.kept_method_id is not None and is_stopped(attempt.kept_method_id)


def _is_on_its_way(now: GatewayAttempt, told: GatewayPayment) -> bool:
    """Whether our word may be under way: ``told`` may be from before the payer agreed.

    A charge waits for our word from its beginning, so one that does not has heard it.
    """
    if now.word_at is None or clock.now() >= now.word_at + ASKING:
        return False
    return told.waits_for_us or not is_charge(now)


def _deed(
    gateway: Gateway, attempt: GatewayAttempt
) -> Callable[[GatewayAttempt, str], GatewayPayment]:
    """Return what takes the money. Raises ``GivenUp`` for a gateway that waits for no word."""
    if is_charge(attempt) and isinstance(gateway, ChargesSavedMethods):
        return lambda sent, object_: gateway.charge(object_, charge_of(sent))
    if not is_charge(attempt) and isinstance(gateway, CompletesPayments):
        return lambda _, object_: gateway.complete_payment(object_)
    raise GivenUp


def _say_so(
    attempt: GatewayAttempt, told: GatewayPayment
) -> tuple[GatewayAttempt, datetime | None]:
    """Commit that the gateway is asked to take the money; return also when it was before.

    Raises ``GivenUp``, or ``Refused`` when a bank's return has stopped the method meanwhile.
    """
    with widened(), writing():
        now = _as_open(attempt, told)
        if _is_given_up(now):
            raise GivenUp
        if _is_stopped(now):
            raise Refused("The payer's bank has returned a payment by this method.")
        moment, earlier = clock.now(), now.word_at
        cause = "it waited for our word: asked the gateway to take the money"
        move_attempt(now, A.SENT, cause=cause, word_at=moment)
        _look_at(now, moment + ASKING)
    return now, earlier


def _as_open(attempt: GatewayAttempt, told: GatewayPayment) -> GatewayAttempt:
    """Write down that it is open, and return it, locked; raise ``GivenUp`` for any other."""
    apply_answer(attempt.pk, told)
    now = lock_attempt(attempt.pk)
    misfit = now.gateway_object != told.gateway_object or does_not_fit(now, told)
    if misfit or now.payment.status != P.IN_FLIGHT or now.status != A.OPEN:
        raise GivenUp
    return now


def _answer_lost(sent: GatewayAttempt, error: OutcomeUnknown) -> None:
    """It may have been taken: only the gateway's own word counts now."""
    with suppress(ChangedMeanwhile), widened(), writing():
        cause = f"answer lost: {error}"[:200]
        move_attempt(sent, A.UNKNOWN, cause=cause, word_at=clock.now())  # as in begun_perhaps
        _look_at(sent, next_look(sent.payment.failures))


def _take_word_back(sent: GatewayAttempt, earlier: datetime | None, error: OutsideError) -> None:
    """Surely nothing was taken by this word; one that was said before or meanwhile stays."""
    with suppress(ChangedMeanwhile), widened(), writing():
        now = lock_attempt(sent.pk)
        if now.status == A.SENT and now.word_at == sent.word_at:
            move_attempt(now, A.OPEN, cause="the gateway took nothing", word_at=earlier)
            wait = error.retry_after_seconds if isinstance(error, Unavailable) else None
            _look_at(now, next_look(now.payment.failures, at_least_seconds=wait))


def _look_at(attempt: GatewayAttempt, at: datetime) -> None:
    Payment.objects.filter(pk=attempt.payment_id).update(next_at=at)
