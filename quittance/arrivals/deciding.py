"""Lets in who asked, or refuses him: the seller's team, or who administers the account."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from quittance.arrivals.letting import become
from quittance.arrivals.models import JoinRequest
from quittance.arrivals.telling import tell_answer
from quittance.arrivals.transitions import DecidedAlready, move_request
from quittance.audit.record import record_event
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.identity.permissions import BuyerPermission, Permission, may
from quittance.receivables.people import MayNot, check_may
from quittance.tenancy.address import portal_address
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_organization_id, widened

LONGEST_REASON: Final = 500
S = JoinRequest.Status


class NoReason(RuleBroken):
    """Say why, in at most 500 characters: the person reads it."""


def let_in(request_id: UUID, *, by: User) -> None:
    """Let somebody act for the account as what he asked to be; tell him by mail.

    Of many who decide at the same moment one alone has decided. Raises ``DecidedAlready``,
    ``MayNot``, ``CannotCome``.
    """
    site = portal_address(current_organization_id())
    with widened(), writing():
        found = _locked(request_id, by=by)
        become(found)
        _decide(found, S.LET_IN, by=by, site=site)


def refuse(request_id: UUID, *, reason: str, by: User) -> None:
    """Keep somebody out, and tell him why. Raises ``NoReason``, ``DecidedAlready``, ``MayNot``."""
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise NoReason
    site = portal_address(current_organization_id())
    with widened(), writing():
        found = _locked(request_id, by=by)
        _decide(found, S.REFUSED, by=by, site=site, reason=reason)


def hand(request_id: UUID, *, owner: User | None, by: User) -> None:
    """Say who of the seller looks after it. Raises ``DecidedAlready``, ``MayNot``."""
    with writing():
        found = _locked(request_id, by=by)
        if found.status != S.ASKED:
            raise DecidedAlready
        JoinRequest.objects.filter(pk=found.pk).update(owner=owner)
        record_event(
            "join handed", subject_kind="join_request", subject_id=found.pk,
            owner=str(owner.pk) if owner else "",
        )  # fmt: skip


def waiting_at(account_id: UUID) -> list[JoinRequest]:
    """Return who waits to act for an account, the longest first. The reader manages its team."""
    with widened(), reading():
        rows = JoinRequest.objects.filter(customer_account_id=account_id, status=S.ASKED)
        return list(rows.order_by("created_at", "pk")[:100])


def expire(request: JoinRequest, *, site: str) -> None:
    """End what nobody decided, in a transaction of the caller; tell who asked."""
    move_request(request, S.EXPIRED, cause="its days were over")
    tell_answer(request, site=site)


def _decide(found: JoinRequest, to: str, *, by: User, site: str, **changes: object) -> None:
    move_request(found, to, cause=f"user:{by.pk}", decided_by=by, **changes)
    record_event(
        f"join {found.get_status_display().lower()}", subject_kind="join_request",
        subject_id=found.pk, account=str(found.customer_account_id), role=found.role,
    )  # fmt: skip
    tell_answer(found, site=site)


def _locked(request_id: UUID, *, by: User) -> JoinRequest:
    rows = JoinRequest.objects.select_for_update(of=("self",)).select_related("customer_account")
    found = rows.filter(pk=request_id).first()
    if found is None:
        raise DecidedAlready
    if by.is_staff:
        if not may(by, Permission.INVITE):
            raise MayNot
    else:
        check_may(by.pk, [found.customer_account_id], BuyerPermission.MANAGE_TEAM)
    if found.status != S.ASKED:
        raise DecidedAlready
    return found
