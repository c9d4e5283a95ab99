"""Begins once more, under its key, what we start ourselves and a gateway did not begin at once.

A payer who clicked is told that it failed and presses again; of what we start nobody would. While
the gateway surely knows our key, asking again is asking once, so nothing needs to be looked up
before. Source: F13 and F16 of reliability.md; M5 for the hour before the key ends.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from quittance.core import clock
from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.gateways.base import Gateway, GatewayPayment
from quittance.gateways.charges import StartedBy
from quittance.jobs.later import ASKING, next_look
from quittance.payments.asked import begin
from quittance.payments.capture import lock_attempt
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.transitions import move_attempt
from quittance.tenancy.moving import ChangedMeanwhile
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import widened

A = GatewayAttempt.Status
_BEFORE_THE_KEY_ENDS: Final = timedelta(hours=1)


def may_begin_again(gateway: Gateway, attempt: GatewayAttempt) -> bool:
    """Whether no payer waits for it, nothing of it is known, and its key is surely known there."""
    is_ours = attempt.started_by == StartedBy.SELLER and attempt.status == A.SENT
    ends = attempt.created_at + timedelta(hours=gateway.capabilities.key_lifetime_hours)
    in_time = clock.now() < ends - _BEFORE_THE_KEY_ENDS
    return is_ours and in_time and not (attempt.gateway_object or attempt.came_object)


def begin_again(gateway: Gateway, attempt: GatewayAttempt) -> GatewayPayment:
    """Ask the gateway once more for what it was asked before; not inside a transaction.

    Raises ``ChangedMeanwhile`` when another worker asks, or ``OutsideError``. After a lost answer
    it is looked up, and so it is when it is refused: that says nothing of an earlier call whose
    worker died. After any other it is asked once more.
    """
    attempt = _say_so(gateway, attempt)
    try:
        return begin(gateway, attempt)
    except OutcomeUnknown as error:
        begun_perhaps(attempt, cause=f"answer lost: {error}")
        raise
    except Refused as error:
        begun_perhaps(attempt, cause=f"refused when it was asked once more: {error}")
        raise


def begun_perhaps(attempt: GatewayAttempt, *, cause: str) -> None:
    """Write down that from now on only the gateway's own word counts, and that the call is over.

    A call may leave long after its intent was committed; what it may still do late is counted from
    its end (F15 of reliability.md).
    """
    with suppress(ChangedMeanwhile), writing():
        move_attempt(attempt, A.UNKNOWN, cause=cause[:200], sent_at=clock.now())
        _look_at(attempt, next_look(0))


def begin_later(attempt: GatewayAttempt, error: Unavailable) -> None:
    """Have a gateway that surely did nothing asked again."""
    with writing():
        _look_at(attempt, next_look(0, at_least_seconds=error.retry_after_seconds))


def _say_so(gateway: Gateway, attempt: GatewayAttempt) -> GatewayAttempt:
    """Commit that the gateway is being asked, before it is; return the row as it is then."""
    with widened(), writing():
        now = lock_attempt(attempt.pk)
        if now.sent_at != attempt.sent_at or not may_begin_again(gateway, now):
            raise ChangedMeanwhile(payment=str(now.payment_id))
        now.sent_at = clock.now()
        now.save(update_fields=["sent_at"])
        _look_at(now, now.sent_at + ASKING)
    return now


def _look_at(attempt: GatewayAttempt, at: datetime) -> None:
    Payment.objects.filter(pk=attempt.payment_id).update(next_at=at)
