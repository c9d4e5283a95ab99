"""People for payments that need one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from quittance.core.ids import new_id
from quittance.identity.models import User
from quittance.receivables.models import Contact
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import widened


def new_user(email: str = "", *, name: str = "Dana Okafor") -> User:
    """A buyer."""
    with widened(), writing():  # a buyer reads no other person's row
        return User.objects.create(
            email=email or f"dana.{new_id().hex[-8:]}@harborline.example", name=name
        )


def may_pay_for(user: User, customer_account_id: UUID) -> User:
    """Let a buyer see and pay for a customer account; once is enough."""
    with widened(), writing():
        Contact.objects.get_or_create(user=user, customer_account_id=customer_account_id)
    return user


def new_payer(*customer_account_ids: UUID, email: str = "", name: str = "Dana Okafor") -> User:
    """A buyer who may pay for these customer accounts."""
    user = new_user(email, name=name)
    for each in customer_account_ids:
        may_pay_for(user, each)
    return user


def with_user(order: Any, user: User) -> Any:
    """The same order, confirmed by this person, who may."""
    for each in (order.customer_account_id, *order.other_account_ids):
        may_pay_for(user, each)
    return replace(order, user_id=user.pk)
