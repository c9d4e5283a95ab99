"""Ends requests that nobody answered, so that nobody waits for ever."""

from __future__ import annotations

from typing import Final

from procrastinate.contrib.django import app

from quittance.arrivals.deciding import expire as end
from quittance.arrivals.models import JoinRequest
from quittance.core import clock
from quittance.jobs.organization import each_organization
from quittance.tenancy.address import portal_address
from quittance.tenancy.rows import writing

_AT_ONCE: Final = 200


@app.periodic(cron="37 * * * *")
@app.task(queue="housekeeping", name="arrivals.expire", pass_context=False)
def expire(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every hour: who is still out there is told, and may ask anew."""
    for scope in each_organization(actor="arrivals"):
        site = portal_address(scope.organization_id)
        with writing():
            over = JoinRequest.objects.select_for_update(of=("self",), skip_locked=True)
            over = over.filter(status=JoinRequest.Status.ASKED, expires_at__lte=clock.now())
            over = over.select_related("customer_account")
            for each in over.order_by("expires_at", "pk")[:_AT_ONCE]:
                end(each, site=site)
