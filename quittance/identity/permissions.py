"""Which role may do what: one table for the seller's staff, one for buyers."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from django.db import models

from quittance.core.money import Money
from quittance.identity.models import User
from quittance.tenancy.limits import one_person_may

R = User.StaffRole


class Permission(StrEnum):
    """Something that staff may be allowed to do."""

    SEE_PAYMENTS = "see payments"
    SEE_BOOKS = "see books"
    SEE_AUDIT = "see audit"  # who did what, from where; and take it away as a file
    RETRY_POSTINGS = "retry postings"
    HANDLE = "handle exceptions"  # with a note; also: say who looks after one
    REALLOCATE = "reallocate"  # to other invoices, or on account
    REFUND = "refund"  # a clerk: up to the organization's limit, if it has one
    CONNECT = "connect"  # test, change and pause connections; say where payments are booked
    SIGN_ON = "sign on"  # say which identity provider vouches for whose people
    SIGN_IN_POLICY = "sign-in policy"  # say who must have a second factor, and who may register
    INVITE = "invite"  # people of customers, to act for their accounts; let in who asks
    MANAGE_STAFF = "manage staff"  # invite, change and switch off the organization's own people
    PEOPLES_DATA = "peoples data"  # have everything kept of a person told, and erase people
    VIEW_AS_CUSTOMER = "view as customer"  # open the portal as a customer sees it, to look only
    CONFIRM = "confirm"  # give the second word about an act that they may do themselves
    BRAND = "brand"  # change how the portal, its mails and its documents look
    ANY_AMOUNT = "any amount"  # what one person may not decide alone, a manager may


_SEES: Final = frozenset({Permission.SEE_PAYMENTS, Permission.SEE_BOOKS})
_MENDS: Final = frozenset(
    {Permission.RETRY_POSTINGS, Permission.HANDLE, Permission.REALLOCATE, Permission.REFUND}
)
_ADMINISTRATORS: Final = frozenset(
    {
        Permission.SIGN_ON, Permission.SIGN_IN_POLICY, Permission.MANAGE_STAFF,
        Permission.PEOPLES_DATA,
    }
)  # fmt: skip
STAFF_TABLE: Final[dict[str, frozenset[Permission]]] = {
    R.AUDITOR: _SEES | {Permission.SEE_AUDIT},
    R.CLERK: _SEES | _MENDS | {Permission.INVITE, Permission.VIEW_AS_CUSTOMER, Permission.CONFIRM},
    R.MANAGER: frozenset(Permission) - _ADMINISTRATORS,
    R.INTEGRATOR: _SEES | {Permission.RETRY_POSTINGS, Permission.CONNECT, Permission.CONFIRM},
    R.ADMINISTRATOR: frozenset(Permission),
}


class BuyerPermission(StrEnum):
    """Something that a person of a customer may be allowed to do for a customer account."""

    SELF = "self"  # their own profile, mails and sessions
    SEE = "see"  # invoices, documents, payments and what is kept to pay with
    PAY = "pay"  # start, go on with and cancel a payment; announce a transfer
    KEEP_METHODS = "keep methods"  # save, name and remove what is paid with
    DISPUTE = "dispute"
    APPROVE = "approve"  # what others want to pay
    MANAGE_TEAM = "manage team"  # invite, change and remove the people of the account


class BuyerRole(models.TextChoices):
    """What a person is for one customer account; the weakest first."""

    VIEW = "view"
    PAY_WITHIN = "pay_within"  # up to a limit for each payment: ``Contact.limit``
    PAY = "pay"
    APPROVE = "approve"
    ADMINISTER = "administer"


_B: Final = BuyerPermission
_LOOKS: Final = frozenset({_B.SELF, _B.SEE})
# Who may pay up to a limit keeps nothing to pay with: a mandate has no limit.
_PAYS_WITHIN: Final = _LOOKS | {_B.PAY, _B.DISPUTE}
_PAYS: Final = _PAYS_WITHIN | {_B.KEEP_METHODS}
BUYER_TABLE: Final[dict[str, frozenset[BuyerPermission]]] = {
    BuyerRole.VIEW: _LOOKS,
    BuyerRole.PAY_WITHIN: _PAYS_WITHIN,
    BuyerRole.PAY: _PAYS,
    BuyerRole.APPROVE: _PAYS | {_B.APPROVE},
    BuyerRole.ADMINISTER: frozenset(BuyerPermission),
}


def buyer_may(role: str) -> frozenset[BuyerPermission]:
    """Return what a buyer's role may do for its customer account; an unknown role nothing."""
    return BUYER_TABLE.get(role, frozenset())


def buyer_roles(permission: BuyerPermission) -> list[str]:
    """Return the roles that may do this, as the database keeps them."""
    return [str(role) for role, may_do in BUYER_TABLE.items() if permission in may_do]


def may(user: User, permission: Permission) -> bool:
    """Say whether ``user`` may do this; buyers may do nothing of it."""
    return user.is_active and permission in STAFF_TABLE.get(user.staff_role, frozenset())


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
