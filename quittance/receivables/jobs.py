"""Runs the pull later: woken by the clock, or by the ERP's hint."""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.retry import RetryStrategy

from quittance.connections.models import ErpConnection
from quittance.core.errors import OutsideError, Unavailable
from quittance.jobs.organization import each_organization, for_organization
from quittance.receivables.compare import compare
from quittance.receivables.gone import look_whether_gone
from quittance.receivables.pages import ReadElsewhere
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
        except ReadElsewhere:
            log.info("somebody else pulls: %s", legal_entity_id)
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
    """Ask the ERP for hints at our address ``base_url``; the hourly run renews them.

    Without hints the clock alone wakes the pull: later, not wrong.
    """
    with for_organization(organization_id, actor="sync"):
        ask_for_hints(UUID(legal_entity_id), base_url)


@app.periodic(cron="* * * * *")
@app.task(queue="erp", name="receivables.tick", pass_context=False)
def tick(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every minute: wake every legal entity that has a connection."""
    for _ in each_organization(actor="sync"):
        for legal_entity_id in _connected():
            wake(legal_entity_id)


@app.periodic(cron="17 * * * *")
@app.task(queue="erp", name="receivables.renew", pass_context=False)
def renew(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every hour: renew hints, long before an ERP forgets us (Business Central: three days)."""
    for _ in each_organization(actor="sync"):
        renew_hints()


@app.task(
    queue="erp",
    name="receivables.compare",
    retry=RetryStrategy(max_attempts=6, wait=60, retry_exceptions={Unavailable}),
)
def compare_all(*, organization_id: str, legal_entity_id: str) -> None:
    """Compare all of one legal entity with its ERP. One that broke off goes on where it stood."""
    with for_organization(organization_id, actor="sync"):
        try:
            compare(UUID(legal_entity_id))
        except ReadElsewhere:
            log.info("somebody else compares: %s", legal_entity_id)


@app.task(
    queue="erp",
    name="receivables.look_again",
    retry=RetryStrategy(max_attempts=6, wait=30, retry_exceptions={Unavailable}),
)
def look_whether_deleted(*, organization_id: str, legal_entity_id: str, erp_ids: list[str]) -> None:
    """Ask the ERP for invoices that its hint calls deleted: a list of changes never names them."""
    with for_organization(organization_id, actor="sync"):
        look_whether_gone(UUID(legal_entity_id), erp_ids)


def look_again(legal_entity_id: UUID, erp_ids: Collection[str]) -> None:
    """Ask soon for invoices that are said to be deleted; in a transaction of the caller."""
    if not erp_ids:
        return
    look_whether_deleted.defer(
        organization_id=str(current_organization_id()), legal_entity_id=str(legal_entity_id),
        erp_ids=sorted(erp_ids),
    )  # fmt: skip


@app.periodic(cron="40 2 * * *")
@app.task(queue="erp", name="receivables.nightly", pass_context=False)
def nightly(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every night: compare every legal entity that has a connection with its ERP."""
    for scope in each_organization(actor="sync"):
        for legal_entity_id in _connected():
            name = f"compare:{legal_entity_id}"
            with suppress(AlreadyEnqueued):
                compare_all.configure(lock=name, queueing_lock=name).defer(
                    organization_id=str(scope.organization_id),
                    legal_entity_id=str(legal_entity_id),
                )


def _connected() -> list[UUID]:
    with reading():
        rows = ErpConnection.objects.filter(is_active=True)
        return list(rows.values_list("legal_entity_id", flat=True))
