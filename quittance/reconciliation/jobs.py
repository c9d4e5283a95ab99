"""Reads the gateways' books and looks at everything, by the clock."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from quittance.core.errors import OutsideError
from quittance.gateways.base import MovementKind
from quittance.jobs.organization import each_organization, for_organization
from quittance.reconciliation.apart import keep_all_apart
from quittance.reconciliation.books import accounts_with_books, read_books
from quittance.reconciliation.findings import look_and_keep
from quittance.reconciliation.healing import heal
from quittance.reconciliation.payouts import read_balance, read_payouts
from quittance.reconciliation.unknown import resolve_unknown
from quittance.tenancy.rows import reading

log = logging.getLogger(__name__)
_QUEUE = "reconciliation"


@app.task(queue=_QUEUE, name="reconciliation.books")
def books(*, organization_id: str, gateway_account_id: str, payouts: bool) -> None:
    """Read one gateway's books; and its payouts, when asked to or when there is a new one."""
    with for_organization(organization_id, actor="reconciliation"):
        account_id = UUID(gateway_account_id)
        try:
            new = read_books(account_id)
            if payouts or any(each.kind is MovementKind.PAYOUT for each in new):
                read_payouts(account_id)
                read_balance(account_id)
        except OutsideError as error:
            log.warning("the books of %s were not read: %s", gateway_account_id, error)


@app.task(queue=_QUEUE, name="reconciliation.look")
def look(*, organization_id: str) -> None:
    """Look at everything of one organization: mend what is safe to mend, keep the rest."""
    with for_organization(organization_id, actor="reconciliation"):
        resolve_unknown()
        heal()
        keep_all_apart()
        look_and_keep()


@app.periodic(cron="* * * * *")
@app.task(queue=_QUEUE, name="reconciliation.read", pass_context=False)
def read(timestamp: int) -> None:
    """Every minute: have every gateway's books read; every hour its payouts too."""
    for scope in each_organization(actor="reconciliation"):
        with reading():
            found = accounts_with_books()
        for account_id in found:
            _once(
                f"books:{account_id}", books, organization_id=str(scope.organization_id),
                gateway_account_id=str(account_id), payouts=timestamp // 60 % 60 == 0,
            )  # fmt: skip


@app.periodic(cron="*/5 * * * *")
@app.task(queue=_QUEUE, name="reconciliation.watch", pass_context=False)
def watch(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every five minutes: have every organization looked at."""
    for scope in each_organization(actor="reconciliation"):
        name = f"look:{scope.organization_id}"
        _once(name, look, organization_id=str(scope.organization_id))


def _once(name: str, task: object, **arguments: object) -> None:
    """Put a job in line; one that waits already is enough."""
    try:
        with transaction.atomic():
            task.configure(lock=name, queueing_lock=name).defer(**arguments)  # type: ignore[attr-defined]
    except AlreadyEnqueued:
        log.debug("it waits already: %s", name)
