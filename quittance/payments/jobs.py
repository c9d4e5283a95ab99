"""Moves payments on later. A job carries an id; the row says what there is to do."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from quittance.core import clock
from quittance.jobs.organization import each_organization, for_organization
from quittance.payments.models import Payment
from quittance.payments.settle import advance_payment
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import current_organization_id

AT_ONCE = 200  # payments a sweep wakes for one organization; the next sweep takes the rest


@app.task(queue="payments", name="payments.advance")
def advance(*, organization_id: str, payment_id: str) -> None:
    """Do whatever is next for one payment."""
    with for_organization(organization_id, actor="worker"):
        advance_payment(UUID(payment_id))


def wake(payment_id: UUID) -> None:
    """Have a payment looked at soon, inside the caller's transaction."""
    advance.configure(lock=f"payment:{payment_id}").defer(
        organization_id=str(current_organization_id()), payment_id=str(payment_id)
    )


@app.periodic(cron="* * * * * */5")
@app.task(queue="payments", name="payments.sweep", pass_context=False, queueing_lock="sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every five seconds: go on with every payment whose time has come, job or no job."""
    for _ in each_organization(actor="sweep"):
        with reading():
            due = list(
                Payment.objects.filter(next_at__lte=clock.now())
                .order_by("next_at")
                .values_list("pk", flat=True)[:AT_ONCE]
            )
        for payment_id in due:
            advance_payment(payment_id)
