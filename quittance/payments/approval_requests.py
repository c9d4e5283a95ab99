"""Sends a basket for approval, and lets an approver decide about the very basket that was sealed.

Whoever changes a basket and whoever decides about it hold its row, so one of them is first: a yes
never falls on what was changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from quittance.approvals.deciders import check_may_decide
from quittance.approvals.models import ApprovalRequest
from quittance.approvals.requests import (
    AddressOf,
    accounts_of,
    alive_of,
    approve,
    ask,
    outdate,
    refuse,
    withdraw,
)
from quittance.approvals.transitions import DecidedAlready
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import BuyerPermission
from quittance.payments.approving import needs_now, wanted_of
from quittance.payments.contents import WITHOUT_MONEY, BasketGone, Contents, find_basket
from quittance.payments.models import Basket
from quittance.payments.orders import AmountNotOwed
from quittance.payments.sealing import as_plain, fingerprint_of_basket, seal
from quittance.receivables.people import check_may
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_scope

_CHANGED: Final = "the basket was changed"


class NoNeed(RuleBroken):
    """You may pay this yourself now. Nothing was sent."""


class BasketMoved(RuleBroken):
    """Something has changed since the page was shown. Nothing was sent. Look once more."""


class ChangedSince(RuleBroken):
    """What was to be approved has changed since. Nothing was approved: it is asked for anew."""


def send_for_approval(
    basket_id: UUID,
    *,
    maker_id: UUID,
    version: int,
    seal_seen: str,
    note: str,
    address_of: AddressOf,
    plain_method: str = "",
) -> ApprovalRequest:
    """Ask the approvers about a basket as its page showed it; asking twice is asking once.

    ``plain_method``: it is to be paid that way, without credits; "": by the way it has. The basket
    is kept as long as the request is good. Raises ``BasketGone``, ``BasketMoved``, ``MayNot``,
    ``AboveLimit`` (nobody can lift the limit), ``NoNeed``, ``AmountNotOwed``, ``NobodyApproves``.
    """
    with writing():
        contents = _held(basket_id)
        if contents.is_paid:
            raise BasketGone
        if plain_method:
            contents = as_plain(contents, plain_method)
        chosen = plain_method or contents.basket.method or contents.method == WITHOUT_MONEY
        if not chosen or contents.basket.version != version or contents.seal != seal_seen:
            raise BasketMoved
        for item in contents.items:
            if item.amount.minor > item.free.minor:
                raise AmountNotOwed(invoice=item.invoice.number)
        wanted = wanted_of(contents, maker_id)
        check_may(maker_id, wanted.account_ids, BuyerPermission.PAY)
        if not needs_now(wanted):
            raise NoNeed
        sealed = seal(contents, without_credits=bool(plain_method))
        request = ask(sealed, maker_id=maker_id, note=note, address_of=address_of)
        Basket.objects.filter(pk=basket_id, expires_at__lt=request.expires_at).update(
            expires_at=request.expires_at
        )
    return request


def approve_request(request_id: UUID, *, by: UUID) -> ApprovalRequest:
    """Say yes to what was sealed, if the basket is still so. The approver's proof is the door's.

    Raises ``NotYours``, ``DecidedAlready``, ``ApprovalOver``, or ``ChangedSince``: then the request
    has ended.
    """
    with writing():
        fits = _fits(_request(request_id))
        request = _locked(request_id)
        if fits:
            approve(request, by=by)
            return request
        check_may_decide(by, accounts_of(request), maker_id=request.maker_id, amount=request.amount)
        outdate(request, _CHANGED)
    raise ChangedSince


def refuse_request(request_id: UUID, *, by: UUID, reason: str) -> ApprovalRequest:
    """Say no, and why. Raises ``NoReason``, ``NotYours``, ``DecidedAlready``, ``ApprovalOver``."""
    with writing():
        request = _locked(_request(request_id).pk)
        refuse(request, by=by, reason=reason)
    return request


def withdraw_request(request_id: UUID, *, by: UUID) -> ApprovalRequest:
    """Take one's own request back. Raises ``DecidedAlready``."""
    with writing():
        request = _locked(_request(request_id).pk)
        withdraw(request, by=by)
    return request


def outdate_if_changed(basket_id: UUID) -> None:
    """End a basket's request when the basket is no longer what was sealed.

    In the transaction that changed it and holds its row.
    """
    request = alive_of(basket_id, lock=True)
    if request is not None and not _is_so(request, find_basket(basket_id)):
        outdate(request, _CHANGED)


def _held(basket_id: UUID) -> Contents:
    if Basket.objects.select_for_update().filter(pk=basket_id).first() is None:
        raise BasketGone
    return find_basket(basket_id)


def _request(request_id: UUID) -> ApprovalRequest:
    """Return it where the reader acts for every account of it; to others it is not there."""
    request = ApprovalRequest.objects.filter(pk=request_id).first()
    if request is None or not sees_all_of(accounts_of(request)):
        raise DecidedAlready
    return request


def sees_all_of(account_ids: Collection[UUID]) -> bool:
    """Say whether the reader acts for each of these accounts."""
    own = current_scope().customer_accounts
    return own is None or set(account_ids) <= own


def _locked(request_id: UUID) -> ApprovalRequest:
    return ApprovalRequest.objects.select_for_update(of=("self",)).get(pk=request_id)


def _fits(request: ApprovalRequest) -> bool:
    """Say whether the basket is still what was sealed, and hold it so."""
    if not request.is_alive:
        raise DecidedAlready
    try:
        contents = _held(request.basket_id)
    except BasketGone:
        return False
    owed = all(item.amount.minor <= item.free.minor for item in contents.items)
    return owed and not contents.is_paid and _is_so(request, contents)


def _is_so(request: ApprovalRequest, contents: Contents) -> bool:
    if request.without_credits:
        contents = as_plain(contents, request.method)
    return fingerprint_of_basket(contents) == request.fingerprint
