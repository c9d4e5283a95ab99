"""Fills files later, and removes those whose day is over."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.retry import RetryStrategy

from quittance.core import clock
from quittance.exports.fill import fill
from quittance.exports.models import Bundle, BundleDocument, StatementFile
from quittance.exports.statement.make import make
from quittance.exports.tell import tell, tell_statement
from quittance.jobs.organization import each_organization, for_organization
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_organization_id

_AT_ONCE: Final = 50
TOLD_AFTER_SECONDS: Final = 30  # its page looks every two seconds


@app.task(queue="exports", name="exports.fill", retry=RetryStrategy(max_attempts=3, wait=10))
def fill_bundle(*, organization_id: str, bundle_id: str) -> None:
    """Bring prints into one file for a while; the next run goes on."""
    with for_organization(organization_id, actor="exports"):
        more = fill(UUID(bundle_id))
        with writing():
            if more:
                wake(UUID(bundle_id))
            else:
                tell_ready.configure(schedule_in={"seconds": TOLD_AFTER_SECONDS}).defer(
                    organization_id=organization_id, bundle_id=bundle_id
                )


@app.task(queue="exports", name="exports.tell_ready", retry=RetryStrategy(max_attempts=3, wait=10))
def tell_ready(*, organization_id: str, bundle_id: str) -> None:
    """Mail the person who asked, if they have left: who waits on the page has seen it by now."""
    with for_organization(organization_id, actor="exports"):
        tell(UUID(bundle_id))


@app.task(
    queue="exports", name="exports.make_statement", retry=RetryStrategy(max_attempts=3, wait=10)
)
def make_statement(*, organization_id: str, statement_id: str) -> None:
    """Make one statement's file, and tell who has left its page."""
    with for_organization(organization_id, actor="exports"):
        make(UUID(statement_id))
        with writing():
            tell_statement_ready.configure(schedule_in={"seconds": TOLD_AFTER_SECONDS}).defer(
                organization_id=organization_id, statement_id=statement_id
            )


@app.task(
    queue="exports", name="exports.tell_statement", retry=RetryStrategy(max_attempts=3, wait=10)
)
def tell_statement_ready(*, organization_id: str, statement_id: str) -> None:
    """Mail the person who asked, if they have left: who waits on the page has seen it by now."""
    with for_organization(organization_id, actor="exports"):
        tell_statement(UUID(statement_id))


def wake_statement(statement_id: UUID) -> None:
    """Have a statement made soon, in a transaction of the caller. Asking twice makes one run."""
    organization_id = str(current_organization_id())
    try:
        with transaction.atomic():
            make_statement.configure(
                lock=f"exports:{organization_id}", queueing_lock=f"statement:{statement_id}"
            ).defer(organization_id=organization_id, statement_id=str(statement_id))
    except AlreadyEnqueued:
        return


def wake(bundle_id: UUID) -> None:
    """Have a file filled soon, in a transaction of the caller. Asking twice makes one run.

    Of an organization's files one is filled at a time, each for a while: so they neither take all
    of the worker nor all calls that its ERP allows, over which payments are posted too.
    """
    organization_id = str(current_organization_id())
    try:
        with transaction.atomic():  # a refused second one must not spoil the caller's transaction
            fill_bundle.configure(
                lock=f"exports:{organization_id}", queueing_lock=f"bundle:{bundle_id}"
            ).defer(organization_id=organization_id, bundle_id=str(bundle_id))
    except AlreadyEnqueued:
        return


@app.periodic(cron="*/5 * * * *")
@app.task(queue="exports", name="exports.sweep", pass_context=False, queueing_lock="exports")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every five minutes: remove files whose day is over, and wake those whose job broke."""
    for _ in each_organization(actor="exports"):
        with writing():
            over = Bundle.objects.filter(expires_at__lte=clock.now()).order_by("expires_at")
            ids = list(over.values_list("pk", flat=True)[:_AT_ONCE])
            BundleDocument.objects.filter(bundle__in=ids).delete()
            Bundle.objects.filter(pk__in=ids).delete()
            waiting = BundleDocument.objects.filter(bundle=OuterRef("pk"), content=None, failure="")
            unfinished = Bundle.objects.filter(Exists(waiting)).order_by("created_at")
            for bundle_id in unfinished.values_list("pk", flat=True)[:_AT_ONCE]:
                wake(bundle_id)
            _sweep_statements()


def _sweep_statements() -> None:
    gone = StatementFile.objects.filter(expires_at__lte=clock.now()).order_by("expires_at")
    ids = list(gone.values_list("pk", flat=True)[:_AT_ONCE])
    StatementFile.objects.filter(pk__in=ids).delete()
    unmade = StatementFile.objects.filter(content=None, failure="").order_by("created_at")
    for statement_id in unmade.values_list("pk", flat=True)[:_AT_ONCE]:
        wake_statement(statement_id)
