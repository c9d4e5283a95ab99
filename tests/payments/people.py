"""People for payments that need one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from quittance.core.ids import new_id
from quittance.identity.models import User
from quittance.tenancy.rows import writing


def new_user(email: str = "", *, name: str = "Dana Okafor") -> User:
    """A buyer."""
    with writing():
        return User.objects.create(
            email=email or f"dana.{new_id().hex[-8:]}@harborline.example", name=name
        )


def with_user(order: Any, user: User) -> Any:
    """The same order, confirmed by this person."""
    return replace(order, user_id=user.pk)
