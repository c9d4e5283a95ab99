"""Asks for an approval, decides about it, takes it back, and uses it once.

What a basket is belongs to ``payments``: here it is a fingerprint, and what pages show of it. All
of it runs in a transaction of the caller.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from quittance.approvals.deciders import check_may_decide, deciders
from quittance.approvals.models import ALIVE, ApprovalRequest
from quittance.approvals.telling import tell_approvers, tell_maker
from quittance.approvals.transitions import DecidedAlready, S, move_request
from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.core.money import Money

GOOD_FOR: Final = timedelta(days=7)  # to decide and to pay
MOST_TEXT: Final = 500  # characters of a note or a reason
AddressOf = Callable[[str], str]  # of a mail's token


class NobodyApproves(RuleBroken):
    """Nobody else may approve payments of this account now. Ask who administers it."""


class NoReason(RuleBroken):
    """Write why: who asked reads it."""


class ApprovalOver(RuleBroken):
    """The days for this approval are over. Nothing was changed. It can be asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A basket as it is to be approved."""

    basket_id: UUID
    account_id: UUID  # in whose name it was begun
    account_ids: Collection[UUID]
    fingerprint: str
    shown: Mapping[str, Any]
    money: Money  # with the fee
    credit_minor: int
    method: str
    without_credits: bool = False


def alive_of(basket_id: UUID, *, lock: bool = False) -> ApprovalRequest | None:
    """Return the request of a basket that may still lead to a payment."""
    rows = ApprovalRequest.objects.filter(basket_id=basket_id, status__in=ALIVE)
    return (rows.select_for_update() if lock else rows).first()


def latest_of(basket_id: UUID) -> ApprovalRequest | None:
    """Return the newest request of a basket, whatever became of it."""
    return (
        ApprovalRequest.objects.filter(basket_id=basket_id).order_by("-created_at", "-pk").first()
    )


def ask(sealed: Sealed, *, maker_id: UUID, note: str, address_of: AddressOf) -> ApprovalRequest:
    """Ask the account's approvers, each by a mail. Asking twice for the same is asking once.

    The caller holds the basket. One that was asked for in another form is outdated by it. Raises
    ``NobodyApproves``.
    """
    found = deciders(sealed.account_ids, maker_id=maker_id, amount=sealed.money)
    if not found:
        raise NobodyApproves
    now, earlier = clock.now(), alive_of(sealed.basket_id, lock=True)
    if earlier is not None:
        if _is_same(earlier, sealed, maker_id) and not _is_stale(earlier):
            return earlier
        outdate(earlier, "it was asked for anew")
    token = secrets.token_urlsafe(32)
    made = ApprovalRequest.objects.create(
        id=new_id(), customer_account_id=sealed.account_id,
        account_ids=sorted(map(str, sealed.account_ids)), basket_id=sealed.basket_id,
        fingerprint=sealed.fingerprint, sealed=dict(sealed.shown),
        without_credits=sealed.without_credits, maker_id=maker_id,
        note=" ".join(note.split())[:MOST_TEXT], amount_minor=sealed.money.minor,
        credit_minor=sealed.credit_minor, currency=sealed.money.currency, method=sealed.method,
        token_hash=hash_of(token), expires_at=now + GOOD_FOR,
    )  # fmt: skip
    _write_down("approval asked", made)
    tell_approvers(made, list(found), address_of(token))
    return made


def approve(request: ApprovalRequest, *, by: UUID) -> None:
    """Say yes. The caller holds the basket and has seen that it is the very one.

    Raises ``NotYours``, ``DecidedAlready``, ``ApprovalOver``.
    """
    decider = _check_open(request, by)
    move_request(
        request, S.APPROVED, cause="an approver said yes", decided_by_id=by,
        decided_for_id=decider, decided_at=clock.now(),
    )  # fmt: skip
    _write_down("approval given", request, in_place_of=str(decider) if decider else None)
    tell_maker(request)


def refuse(request: ApprovalRequest, *, by: UUID, reason: str) -> None:
    """Say no, and why. Raises ``NoReason``, ``NotYours``, ``DecidedAlready``, ``ApprovalOver``."""
    why = " ".join(reason.split())[:MOST_TEXT]
    if not why:
        raise NoReason
    decider = _check_open(request, by)
    move_request(
        request, S.REFUSED, cause="an approver said no", decided_by_id=by, decided_for_id=decider,
        decided_at=clock.now(), reason=why, ended_at=clock.now(),
    )  # fmt: skip
    _write_down("approval refused", request, reason=why)
    tell_maker(request)


def withdraw(request: ApprovalRequest, *, by: UUID) -> None:
    """Take one's own request back, also when it was approved. Raises ``DecidedAlready``."""
    if request.maker_id != by:
        raise DecidedAlready
    move_request(request, S.WITHDRAWN, cause="who asked took it back", ended_at=clock.now())
    _write_down("approval withdrawn", request)


def outdate(request: ApprovalRequest, why: str) -> None:
    """End a request that fits its basket no more, or whose days are over."""
    move_request(request, S.OUTDATED, cause=why, reason=why, ended_at=clock.now())
    _write_down("approval outdated", request, reason=why)


def use(
    basket_id: UUID, *, fingerprint: str, payer_id: UUID, used_for: UUID
) -> ApprovalRequest | None:
    """Use a basket's approval for what is begun in this transaction; ``None``: there is none.

    It must be for this very content and of this very payer, and who gave it must still be allowed
    to. It is used once: of two who come at the same moment, one is refused with ``DecidedAlready``.
    """
    request = alive_of(basket_id, lock=True)
    if request is None or not is_good(request, fingerprint=fingerprint, payer_id=payer_id):
        return None
    now = clock.now()
    move_request(
        request, S.USED, cause="what was approved was begun", used_for=used_for, ended_at=now
    )
    _write_down("approval used", request, used_for=str(used_for))
    return request


def is_good(request: ApprovalRequest, *, fingerprint: str, payer_id: UUID) -> bool:
    """Say whether a payment of this content may be begun by this person with this approval."""
    return (
        request.status == S.APPROVED
        and request.fingerprint == fingerprint
        and request.maker_id == payer_id
        and not _is_stale(request)
    )


def used_for(subject_id: UUID) -> ApprovalRequest | None:
    """Return the approval with which a payment or an announcement was begun."""
    return ApprovalRequest.objects.filter(used_for=subject_id).first()


def by_token(token: str) -> ApprovalRequest | None:
    """Return the request that a mail's link leads to, as far as the reader may see it."""
    return ApprovalRequest.objects.filter(token_hash=hash_of(token)).first()


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def accounts_of(request: ApprovalRequest) -> list[UUID]:
    """Return the accounts whose invoices it pays."""
    return [UUID(each) for each in request.account_ids]


def _check_open(request: ApprovalRequest, by: UUID) -> UUID | None:
    """Return in whose place ``by`` decides. Raises as ``approve``."""
    if request.status != S.ASKED:
        raise DecidedAlready
    if request.is_over(clock.now()):
        raise ApprovalOver
    decider = check_may_decide(
        by, accounts_of(request), maker_id=request.maker_id, amount=request.amount
    )
    return decider.in_place_of


def _is_stale(request: ApprovalRequest) -> bool:
    """Whether its days are over, or who approved it may not any more."""
    if request.is_over(clock.now()):
        return True
    if request.decided_by_id is None:
        return False
    found = deciders(
        accounts_of(request), maker_id=request.maker_id, amount=request.amount,
        at=request.decided_at,
    )  # fmt: skip
    return request.decided_by_id not in found


def _is_same(request: ApprovalRequest, sealed: Sealed, maker_id: UUID) -> bool:
    return (request.fingerprint, request.maker_id) == (sealed.fingerprint, maker_id)


def _write_down(what: str, request: ApprovalRequest, **facts: object) -> None:
    record_event(
        what, subject_kind="approval_request", subject_id=request.pk,
        amount_minor=request.amount_minor, currency=request.currency,
        basket=str(request.basket_id), fingerprint=request.fingerprint, **facts,
    )  # fmt: skip
