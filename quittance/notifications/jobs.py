"""Sends what is due, soon after it was written."""

from __future__ import annotations

from procrastinate.contrib.django import app

from quittance.core import clock
from quittance.jobs.organization import each_organization
from quittance.notifications.messages import send_message
from quittance.notifications.models import Message
from quittance.tenancy.rows import reading


@app.periodic(cron="* * * * * */3")
@app.task(queue="mail", name="notifications.sweep", pass_context=False, queueing_lock="mail")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every three seconds: send every message whose time has come."""
    for _ in each_organization(actor="mail"):
        with reading():
            due = list(
                Message.objects.filter(sent_at__isnull=True, next_at__lte=clock.now())
                .order_by("next_at")
                .values_list("pk", flat=True)[:100]
            )
        for message_id in due:
            send_message(message_id)
