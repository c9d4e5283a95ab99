"""What the AR team does about a payment that is stuck."""

from __future__ import annotations

from uuid import UUID

from quittance.core import clock
from quittance.payments.jobs import wake
from quittance.payments.models import Payment
from quittance.posting.queue import retry
from quittance.tenancy.rows import writing


def retry_posting(posting_id: UUID) -> None:
    """Send a rejected posting to the ERP again. The worker looks before it posts.

    Raises ``NothingToRetry`` when it is not rejected (any more): two clerks press at once.
    """
    posting = retry(posting_id)
    with writing():
        Payment.objects.filter(pk=posting.source_id).update(next_at=clock.now(), failures=0)
        wake(posting.source_id)
