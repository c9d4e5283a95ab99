"""Keeps what the gateway says of disputes: who has the next move, until when, and how they end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from quittance.core import clock
from quittance.gateways.base import DisputeState, GatewayDispute
from quittance.payments.books import book_loss
from quittance.payments.models import Dispute, GatewayAttempt, Reversal
from quittance.payments.reversals import lock, note
from quittance.payments.transitions import DISPUTE, move_dispute
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import widened

D, K = Dispute.Status, Reversal.Kind
UNDECIDED: Final = (D.OPEN, D.UNDER_REVIEW)
_TO: Final[Mapping[DisputeState, Dispute.Status]] = {
    DisputeState.OPEN: D.OPEN,
    DisputeState.UNDER_REVIEW: D.UNDER_REVIEW,
    DisputeState.WON: D.WON,
    DisputeState.LOST: D.LOST,
}


def keep_disputes(attempt_id: UUID, disputes: Sequence[GatewayDispute]) -> int:
    """Write down how the disputes of an attempt stand; return how many are new or have moved.

    The money moves by reversals; only a loss says that what was taken is gone for good.
    """
    if not disputes:
        return 0
    with widened(), writing():
        attempt = lock(attempt_id)
        news = sum(_keep(attempt, each) for each in disputes)
        settle_losses(attempt)
    return news


def settle_losses(attempt: GatewayAttempt) -> None:
    """Have what lost disputes took owed again, in a transaction that has locked the attempt.

    A dispute and its money may come to our knowledge in any order: call it after each. Money that
    came too much has paid no invoice: nothing is owed again by its loss.
    """
    if attempt.status == GatewayAttempt.Status.SURPLUS:
        return
    lost = Dispute.objects.filter(attempt=attempt, status=D.LOST)
    taken = attempt.reversals.filter(
        kind=K.DISPUTE, status=Reversal.Status.SUCCEEDED,
        gateway_object__in=lost.values("gateway_object"),
    )  # fmt: skip
    for reversal in taken:
        reversal.attempt, reversal.payment = attempt, attempt.payment
        if book_loss(reversal, attempt):
            words = f"The dispute is lost: {reversal.amount} is gone. The invoices are owed again."
            words = f"{reversal.problem} {words}".strip()[:500]
            note(reversal, reopens=True, problem=words)


def _keep(attempt: GatewayAttempt, said: GatewayDispute) -> int:
    facts = {"reason": said.reason[:100], "answer_until": said.answer_until}
    dispute, is_new = Dispute.objects.get_or_create(
        attempt=attempt,
        gateway_object=said.gateway_dispute,
        defaults={
            "customer_account_id": attempt.customer_account_id,
            "payment": attempt.payment,
            "amount_minor": said.amount.minor,
            "currency": said.amount.currency,
            **facts,
        },
    )
    to = _TO[said.state]
    if to == dispute.status or to not in DISPUTE[dispute.status]:  # also: old news that came late
        Dispute.objects.filter(pk=dispute.pk).update(**facts)
        return int(is_new)
    ended_at = None if to in UNDECIDED else clock.now()
    move_dispute(dispute, to, cause=f"the gateway says: {said.state}", ended_at=ended_at, **facts)
    return 1
