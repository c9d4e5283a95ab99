"""Looks at the pages on which people pay, by the clock."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from quittance.jobs.organization import each_organization, for_organization
from quittance.payment_page.looking import look_at_pages


@app.task(queue="housekeeping", name="payment_page.look")
def look(*, organization_id: str) -> None:
    """Look at one organization's pages whose time has come."""
    with for_organization(organization_id, actor="payment-page"):
        look_at_pages()


@app.periodic(cron="37 * * * *")
@app.task(queue="housekeeping", name="payment_page.watch", pass_context=False)
def watch(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every hour: have every organization's pages looked at that were not today, or were wrong."""
    for scope in each_organization(actor="payment-page"):
        name = f"payment-page:{scope.organization_id}"
        try:
            with transaction.atomic():
                look.configure(lock=name, queueing_lock=name).defer(
                    organization_id=str(scope.organization_id)
                )
        except AlreadyEnqueued:
            continue
