"""Mends by itself what is safe to mend: asks again, and has the rows' own acts do the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from quittance.payments.jobs import wake
from quittance.payments.models import GatewayAttempt
from quittance.reconciliation.books import hand_over
from quittance.reconciliation.checking import look
from quittance.tenancy.rows import reading, writing

# Whose gateway or ERP is asked again; what it says is written down by the payment's own acts.
ASK_AGAIN: Final = ("q1_nothing_in_limbo", "q2_charges_are_the_gateways", "q7_reservations_end")
_HANDED_OVER: Final = "q3_reversals_are_the_gateways"
_AT_ONCE: Final = 100
_YOUNG: Final = timedelta(minutes=5)  # before that the usual ways are still at work


def heal(*, older_than: timedelta = _YOUNG) -> int:
    """Ask again about whatever is not in step; return about how many payments.

    It decides nothing: a payment that is woken asks its gateway and its ERP, and the books'
    entries are handed to those they belong to once more.
    """
    late = [row.payment_id for key in ASK_AGAIN for row in look(key, older_than=older_than)]
    payments = set(filter(None, late[:_AT_ONCE]))
    if payments:
        with writing():
            for payment_id in sorted(payments):
                wake(payment_id)
    again = look(_HANDED_OVER, older_than=older_than, at_most=_AT_ONCE)
    hand_over_again(filter(None, (row.payment_id for row in again)))
    return len(payments) + len(again)


def hand_over_again(payment_ids: Iterable[UUID]) -> None:
    """Tell these payments once more what the gateways' books say of them."""
    objects: dict[UUID, set[str]] = defaultdict(set)
    with reading():
        attempts = GatewayAttempt.objects.filter(payment_id__in=list(payment_ids))
        for attempt in attempts.exclude(gateway_object=None):
            objects[attempt.gateway_account_id].add(attempt.gateway_object or "")
    for gateway_account_id, found in objects.items():
        hand_over(gateway_account_id, found)
