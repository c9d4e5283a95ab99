"""Writes down the end of visits whose time is over."""

from __future__ import annotations

from procrastinate.contrib.django import app

from quittance.jobs.organization import each_organization
from quittance.visits.visiting import end_what_is_over


@app.periodic(cron="*/5 * * * *")
@app.task(queue="housekeeping", name="visits.end", pass_context=False, queueing_lock="visits")
def end_visits(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every five minutes: the audit says of each visit when it ended."""
    for _ in each_organization(actor="visits"):
        end_what_is_over()
