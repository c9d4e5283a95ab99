"""Tells by mail who asks to come in, who came in, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping

from quittance.arrivals.models import JoinRequest
from quittance.core import clock
from quittance.identity.models import User
from quittance.identity.permissions import BuyerPermission, Permission, may
from quittance.notifications.messages import enqueue_message
from quittance.receivables.people import who_may


def tell_both_sides(request: JoinRequest) -> None:
    """Tell who administers the account, and the seller's team, that somebody asks or came in."""
    account = request.customer_account
    facts = {
        "account": account.name, "number": account.number, "status": request.status,
        "who": request.name, "email": request.email,
    }  # fmt: skip
    for each in who_may(BuyerPermission.MANAGE_TEAM, account.pk):
        _write(f"join:{request.pk}:{each.pk}", "join_asked", each.email, facts)
    for each in _team(request):
        _write(f"join:{request.pk}:{each.pk}", "join_team", each.email, facts)


def tell_answer(request: JoinRequest, *, site: str) -> None:
    """Tell who asked what the answer is; ``site`` is where he signs in."""
    facts = {
        "account": request.customer_account.name, "status": request.status,
        "reason": request.reason, "language": request.language,
        "address": site,
    }  # fmt: skip
    _write(f"join:{request.pk}:answer", "join_answered", request.email, facts)


def tell_of_guesses() -> None:
    """Tell the seller's team that somebody guesses: once a day, however many doors are tried."""
    day = clock.now().date().isoformat()
    for each in _staff():
        _write(f"join guesses:{day}:{each.pk}", "join_guessed", each.email, {})


def _team(request: JoinRequest) -> list[User]:
    staff = _staff()
    return [each for each in staff if each.pk == request.owner_id] or staff


def _staff() -> list[User]:
    staff = User.objects.filter(is_active=True).exclude(staff_role=User.StaffRole.NONE)
    return [each for each in staff.order_by("pk") if may(each, Permission.INVITE)]


def _write(key: str, kind: str, to: str, facts: Mapping[str, object]) -> None:
    enqueue_message(key=key, kind=kind, to=to, facts=dict(facts))
