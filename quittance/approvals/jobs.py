"""Ends requests whose days are over, so that nothing waits for ever."""

from __future__ import annotations

from typing import Final

from procrastinate.contrib.django import app

from quittance.approvals.models import ALIVE, ApprovalRequest
from quittance.approvals.requests import outdate
from quittance.core import clock
from quittance.jobs.organization import each_organization
from quittance.tenancy.rows import writing

_AT_ONCE: Final = 200


@app.periodic(cron="37 * * * *")
@app.task(queue="approvals", name="approvals.expire", pass_context=False, queueing_lock="approvals")
def expire(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every hour: who asks again afterwards asks anew."""
    for _ in each_organization(actor="approvals"):
        with writing():
            over = ApprovalRequest.objects.select_for_update(of=("self",), skip_locked=True)
            over = over.filter(status__in=ALIVE, expires_at__lte=clock.now())
            for each in over.order_by("expires_at", "pk")[:_AT_ONCE]:
                outdate(each, "its days were over")
