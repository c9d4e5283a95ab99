"""Lets go every night of what has had its time."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from quittance.jobs.organization import each_organization
from quittance.privacy.sweep import let_go_of_all

log = logging.getLogger(__name__)


@app.periodic(cron="40 2 * * *")
@app.task(queue="housekeeping", name="privacy.sweep", pass_context=False, queueing_lock="privacy")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every night: go through all rules, one organization after the other."""
    for scope in each_organization(actor="retention"):
        for rule, count in let_go_of_all():
            if count:
                log.info("%d %s: %s (%s)", count, rule.happens, rule.key, scope.organization_id)
