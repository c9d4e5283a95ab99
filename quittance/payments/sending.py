"""Takes refunds that are written down as far as they go now: sends them, asks what became of them.

A refund is sent once. While the gateway surely knows our key it may be sent again under it; after
that only its own word counts. Source: F18 and F31 of reliability.md.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import OutcomeUnknown, OutsideError, Refused, Unavailable
from quittance.gateways.base import Capabilities, GatewayRefund, RefundRequest, Refunds
from quittance.jobs.later import ASKING, next_look
from quittance.payments.disputes import UNDECIDED
from quittance.payments.models import Dispute, GatewayAttempt, Payment, Reversal
from quittance.payments.reversals import GONE_ELSEWHERE, apply_refund, fail, gone, lock, note
from quittance.payments.transitions import move_reversal
from quittance.tenancy.moving import ChangedMeanwhile
from quittance.tenancy.rows import reading, writing

A, R = GatewayAttempt.Status, Reversal.Status
MOVING: Final = (R.REQUESTED, R.SENT, R.UNKNOWN, R.PENDING)
_BEFORE_THE_KEY_ENDS: Final = timedelta(hours=1)
_PENDING_LOOK: Final = timedelta(hours=6)  # longest time between two looks: the bank takes days


def advance_reversals(payment: Payment) -> datetime | None:
    """Bring every refund of a payment as far as it goes now; say when to look next.

    Nothing is raised: what cannot be asked now is looked at later.
    """
    with reading():
        moving = list(payment.reversals.filter(status__in=MOVING).order_by("created_at"))
    if not moving:
        return None
    for reversal in moving:
        try:
            _advance(reversal)
        except ChangedMeanwhile:
            continue  # another worker goes on with it
        except OutsideError as error:
            _later(reversal, error)
    with reading():
        due = payment.reversals.filter(status__in=MOVING).values_list("next_at", flat=True)
        return min((moment or next_look(0) for moment in due), default=None)


def send_refund(reversal: Reversal) -> None:
    """Ask the gateway for a refund that was surely never asked for, and write its answer down.

    Nothing is raised: the row says what became of it.
    """
    try:
        _send(reversal)
    except ChangedMeanwhile:
        return
    except OutsideError as error:
        _later(reversal, error)


def _advance(reversal: Reversal) -> None:
    if reversal.status == R.REQUESTED:
        return _send(reversal)
    gateway, attempt = _way(reversal)
    if reversal.gateway_object:
        return _apply(reversal, gateway.read_refund(reversal.gateway_object))
    found = gateway.find_refund(reversal.reference, gateway_object=attempt.gateway_object or "")
    if found is not None:
        return _apply(reversal, found)
    return _after_silence(reversal, gateway_for(attempt.gateway_account_id).capabilities)


def _after_silence(reversal: Reversal, facts: Capabilities) -> None:
    """The gateway shows no such refund: wait, send again under the same key, or take its word."""
    sent_at, now = reversal.sent_at or reversal.created_at, clock.now()
    settles_at = sent_at + timedelta(seconds=facts.settle_seconds)
    key_ends_at = _key_ends_at(sent_at, facts)
    if settles_at <= now < key_ends_at:
        return _send(reversal)
    final_at = max(settles_at, key_ends_at + ASKING)
    if now < final_at:
        return _look(reversal, settles_at if now < settles_at else final_at)
    hours = int((now - sent_at).total_seconds() // 3600)
    return _end(reversal, f"the gateway has no such refund {hours} h after it was sent")


def _key_ends_at(sent_at: datetime, facts: Capabilities) -> datetime:
    """Until then the gateway surely knows our key: a second send is the first one."""
    return sent_at + timedelta(hours=facts.key_lifetime_hours) - _BEFORE_THE_KEY_ENDS


def _send(reversal: Reversal) -> None:
    """Say that the gateway is being asked, before it is, and ask. Raises ``OutsideError``."""
    gateway, attempt = _way(reversal)
    again = reversal.status != R.REQUESTED
    facts = gateway_for(attempt.gateway_account_id).capabilities
    if not _say_so(reversal, facts):
        return None
    request = RefundRequest(
        reference=reversal.reference,
        gateway_object=attempt.gateway_object or "",
        amount=reversal.amount,
    )
    try:
        answer = gateway.create_refund(request)
    except Refused as error:
        # It may refuse because an earlier send, whose answer was lost, has sent it all back.
        found = again and gateway.find_refund(
            reversal.reference, gateway_object=request.gateway_object
        )
        if not found:
            return _end(reversal, "the gateway refused", detail=str(error)[:500])
        answer = found
    return _apply(reversal, answer)


def _say_so(reversal: Reversal, facts: Capabilities) -> bool:
    """Commit "sent" before the send; ``False`` when meanwhile it must not be sent any more."""
    with writing():
        attempt = lock(reversal.attempt_id)
        was = reversal.status, reversal.next_at
        reversal.refresh_from_db()
        if (reversal.status, reversal.next_at) != was:
            raise ChangedMeanwhile  # another worker sends it, or has heard of it
        now = clock.now()
        if reversal.status == R.REQUESTED:
            problem = _no_longer(attempt, reversal)
            if problem:
                fail(reversal, cause="not sent", detail=problem)
                return False
        elif reversal.sent_at is None or now >= _key_ends_at(reversal.sent_at, facts):
            raise ChangedMeanwhile  # it slept too long: only the gateway's word counts now
        sent = {"sent_at": reversal.sent_at or now, "next_at": now + ASKING}
        if not move_reversal(reversal, R.SENT, cause="asked the gateway", **sent):
            note(reversal, **sent)
    return True


def _no_longer(attempt: GatewayAttempt, reversal: Reversal) -> str:
    """Say why a refund that was asked for must not be sent any more; "" if it may."""
    left = attempt.came.minor - gone(attempt, but=reversal)
    if left < reversal.amount_minor:
        return GONE_ELSEWHERE
    if Dispute.objects.filter(attempt=attempt, status__in=UNDECIDED).exists():
        return "Meanwhile the payer's bank disputes this payment."
    return ""


def _way(reversal: Reversal) -> tuple[Refunds, GatewayAttempt]:
    """Return the gateway and what it must take the money from. Raises ``OutsideError``."""
    with reading():
        attempt = GatewayAttempt.objects.get(pk=reversal.attempt_id)
    gateway = gateway_for(attempt.gateway_account_id)
    if not isinstance(gateway, Refunds):
        raise Refused("This gateway takes no refunds from here. Make it in its own pages.")
    return gateway, attempt


def _apply(reversal: Reversal, answer: GatewayRefund) -> None:
    with writing():
        attempt = lock(reversal.attempt_id)
        reversal.refresh_from_db()
        reversal.attempt, reversal.payment = attempt, attempt.payment
        apply_refund(reversal, answer)
        if reversal.status == R.PENDING:
            at = min(next_look(reversal.failures), clock.now() + _PENDING_LOOK)
            note(reversal, next_at=at, failures=reversal.failures + 1)


def _end(reversal: Reversal, cause: str, *, detail: str = "") -> None:
    with writing():
        reversal.attempt = lock(reversal.attempt_id)
        reversal.refresh_from_db(fields=["status"])
        if reversal.status in {R.REQUESTED, R.SENT, R.UNKNOWN}:
            fail(reversal, cause=cause, **({"detail": detail} if detail else {}))


def _later(reversal: Reversal, error: OutsideError) -> None:
    """Keep what is known: surely nothing happened, or we do not know what did."""
    if isinstance(error, Refused) and reversal.status == R.REQUESTED:
        return _end(reversal, "nobody takes this refund", detail=str(error)[:500])
    wait = error.retry_after_seconds if isinstance(error, Unavailable) else None
    at = next_look(reversal.failures, at_least_seconds=wait)
    with writing():
        lock(reversal.attempt_id)
        reversal.refresh_from_db()
        if reversal.status == R.SENT and isinstance(error, OutcomeUnknown):
            move_reversal(reversal, R.UNKNOWN, cause=f"answer lost: {error}"[:200])
        if reversal.status in MOVING:
            note(reversal, next_at=at, failures=reversal.failures + 1, detail=str(error)[:500])
    return None


def _look(reversal: Reversal, at: datetime) -> None:
    with writing():
        note(reversal, next_at=at)
