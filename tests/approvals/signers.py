"""A customer account whose payments another person approves, and its people."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from quittance.core.money import Money
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import widened
from tests.ground import HARBORLINE, Ground
from tests.payments.people import new_payer
from tests.portal.roles import set_role

if TYPE_CHECKING:
    from quittance.approvals.models import ApprovalRequest
    from quittance.identity.models import User
    from quittance.payments.models import Basket


def person(ground: Ground, role: str, *, name: str = "", limit: int = 0) -> User:
    """Somebody of Harborline with this role."""
    user = new_payer(ground.account().pk, name=name or f"A {role}")
    set_role(user.pk, role, limit=Money(limit, "USD") if limit else None)
    return user


def ruled(
    ground: Ground, *, above: int | None = 10_000, month: int | None = None, by: UUID | None = None,
    only: tuple[UUID, ...] = (), number: str = HARBORLINE,
) -> None:  # fmt: skip
    """Have payments of an account above so many cents approved; somebody who administers says so.

    Whoever that is approves too, unless ``only`` names others.
    """
    from quittance.approvals.rules import Wish, set_rule

    wish = Wish(
        currency="USD", above=None if above is None else Money(above, "USD"),
        month=None if month is None else Money(month, "USD"), approvers=only,
    )  # fmt: skip
    head = by or person(ground, "administer", name="Head").pk
    set_rule(ground.account(number).pk, wish, by=head)


def asked(basket: Basket, maker: User, *, note: str = "") -> ApprovalRequest:
    """Send a basket for approval as its review shows it now."""
    from quittance.payments.approval_requests import send_for_approval
    from tests.payments.checkouts import contents

    with reading():
        basket.refresh_from_db()
    return send_for_approval(
        basket.pk, maker_id=maker.pk, version=basket.version, seal_seen=contents(basket).seal,
        note=note, address_of=lambda token: f"https://portal.example/approvals/mail/{token}",
    )  # fmt: skip


def again(request: ApprovalRequest) -> ApprovalRequest:
    """The request as it is now."""
    with widened(), reading():
        request.refresh_from_db()
    return request


def events(*whats: str) -> list[str]:
    """What the audit has of these, in order."""
    from quittance.audit.models import AuditEvent

    with widened(), reading():
        rows = AuditEvent.objects.filter(what__in=whats).order_by("pk")
        return list(rows.values_list("what", flat=True))
