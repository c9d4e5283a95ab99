"""Forgets sessions that are over, and tries that count no more."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore
from procrastinate.contrib.django import app

from quittance.identity.throttle import forget_tries
from quittance.jobs.organization import each_organization
from quittance.tenancy.rows import writing


@app.periodic(cron="17 * * * *")
@app.task(queue="housekeeping", name="identity.sessions", pass_context=False)
def forget_sessions(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every hour: throw away the browsers' sessions whose time is over, with what they kept."""
    SessionStore.clear_expired()


@app.periodic(cron="37 * * * *")
@app.task(queue="housekeeping", name="identity.tries", pass_context=False)
def forget(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every hour: throw away each organization's counted tries of which no limit asks any more."""
    for _ in each_organization(actor="housekeeping"):
        with writing():
            forget_tries()
