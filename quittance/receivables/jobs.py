"""Runs the pull later: woken by the clock, or by the ERP's hint."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.retry import RetryStrategy

from quittance.connections.models import ErpConnection
from quittance.core.errors import OutsideError
from quittance.jobs.organization import each_organization, for_organization
from quittance.receivables.pull import pull_changes
from quittance.receivables.subscriptions import ask_for_hints, renew_hints
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import current_organization_id

log = logging.getLogger(__name__)


@app.task(queue="erp", name="receivables.pull")
def pull(*, organization_id: str, legal_entity_id: str) -> None:
    """Pull once. A failure is noted on the cursor and tried again at the next tick of the clock."""
    with for_organization(organization_id, actor="sync"):
        try:
            pull_changes(UUID(legal_entity_id))
        except OutsideError as error:
            log.warning("pull failed: %s %s", legal_entity_id, error)


def wake(legal_entity_id: UUID) -> None:
    """Ask for a pull soon. Asking twice before it runs makes one run."""
    name = f"pull:{legal_entity_id}"
    try:
        with transaction.atomic():  # a refused second one must not spoil the caller's transaction
            pull.configure(lock=name, queueing_lock=name).defer(
                organization_id=str(current_organization_id()),
                legal_entity_id=str(legal_entity_id),
            )
    except AlreadyEnqueued:
        log.debug("a pull waits already: %s", legal_entity_id)


@app.task(queue="erp", name="receivables.subscribe", retry=RetryStrategy(max_attempts=20, wait=3))
def subscribe(*, organization_id: str, legal_entity_id: str, base_url: str) -> None:
    """Ask the ERP for hints at our address ``base_url``; the daily run renews them.

    Without hints the clock alone wakes the pull: later, not wrong.
    """
    with for_organization(organization_id, actor="sync"):
        ask_for_hints(UUID(legal_entity_id), base_url)


@app.periodic(cron="* * * * *")
@app.task(queue="erp", name="receivables.tick", pass_context=False)
def tick(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every minute: wake every legal entity that has a connection."""
    for _ in each_organization(actor="sync"):
        with reading():
            connected = list(
                ErpConnection.objects.filter(is_active=True).values_list(
                    "legal_entity_id", flat=True
                )
            )
        for legal_entity_id in connected:
            wake(legal_entity_id)


@app.periodic(cron="17 * * * *")
@app.task(queue="erp", name="receivables.renew", pass_context=False)
def renew(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every hour: renew hints, long before an ERP forgets us (Business Central: three days)."""
    for _ in each_organization(actor="sync"):
        try:
            renew_hints()
        except OutsideError as error:
            log.warning("hints were not renewed: %s", error)
