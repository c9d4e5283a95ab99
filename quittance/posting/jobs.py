"""Looks after postings by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from quittance.jobs.organization import each_organization
from quittance.posting.verify import verify_confirmed


@app.periodic(cron="* * * * *")
@app.task(queue="erp", name="posting.verify", pass_context=False, queueing_lock="posting.verify")
def verify(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every minute: compare some confirmed postings with the ERP's books, each one once a day."""
    for _ in each_organization(actor="sync"):
        verify_confirmed()
