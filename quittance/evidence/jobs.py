"""Drops the anchors, by the clock."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from quittance.evidence.anchors import drop_anchor
from quittance.jobs.organization import each_organization


@app.periodic(cron="10 0 * * *")
@app.task(queue="housekeeping", name="evidence.anchor", pass_context=False)
def anchor(timestamp: int) -> None:
    """Every night: keep where each organization's chain of events ends, and tell it outside."""
    day = datetime.fromtimestamp(timestamp, UTC).date()
    for _ in each_organization(actor="audit"):
        drop_anchor(day)
