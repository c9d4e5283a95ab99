"""Moves payments on later. A job carries an id; the row says what there is to do."""

from __future__ import annotations

from uuid import UUID

from django.db.models.functions import Now
from procrastinate.contrib.django import app

from quittance.core import clock
from quittance.jobs.later import next_look
from quittance.jobs.organization import each_organization, for_organization
from quittance.payments.disputed import look_at_disputes
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.settle import advance_payment
from quittance.payments.watching import wake_what_is_done_by_hand
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_organization_id, widened

AT_ONCE = 200  # payments a sweep wakes for one organization; the next sweep takes the rest
_AFTER_A_JOB = 2  # a minute: longer than a job takes


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


def look_soon(payment_id: UUID) -> None:
    """Have a payment that waits for its payer looked at: he came back. Outside of a transaction."""
    now = clock.now()
    with widened(), writing():
        open_ = GatewayAttempt.objects.filter(
            payment=payment_id, status=GatewayAttempt.Status.OPEN, payment__next_at__gt=now
        )
        if open_.exists():
            Payment.objects.filter(pk=payment_id).update(next_at=now)
            wake(payment_id)


@app.periodic(cron="* * * * * */5")
@app.task(queue="payments", name="payments.sweep", pass_context=False, queueing_lock="sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every five seconds: wake every payment whose time has come, whatever became of its job.

    The next look is put off in the same step, more and more: so a payment whose job always breaks
    does not keep the others waiting.
    """
    for _ in each_organization(actor="sweep"):
        with writing():
            # By the database's clock, as leases are: a clock of ours that is ahead would wake what
            # no lease lets anybody do yet, again and again.
            due = Payment.objects.filter(next_at__lte=Now()).order_by("next_at")
            for payment in due.select_for_update(skip_locked=True)[:AT_ONCE]:
                Payment.objects.filter(pk=payment.pk).update(
                    next_at=next_look(max(payment.failures, _AFTER_A_JOB)),
                    failures=payment.failures + 1,
                )
                wake(payment.pk)


@app.periodic(cron="* * * * *")
@app.task(queue="payments", name="payments.watch", pass_context=False, queueing_lock="watch")
def watch(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every minute: where the ERP's ledger has moved, look whether people did what waits there."""
    for _ in each_organization(actor="sweep"):
        wake_what_is_done_by_hand()


@app.periodic(cron="* * * * *")
@app.task(queue="payments", name="payments.disputed", pass_context=False, queueing_lock="disputed")
def disputed(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every minute: tell disputes what their invoices have become in the ERP."""
    for _ in each_organization(actor="disputes"):
        look_at_disputes()
