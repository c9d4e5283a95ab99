"""Looks at savings and kept methods later, and at cards that expire soon."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models.functions import Now
from procrastinate.contrib.django import app

from quittance.jobs.later import next_look
from quittance.jobs.organization import each_organization, for_organization
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_organization_id
from quittance.wallet.advancing import advance_saving, refresh_method
from quittance.wallet.ending import end_without_holder
from quittance.wallet.expiry import announce_expiring
from quittance.wallet.models import KeptMethod, Saving

AT_ONCE: Final = 100  # of one organization; the next sweep takes the rest
_AFTER_A_JOB: Final = 2  # a minute: longer than a job takes


@app.task(queue="wallet", name="wallet.advance_saving")
def advance(*, organization_id: str, saving_id: str) -> None:
    """Do whatever is next for one saving."""
    with for_organization(organization_id, actor="worker"):
        advance_saving(UUID(saving_id))


@app.task(queue="wallet", name="wallet.refresh_method")
def refresh(*, organization_id: str, method_id: str) -> None:
    """Ask about one kept method, or have it forgotten."""
    with for_organization(organization_id, actor="worker"):
        refresh_method(UUID(method_id))


def wake_saving(saving_id: UUID) -> None:
    """Have a saving looked at soon, inside the caller's transaction."""
    advance.configure(lock=f"saving:{saving_id}").defer(
        organization_id=str(current_organization_id()), saving_id=str(saving_id)
    )


def wake_method(method_id: UUID) -> None:
    """Have a kept method looked at soon, inside the caller's transaction."""
    refresh.configure(lock=f"method:{method_id}").defer(
        organization_id=str(current_organization_id()), method_id=str(method_id)
    )


@app.periodic(cron="* * * * * */10")
@app.task(queue="wallet", name="wallet.sweep", pass_context=False, queueing_lock="wallet")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every ten seconds: wake every saving and method whose time has come.

    The next look is put off in the same step, more and more, so that one whose job always breaks
    does not keep the others waiting.
    """
    for _ in each_organization(actor="sweep"):
        with writing():
            savings = Saving.objects.filter(next_at__lte=Now()).order_by("next_at")
            for saving in savings.select_for_update(skip_locked=True)[:AT_ONCE]:
                Saving.objects.filter(pk=saving.pk).update(**_put_off(saving.failures))
                wake_saving(saving.pk)
            methods = KeptMethod.objects.filter(next_at__lte=Now()).order_by("next_at")
            for method in methods.select_for_update(skip_locked=True)[:AT_ONCE]:
                KeptMethod.objects.filter(pk=method.pk).update(**_put_off(method.failures))
                wake_method(method.pk)


def _put_off(failures: int) -> dict[str, object]:
    return {
        "next_at": next_look(max(failures, _AFTER_A_JOB)), "failures": min(failures + 1, 1000)
    }  # fmt: skip


@app.periodic(cron="17 * * * *")
@app.task(queue="wallet", name="wallet.expiring", pass_context=False, queueing_lock="expiring")
def expiring(timestamp: int) -> None:  # noqa: ARG001 - procrastinate says which tick it is
    """Every hour: mail once about each card that expires within 30 days; end what nobody may use.

    That are the personal accounts of people who may pay for the customer no more.
    """
    for _ in each_organization(actor="wallet"):
        end_without_holder()
        announce_expiring()
