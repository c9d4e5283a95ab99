"""Looks every day whether the domains of organizations are still theirs."""

from __future__ import annotations

from procrastinate.contrib.django import app

from quittance.core.errors import Unavailable
from quittance.jobs.organization import each_organization
from quittance.tenancy.domains import check_domain, due_domains, forget_unproven


@app.periodic(cron="40 2 * * *")
@app.task(queue="housekeeping", name="jobs.domains", pass_context=False, queueing_lock="domains")
def look(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Look at each that was proven once. One that the DNS says nothing of waits for tomorrow.

    Claims that nobody proves are forgotten.
    """
    for _ in each_organization(actor="domains"):
        forget_unproven()
        for claim_id in due_domains():
            try:
                check_domain(claim_id)
            except Unavailable:
                continue
