"""Writes the gateway's word on a saving down, whoever heard it: a page, a message, the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from quittance.core import clock
from quittance.core.errors import Misconfigured
from quittance.gateways import saved
from quittance.gateways.saved import SavingState
from quittance.jobs.later import next_look
from quittance.wallet.consents import end_consent
from quittance.wallet.ending import UNFIT, end_method
from quittance.wallet.keeping import keep_method
from quittance.wallet.models import KeptMethod, Saving
from quittance.wallet.transitions import SAVING, M, S, move_saving

OPEN_LOOK: Final = timedelta(minutes=15)  # longest time between two looks: the payer's move
LAST_LOOK: Final = timedelta(hours=25)  # gateways' own pages live a day; messages may be lost
VERIFYING_LOOK: Final = timedelta(hours=6)  # the same, while he waits for his statement: days
_OVER: Final = frozenset({S.SAVED, S.FAILED, S.CANCELLED})
_STATUS: Final = {
    SavingState.OPEN: S.OPEN,
    SavingState.VERIFYING: S.VERIFYING,
    SavingState.SAVED: S.SAVED,
    SavingState.FAILED: S.FAILED,
    SavingState.CANCELLED: S.CANCELLED,
}


NOT_AS_AGREED: Final = "not_as_agreed"  # a reason of our own: see ``Saving.reason``


class NotOurs(Misconfigured):
    """The gateway answered with the saving of somebody else."""


def apply_answer(saving_id: UUID, answer: saved.Saving) -> Saving:
    """Take the gateway's word on a saving, in a transaction that sees all of the organization.

    The same word twice changes nothing; nothing that is over begins again, but for what the payer
    finished at the gateway after all. Raises ``NotOurs``.
    """
    row = Saving.objects.select_for_update().get(pk=saving_id)
    if answer.reference != row.reference:
        raise NotOurs(saving=str(row.pk))
    to = _STATUS[answer.state]
    if row.reason == NOT_AS_AGREED:
        return _settle(row)
    if row.status == S.CANCELLED and row.proof and to == S.VERIFYING:
        return _settle(row)  # the payer gave it up while it was so already
    changes = _changes(row, answer)
    if answer.saved is not None and to in {S.VERIFYING, S.SAVED} and row.status != S.SAVED:
        kept = keep_method(
            answer.saved, row.consent, gateway_account_id=row.gateway_account_id,
            currency=row.currency, verified=to == S.SAVED,
        )  # fmt: skip
        if kept.status == M.ENDED:
            return _refuse(row, kept, changes)
        changes["kept_method"] = kept
        if kept.consent_id != row.consent_id:  # it was kept before
            end_consent(row.consent_id)
    if row.status == to:
        Saving.objects.filter(pk=row.pk).update(**changes)
        row.refresh_from_db()
    elif to in SAVING[row.status]:
        move_saving(row, to, cause="the gateway says so", **changes)
    return _settle(row, is_open=to == S.OPEN)


def went_away(row: Saving) -> None:
    """End an open saving whose payer left, in a transaction; once more it is asked about later."""
    move_saving(row, S.CANCELLED, cause="the payer went away", redirect_url="")
    _settle(row, is_open=True)


def _refuse(row: Saving, kept: KeptMethod, changes: dict[str, object]) -> Saving:
    """End a saving whose method may not be charged; the payer may begin anew."""
    row.refresh_from_db()  # its method may have ended it
    changes |= {"kept_method": kept, "redirect_url": "", "next_at": None}
    if kept.ended_reason == UNFIT:
        changes["reason"] = NOT_AS_AGREED
    if S.FAILED in SAVING[row.status]:
        move_saving(row, S.FAILED, cause="its method may not be charged", **changes)
    else:
        Saving.objects.filter(pk=row.pk).update(**changes)
        row.refresh_from_db()
    return _settle(row)


def _settle(row: Saving, *, is_open: bool = False) -> Saving:
    """Leave a saving that is over alone, and end what hangs on one that kept nothing.

    One that is open at the gateway still, because its payer only went away, is asked about once
    more, and what he agreed to stands till then.
    """
    if row.status not in _OVER:
        return row
    last = row.created_at + LAST_LOOK
    may_come_back = is_open and row.status == S.CANCELLED and row.consent.ended_at is None
    row.next_at = last if may_come_back and last > clock.now() else None
    Saving.objects.filter(pk=row.pk).update(next_at=row.next_at)
    if row.status != S.SAVED and row.next_at is None:
        _end_unverified(row)
        end_consent(row.consent_id)
    return row


def _end_unverified(row: Saving) -> None:
    """A method whose proof came to nothing is no method."""
    if row.kept_method_id is not None:
        method = KeptMethod.objects.select_for_update().get(pk=row.kept_method_id)
        if method.status == M.VERIFYING:
            end_method(method, "gone", cause="it was not verified")


def _changes(row: Saving, answer: saved.Saving) -> dict[str, object]:
    check = answer.verification
    return {
        "gateway_saving": answer.gateway_saving,
        "redirect_url": answer.redirect_url if answer.state is SavingState.OPEN else "",
        "proof": check.proof.value if check else "",
        "arrives_on": check.arrives_on if check else None,
        "tries_left": check.tries_left if check else None,
        "reason": answer.reason,
        "detail": answer.detail[:500],
        "busy_until": None,
        "next_at": _next_at(row, answer),
        "failures": min(row.failures + 1, 1000),
    }


def _next_at(row: Saving, answer: saved.Saving) -> object:
    now = clock.now()
    if answer.waits_for_us:
        return now
    if answer.state is SavingState.OPEN:
        return min(next_look(row.failures), now + OPEN_LOOK)
    if answer.state is SavingState.VERIFYING:
        return now + VERIFYING_LOOK
    return None
