"""Says who may give the second word: another person, who may do the act themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from quittance.confirmations.models import Kind
from quittance.identity.models import User
from quittance.identity.permissions import Permission, may

NEEDS: Final[Mapping[str, Permission]] = {
    Kind.BANK_ACCOUNTS: Permission.CONNECT,
    Kind.CREDENTIALS: Permission.CONNECT,
    Kind.DOMAINS: Permission.SIGN_ON,
    Kind.VISITS: Permission.VIEW_AS_CUSTOMER,
    Kind.RULES: Permission.SIGN_IN_POLICY,
}


def kinds_of(person: User) -> list[str]:
    """Return the kinds of acts about which this person may have a word."""
    return [str(kind) for kind, needed in NEEDS.items() if may(person, needed)]


def who_may_do(kind: str) -> list[User]:
    """Return the people who may do such an act, in a transaction of the caller."""
    staff = User.objects.filter(is_active=True).exclude(staff_role=User.StaffRole.NONE)
    return [each for each in staff.order_by("pk") if may(each, NEEDS[kind])]


def are_two(one: User, other: User) -> bool:
    """Say whether these are two people, as far as anybody can know.

    Two accounts are one person's where mails to both come into one box: ``ines+2@`` is ``ines@``.
    The database looks in the same way (migrations/0001).
    """
    return one.pk != other.pk and _box(one.email) != _box(other.email)


def others_for(kind: str, person: User) -> list[User]:
    """Return who may give the second word about what ``person`` asks for."""
    return [each for each in who_may_do(kind) if are_two(person, each)]


def _box(address: str) -> tuple[str, str]:
    name, _at, host = address.lower().rpartition("@")
    return name.partition("+")[0], host
