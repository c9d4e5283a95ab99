"""Tells approvers by mail that somebody asks them, and the asker what was decided."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from quittance.approvals.deciders import people_of
from quittance.approvals.models import ApprovalRequest
from quittance.notifications.messages import enqueue_message
from quittance.receivables.models import CustomerAccount


def tell_approvers(request: ApprovalRequest, user_ids: Collection[UUID], address: str) -> None:
    """Put the mails into the outbox; it forgets their address once they are sent."""
    people = people_of([*user_ids, request.maker_id])
    maker = people[request.maker_id]
    facts = _facts(request) | {
        "who": maker.name or maker.email, "note": request.note, "address": address,
        "until": request.expires_at.date().isoformat(),
    }  # fmt: skip
    for user_id in user_ids:
        enqueue_message(
            key=f"approval:{request.pk}:{user_id}", kind="approval_asked",
            to=people[user_id].email, facts=facts,
        )  # fmt: skip


def tell_maker(request: ApprovalRequest) -> None:
    """Tell who asked that it was approved or refused, by whom, and why not."""
    wanted = [request.maker_id, request.decided_by_id]
    people = people_of([each for each in wanted if each])
    by = people[request.decided_by_id] if request.decided_by_id else None
    enqueue_message(
        key=f"approval:{request.pk}:{request.status}", kind=f"approval_{request.status}",
        to=people[request.maker_id].email,
        facts=_facts(request) | {
            "who": (by.name or by.email) if by else "", "reason": request.reason,
            "until": request.expires_at.date().isoformat(),
        },
    )  # fmt: skip


def _facts(request: ApprovalRequest) -> dict[str, object]:
    account = CustomerAccount.objects.get(pk=request.customer_account_id)
    return {
        "account": account.name, "amount_minor": request.amount_minor,
        "credit_minor": request.credit_minor, "currency": request.currency,
    }  # fmt: skip
