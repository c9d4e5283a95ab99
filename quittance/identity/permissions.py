"""Which role may do what: one table."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from quittance.core.money import Money
from quittance.identity.models import User
from quittance.tenancy.limits import one_person_may

R = User.StaffRole


class Permission(StrEnum):
    """Something that staff may be allowed to do."""

    SEE_PAYMENTS = "see payments"
    SEE_BOOKS = "see books"
    RETRY_POSTINGS = "retry postings"
    HANDLE = "handle exceptions"  # with a note; also: say who looks after one
    REALLOCATE = "reallocate"  # to other invoices, or on account
    REFUND = "refund"  # a clerk: up to the organization's limit, if it has one
    CONNECT = "connect"  # test, change and pause connections; say where payments are booked
    BRAND = "brand"  # change how the portal, its mails and its documents look
    ANY_AMOUNT = "any amount"  # what one person may not decide alone, a manager may


_SEES: Final = frozenset({Permission.SEE_PAYMENTS, Permission.SEE_BOOKS})
_MENDS: Final = frozenset(
    {Permission.RETRY_POSTINGS, Permission.HANDLE, Permission.REALLOCATE, Permission.REFUND}
)
_TABLE: Final[dict[str, frozenset[Permission]]] = {
    R.NONE: frozenset(),
    R.AUDITOR: _SEES,
    R.CLERK: _SEES | _MENDS,
    R.MANAGER: frozenset(Permission),
    R.ADMINISTRATOR: frozenset(Permission),
}


def may(user: User, permission: Permission) -> bool:
    """Say whether ``user`` may do this; buyers may do nothing of it."""
    return user.is_active and permission in _TABLE.get(user.staff_role, frozenset())


def may_decide(user: User, permission: Permission, amount: Money | None) -> bool:
    """Say whether ``user`` may do this with so much money, in a transaction of the caller.

    What one person may not decide alone (tenancy/limits.py) only a manager does. ``None``: it is
    about no money.
    """
    if amount is None or may(user, Permission.ANY_AMOUNT):
        return may(user, permission)
    return may(user, permission) and one_person_may(amount)


def may_refund(user: User, amount: Money) -> bool:
    """Say whether ``user`` may refund this much, in a transaction of the caller."""
    return may_decide(user, Permission.REFUND, amount)
