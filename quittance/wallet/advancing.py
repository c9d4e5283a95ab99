"""Brings a saving, or a kept method, as far as the gateway's word takes it now."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

from quittance.connections.open import gateway_for
from quittance.core import clock
from quittance.core.errors import OutsideError, Unavailable
from quittance.gateways import saved
from quittance.gateways.saved import SavingState
from quittance.jobs.later import next_look
from quittance.tenancy.moving import ChangedMeanwhile
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.answers import apply_answer, went_away
from quittance.wallet.ending import OURS, end_saving, forget, lock_method, remove
from quittance.wallet.keeping import daily_look, follow
from quittance.wallet.models import KeptMethod, Saving
from quittance.wallet.saving import ASKING, ask_gateway, keeper
from quittance.wallet.transitions import SAVING, M, S

OPEN_FOR: Final = timedelta(hours=1)  # then the payer went away; should he come back, it counts


def advance_saving(saving_id: UUID, *, patient: bool = True) -> Saving:
    """Bring a saving as far as it goes now, and return it.

    Not ``patient``: the payer is there and waits, so the gateway's ``OutsideError`` is raised; else
    it is only looked at later. An open one that waits for our word gets it, as long as it is alive.
    """
    with widened(), reading():
        row = Saving.objects.get(pk=saving_id)
    try:
        with suppress(ChangedMeanwhile):
            _advance(row)
    except OutsideError as error:
        _later(row, error)
        if not patient:
            raise
    with widened(), reading():
        row.refresh_from_db()
    return row


def stop_saving(saving_id: UUID) -> None:
    """Give up an attempt that is not finished; one that is over stays as it is."""
    with writing():
        row = Saving.objects.select_for_update().get(pk=saving_id)
        known = row.kept_method_id if row.status == S.VERIFYING else None
        if known is None and S.CANCELLED in SAVING[row.status]:
            end_saving(row, S.CANCELLED, cause="the payer gave it up")
    if known is not None:
        remove(known)  # the gateway keeps it already, and its saving ends with it


def _advance(row: Saving) -> None:
    if row.status == S.PREPARED:
        if row.created_at + ASKING < clock.now():
            _cancel(row, cause="the gateway was never asked")
        return
    if row.status == S.SENT:
        _ask_again(row)
        return
    if not row.gateway_saving:
        return  # it ended before the gateway made anything that we know of
    gateway = keeper(row.gateway_account_id)
    answer = gateway.read_saving(row.gateway_saving)
    alive = row.status == S.OPEN
    if alive and answer.state is SavingState.OPEN and answer.waits_for_us:
        answer = gateway.complete_saving(row.gateway_saving)
    _write(row, answer)


def _ask_again(row: Saving) -> None:
    """Ask once more under the same reference, while the gateway surely knows it; then it is over.

    No money moves, so an attempt of which nobody knows does no harm.
    """
    hours = gateway_for(row.gateway_account_id).capabilities.key_lifetime_hours
    if (row.sent_at or row.created_at) + timedelta(hours=hours - 1) < clock.now():
        _fail(row)
        return
    with widened():
        ask_gateway(row)


def _write(row: Saving, answer: saved.Saving) -> None:
    with widened(), writing():
        now = apply_answer(row.pk, answer)
        old = now.created_at < clock.now() - OPEN_FOR
        if now.status == S.OPEN and old and not answer.waits_for_us:
            went_away(now)


def _cancel(row: Saving, *, cause: str) -> None:
    with widened(), writing():
        end_saving(row, S.CANCELLED, cause=cause)


def _fail(row: Saving) -> None:
    with widened(), writing():
        end_saving(row, S.FAILED, cause="no answer under our reference", reason="gateway_fault")


def _later(row: Saving, error: OutsideError) -> None:
    wait = error.retry_after_seconds if isinstance(error, Unavailable) else None
    at = next_look(row.failures, at_least_seconds=wait)
    with widened(), writing():
        Saving.objects.filter(pk=row.pk, next_at=row.next_at).exclude(next_at=None).update(
            next_at=at, failures=min(row.failures + 1, 1000)
        )


def refresh_method(method_id: UUID) -> None:
    """Ask the gateway what a kept method is now, or have it forget one that ended here.

    Nothing is raised: what cannot be asked now is asked later.
    """
    with widened(), reading():
        row = KeptMethod.objects.get(pk=method_id)
    if row.status == M.ENDED:
        if row.ended_reason in OURS and row.forgotten_at is None:
            with widened():
                forget(row)
        return
    try:
        told = keeper(row.gateway_account_id).read_method(row.gateway_method)
    except OutsideError:
        with widened(), writing():
            KeptMethod.objects.filter(pk=row.pk, next_at=row.next_at).update(
                next_at=next_look(row.failures), failures=min(row.failures + 1, 1000)
            )
        return
    with widened(), writing():
        now = lock_method(method_id)
        if now.next_at == row.next_at:  # else this word may be older than what somebody heard since
            look = daily_look() if now.status in {M.ACTIVE, M.BLOCKED} else None
            KeptMethod.objects.filter(pk=now.pk).update(next_at=look, failures=0)
            follow(now, told, verified=now.status == M.ACTIVE)
