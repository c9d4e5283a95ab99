"""Reads requests for approval for their pages, and says what was sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from quittance.approvals.deciders import NotYours, check_may_decide, may_ever_decide
from quittance.approvals.models import ApprovalRequest
from quittance.approvals.requests import accounts_of
from quittance.core import clock
from quittance.core.money import Money
from quittance.payments.approval_requests import sees_all_of
from quittance.payments.payers import names_of
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.rows import reading

S = ApprovalRequest.Status
_MOST: Final = 200  # of the list: those that wait are among the newest


@dataclass(frozen=True, slots=True)
class Row:
    """One request of the list."""

    request: ApprovalRequest
    status: str  # a word of ui/statuses.py
    who: str
    account: str
    whole: Money


@dataclass(frozen=True, slots=True)
class Lists:
    """All that somebody may see: what they decide, what they asked for, and what is over."""

    to_decide: Sequence[Row]
    waiting: Sequence[Row]
    done: Sequence[Row]


def lists_of(person_id: UUID, account_ids: Sequence[UUID]) -> Lists:
    """Return the newest requests of somebody's accounts, outside of a transaction."""
    with reading():
        rows = [
            each
            for each in ApprovalRequest.objects.order_by("-created_at", "-pk")[:_MOST]
            if sees_all_of(accounts_of(each))
        ]
        decides = may_ever_decide(person_id, account_ids)
        mine_to_decide = {each.pk for each in rows if decides and decides_now(each, person_id)}
        accounts = CustomerAccount.objects.in_bulk({each.customer_account_id for each in rows})
    names = names_of({each.maker_id for each in rows})
    made = [
        Row(
            each, word_of(each), names.get(each.maker_id, ""),
            accounts[each.customer_account_id].name, whole_of(each),
        )
        for each in rows
    ]  # fmt: skip
    alive = [each for each in made if each.status in {"approval_asked", "approval_approved"}]
    return Lists(
        to_decide=[each for each in alive if each.request.pk in mine_to_decide],
        waiting=[each for each in alive if each.request.pk not in mine_to_decide],
        done=[each for each in made if each not in alive],
    )


def find_request(request_id: UUID) -> ApprovalRequest | None:
    """Return a request whose every account the reader acts for, in a caller's transaction."""
    found = ApprovalRequest.objects.filter(pk=request_id).first()
    return found if found and sees_all_of(accounts_of(found)) else None


def decides_now(request: ApprovalRequest, person_id: UUID) -> bool:
    """Say whether it waits for a decision, and this person may take it, in a transaction."""
    if request.status != S.ASKED or request.is_over(clock.now()):
        return False
    try:
        check_may_decide(
            person_id, accounts_of(request), maker_id=request.maker_id, amount=request.amount
        )
    except NotYours:
        return False
    return True


def word_of(request: ApprovalRequest) -> str:
    """Return where it is, as pages say it; one whose days are over is outdated."""
    over = request.is_alive and request.is_over(clock.now())
    return f"approval_{S.OUTDATED if over else request.status}"


def whole_of(request: ApprovalRequest) -> Money:
    """Return the money and the credits of it together."""
    return Money(request.amount_minor + request.credit_minor, request.currency)


def sealed_of(request: ApprovalRequest) -> dict[str, Any]:
    """Return what was sealed, for the page and its sums."""
    said, currency = request.sealed, request.currency
    sums = {name: Money(said[name], currency)
            for name in ("settled", "discount", "credit", "fee", "total")}  # fmt: skip
    return {
        **sums, "count": said["count"], "several": len(said["groups"]) > 1,
        "groups": [_group(each, currency) for each in said["groups"]],
    }  # fmt: skip


def _group(said: Mapping[str, Any], currency: str) -> dict[str, Any]:
    return {
        "name": said["name"], "number": said["number"],
        "lines": [
            {
                **line, "due": date.fromisoformat(line["due"]),
                **{name: Money(line[name], currency)
                   for name in ("amount", "left", "discount", "kept_back")},
            }
            for line in said["lines"]
        ],
        "credits": [
            {**each, "used": Money(each["used"], currency), "left": Money(each["left"], currency)}
            for each in said["credits"]
        ],
    }  # fmt: skip
