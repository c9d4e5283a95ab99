"""What the AR team does about a payment that is stuck."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from quittance.core import clock
from quittance.payments.jobs import wake
from quittance.payments.models import Payment
from quittance.posting.models import ErpPosting
from quittance.posting.queue import queue_again
from quittance.tenancy.rows import writing

_SOON: Final = timedelta(minutes=1)


def retry_posting(posting_id: UUID) -> None:
    """Send a rejected posting to the ERP again. The worker looks before it posts.

    Raises ``NothingToRetry`` when it is not rejected (any more): two clerks press at once.
    """
    with writing():  # first, so that the sweep finds it even if we die before the end
        posted = ErpPosting.objects.filter(pk=posting_id).values("source_id")
        asleep = Payment.objects.filter(pk__in=posted, next_at__isnull=True)
        asleep.update(next_at=clock.now() + _SOON)
    posting = queue_again(posting_id)
    with writing():
        Payment.objects.filter(pk=posting.source_id).update(next_at=clock.now(), failures=0)
        wake(posting.source_id)
