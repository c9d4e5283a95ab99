"""People of a customer with a role each, for tests of what each may do."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from quittance.core.money import Money
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import widened
from tests.ground import HARBORLINE

if TYPE_CHECKING:
    from django.test import Client

    from tests.portal.doors import Door


def set_role(user_id: UUID, role: str, *, limit: Money | None = None, number: str = "") -> None:
    """Give somebody another role, for all of their accounts or for that of a number."""
    from quittance.receivables.models import Contact

    with widened(), writing():
        own = Contact.objects.filter(user_id=user_id)
        own = own.filter(customer_account__number=number) if number else own
        own.update(
            role=role, limit_minor=limit.minor if limit else None,
            limit_currency=limit.currency if limit else "",
        )  # fmt: skip


def as_role(
    door: Door, role: str, *numbers: str, limit: Money | None = None, email: str = ""
) -> Client:
    """Return the browser of somebody new who has this role for these customers."""
    from quittance.identity.models import User
    from quittance.tenancy.rows import reading

    if role == "pay_within" and limit is None:
        limit = Money(50_000, "USD")
    email = email or f"{role}@example.test"
    client = door.signed_in(*(numbers or (HARBORLINE,)), email=email, name=f"A {role}")
    with reading():
        user_id = User.objects.get(email=email).pk
    set_role(user_id, role, limit=limit)
    return client
