"""Which role may do what: one table."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from quittance.identity.models import User

R = User.StaffRole


class Permission(StrEnum):
    """Something that staff may be allowed to do."""

    SEE_PAYMENTS = "see payments"
    RETRY_POSTINGS = "retry postings"


_TABLE: Final[dict[str, frozenset[Permission]]] = {
    R.NONE: frozenset(),
    R.AUDITOR: frozenset({Permission.SEE_PAYMENTS}),
    R.CLERK: frozenset({Permission.SEE_PAYMENTS, Permission.RETRY_POSTINGS}),
    R.MANAGER: frozenset(Permission),
    R.ADMINISTRATOR: frozenset(Permission),
}


def may(user: User, permission: Permission) -> bool:
    """Say whether ``user`` may do this; buyers may do nothing of it."""
    return user.is_active and permission in _TABLE.get(user.staff_role, frozenset())
