"""Slows down who tries many cards, without keeping anybody out for good. Source: security.md, 4."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q

from quittance.audit.models import AuditEvent
from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.models import Saving
from quittance.wallet.transitions import S

log = logging.getLogger(__name__)
WINDOW: Final = timedelta(hours=24)
FREE: Final = 3  # attempts that did not succeed before the first wait
_FIRST_WAIT: Final = timedelta(minutes=1)  # doubles with each attempt more
_LONGEST_WAIT: Final = timedelta(hours=4)
_ALERT_EVERY: Final = timedelta(hours=1)
LIMIT_HIT: Final = "method saving slowed down"  # what the audit trail calls it


class TooManySavings(RuleBroken):
    """There were too many attempts to add a way to pay. Nothing was saved. Try again later."""

    def __init__(self, *, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


def check_tries(
    *, customer_account_id: UUID, user_id: UUID, ip_address: str, but: UUID | None = None
) -> None:
    """Raise ``TooManySavings`` when person, customer or address tried too often lately.

    Each of them counts alone, by the savings of the last 24 hours that kept nothing; a saving that
    the form ``but`` made already asks nobody anew and is let through. The AR team finds the first
    hit of each hour in the audit trail and in the log.
    """
    since = clock.now() - WINDOW
    with widened(), reading():
        if but and Saving.objects.filter(form_key=but, user_id=user_id).exists():
            return
        who = (
            Q(user_id=user_id),
            Q(customer_account_id=customer_account_id),
            Q(consent__ip_address=ip_address),
        )
        wait = max(_wait(each & Q(created_at__gte=since)) for each in who)
    if wait <= 0:
        return
    _alert(customer_account_id, user_id=user_id)
    raise TooManySavings(retry_after_seconds=wait)


def _wait(those: Q) -> int:
    """Return for how many seconds more they have to wait; none: 0."""
    rows = Saving.objects.filter(those).exclude(status__in={S.SAVED, S.VERIFYING})
    tries = list(rows.order_by("-created_at").values_list("created_at", flat=True)[:20])
    if len(tries) < FREE:
        return 0
    pause = min(_FIRST_WAIT * 2 ** (len(tries) - FREE), _LONGEST_WAIT)
    left: float = (tries[0] + pause - clock.now()).total_seconds()
    return max(0, round(left))


def _alert(customer_account_id: UUID, *, user_id: UUID) -> None:
    log.warning("attempts to save a method slowed down: customer account %s", customer_account_id)
    with widened(), writing():
        told = AuditEvent.objects.filter(
            what=LIMIT_HIT, subject_id=customer_account_id,
            happened_at__gte=clock.now() - _ALERT_EVERY,
        )  # fmt: skip
        if not told.exists():
            record_event(LIMIT_HIT, subject_id=customer_account_id, user_id=str(user_id))
