"""Lets go every night of what has had its time, and makes files of what is kept of a person."""

from __future__ import annotations

import logging
from typing import Final
from uuid import UUID

from procrastinate.contrib.django import app
from procrastinate.retry import RetryStrategy

from quittance.core import clock
from quittance.jobs.organization import each_organization, for_organization
from quittance.privacy.making import make
from quittance.privacy.models import PersonFile
from quittance.privacy.sweep import let_go_of_all
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_organization_id

log = logging.getLogger(__name__)
_AT_ONCE: Final = 100


@app.periodic(cron="40 2 * * *")
@app.task(queue="housekeeping", name="privacy.sweep", pass_context=False, queueing_lock="privacy")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every night: go through all rules, one organization after the other."""
    for scope in each_organization(actor="retention"):
        for rule, count in let_go_of_all():
            if count:
                log.info("%d %s: %s (%s)", count, rule.happens, rule.key, scope.organization_id)


@app.task(
    queue="exports", name="privacy.make_person_file",
    retry=RetryStrategy(max_attempts=3, wait=10),
)  # fmt: skip
def make_person_file(*, organization_id: str, file_id: str) -> None:
    """Make the file of everything that is kept of a person."""
    with for_organization(organization_id, actor="exports"):
        make(UUID(file_id))


@app.periodic(cron="*/5 * * * *")
@app.task(
    queue="exports", name="privacy.wake", pass_context=False, queueing_lock="privacy-files"
)  # fmt: skip
def wake_unmade(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every five minutes: have files made whose job broke, so that nobody waits for ever."""
    for _ in each_organization(actor="exports"):
        with writing():
            unmade = PersonFile.objects.filter(content=None, expires_at__gt=clock.now())
            ids = unmade.order_by("created_at").values_list("pk", flat=True)
            for file_id in ids[:_AT_ONCE]:
                wake(file_id)


def wake(file_id: UUID) -> None:
    """Have a file made soon, in a transaction of the caller: of an organization's one at a time."""
    organization_id = str(current_organization_id())
    make_person_file.configure(lock=f"exports:{organization_id}").defer(
        organization_id=organization_id, file_id=str(file_id)
    )
