"""Looks at every connection once a day: whether it works, and what it can do by now."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from quittance.connections.capabilities import due, look_at_erp
from quittance.core.errors import OutsideError
from quittance.jobs.organization import each_organization

log = logging.getLogger(__name__)


@app.periodic(cron="17 * * * *")
@app.task(queue="erp", name="connections.look", pass_context=False)
def look(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every hour: test what nobody has tested for a day."""
    for _ in each_organization(actor="connections"):
        for legal_entity_id in due():
            try:
                look_at_erp(legal_entity_id)
            except OutsideError as error:
                log.warning("connection of %s: %s", legal_entity_id, error)
