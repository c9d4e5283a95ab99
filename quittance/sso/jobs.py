"""Looks every day whether domains still belong to who proved them; forgets what is over."""

from __future__ import annotations

from procrastinate.contrib.django import app

from quittance.jobs.organization import each_organization
from quittance.sso.asked import forget_old
from quittance.sso.providers import look_again


@app.periodic(cron="40 2 * * *")
@app.task(queue="housekeeping", name="sso.domains", pass_context=False)
def look_at_domains(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every night: look for the words of all proven domains."""
    for _ in each_organization(actor="domains"):
        look_again()


@app.periodic(cron="17 * * * *")
@app.task(queue="housekeeping", name="sso.forget", pass_context=False)
def forget_what_is_over(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every hour: forget sign-ins that nobody came back from."""
    for _ in each_organization(actor="sign-in"):
        forget_old()
