"""Has the ledger keep apart the money of which nobody has decided yet what it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q

from quittance.core import clock
from quittance.core.money import Money
from quittance.payments.books import keep_apart
from quittance.payments.capture import lock_attempt
from quittance.payments.models import GatewayAttempt
from quittance.payments.quarantine import book_misfit
from quittance.reconciliation.models import Finding, GatewayMovement
from quittance.tenancy.rows import reading, writing

UNKNOWN_CHARGE: Final = "q2_charge_nobody_knows"
_A_DEPLOY: Final = timedelta(days=2)  # two releases work side by side no longer


def book_unknown(finding: Finding) -> bool:
    """Keep apart what a finding says of a charge that nobody knows, while it is open.

    Inside the transaction that changes the finding: it goes out again when the money has gone back,
    was booked for a customer, or a person says that it is all right as it is. Of other findings
    nothing is kept. Says whether that was news.
    """
    if finding.kind != UNKNOWN_CHARGE:
        return False
    movement = GatewayMovement.objects.filter(pk=UUID(finding.subject)).first()
    if movement is None:
        return False
    waits = finding.status == Finding.Status.OPEN and finding.amount_minor is not None
    came = Money(finding.amount_minor or 0, finding.currency) if waits else None
    words = "kept apart: no payment here belongs to it" if waits else "is kept apart no more"
    words = f"Charge {movement.gateway_object[:100]} {words}"
    return keep_apart(str(finding.pk), movement.gateway_account_id, came, words=words)


def keep_all_apart() -> int:
    """Book what was not booked when it was seen or decided, as by the release before.

    Returns how much was news. Each in a transaction of its own, what waits and what was decided
    within the days of a deploy. Where all is booked, it changes nothing.
    """
    lately = clock.now() - _A_DEPLOY
    waits = ~Q(status=GatewayAttempt.Status.SURPLUS) | Q(payment__ended_at__gt=lately)
    is_open = Q(status=Finding.Status.OPEN) | Q(closed_at__gt=lately)
    with reading():
        marked = GatewayAttempt.objects.exclude(came_object="").filter(waits)
        attempts = list(marked.values_list("pk", flat=True))
        unknown = Finding.objects.filter(is_open, kind=UNKNOWN_CHARGE)
        findings = list(unknown.values_list("pk", flat=True))
    news = 0
    for attempt_id in attempts:
        with writing():
            news += book_misfit(lock_attempt(attempt_id))
    for finding_id in findings:
        with writing():
            news += book_unknown(Finding.objects.select_for_update().get(pk=finding_id))
    return news
