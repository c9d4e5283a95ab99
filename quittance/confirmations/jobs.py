"""Ends requests whose days are over, so that no secret waits for ever."""

from __future__ import annotations

from typing import Final

from procrastinate.contrib.django import app

from quittance.confirmations.models import ALIVE, Confirmation
from quittance.confirmations.requests import expire
from quittance.core import clock
from quittance.jobs.organization import each_organization
from quittance.tenancy.rows import writing

_AT_ONCE: Final = 200


@app.periodic(cron="17 * * * *")
@app.task(
    queue="housekeeping", name="confirmations.expire", pass_context=False,
    queueing_lock="confirmations",
)  # fmt: skip
def expire_confirmations(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick
    """Every hour: who still needs it asks anew."""
    for _ in each_organization(actor="confirmations"):
        with writing():
            over = Confirmation.objects.select_for_update(of=("self",), skip_locked=True)
            over = over.filter(status__in=ALIVE, expires_at__lte=clock.now())
            for each in over.order_by("expires_at", "pk")[:_AT_ONCE]:
                expire(each)
