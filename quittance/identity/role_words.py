"""Roles and permissions in the words of people, for pages and mails; generated from the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.identity.permissions import BUYER_TABLE, BuyerPermission, BuyerRole

_B: Final = BuyerPermission
ROLES: Final[Mapping[str, str]] = {
    BuyerRole.VIEW: noop("View"),
    BuyerRole.PAY_WITHIN: noop("Pay up to a limit"),
    BuyerRole.PAY: noop("Pay"),
    BuyerRole.APPROVE: noop("Approve"),
    BuyerRole.ADMINISTER: noop("Administer"),
}
_MAY: Final[Mapping[BuyerPermission, str]] = {
    _B.SELF: noop("Keep your own profile, mails and sign-ins"),
    _B.SEE: noop("See invoices, documents, payments and saved payment methods"),
    _B.PAY: noop("Pay invoices and announce bank transfers"),
    _B.DISPUTE: noop("Dispute invoices"),
    _B.KEEP_METHODS: noop("Save, change and remove payment methods"),
    _B.APPROVE: noop("Approve what others want to pay"),
    _B.MANAGE_TEAM: noop("Invite people, change their roles, remove them"),
}


class Row(NamedTuple):
    """One permission: its words, and whether each role has it, in the order of the roles."""

    permission: str
    words: str
    allowed: Sequence[bool]


class Matrix(NamedTuple):
    """The table as people read it."""

    roles: Sequence[tuple[str, str]]  # the word of the code, and that of people
    rows: Sequence[Row]


def buyers_matrix() -> Matrix:
    """Return the table of buyers, in the language that is spoken."""
    roles = [(str(role), _(ROLES[role])) for role in BuyerRole.values]
    return matrix_of(roles, BUYER_TABLE, {each: _(words) for each, words in _MAY.items()})


def matrix_of(
    roles: Sequence[tuple[str, str]], table: Mapping[str, Any], words: Mapping[Any, str]
) -> Matrix:
    """Return the table of these roles; ``words`` are those of each permission, in their order."""
    return Matrix(
        roles,
        [
            Row(str(permission), said, [permission in table[role] for role, _word in roles])
            for permission, said in words.items()
        ],
    )
