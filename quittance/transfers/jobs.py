"""Matches what came and ends what is over, by the clock."""

from __future__ import annotations

from typing import Final

from procrastinate.contrib.django import app

from quittance.jobs.organization import each_organization
from quittance.transfers.closing import close_what_is_over
from quittance.transfers.matching import match_waiting

_IN_A_MINUTE: Final = 1000  # movements of one organization


@app.periodic(cron="* * * * *")
@app.task(queue="transfers", name="transfers.look", pass_context=False, queueing_lock="transfers")
def look(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every minute: match movements that nobody has looked at, end transfers that are over."""
    for _scope in each_organization(actor="transfers"):
        match_waiting(_IN_A_MINUTE)
        close_what_is_over()
