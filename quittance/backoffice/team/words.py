"""What staff may do, in the words of people; the back office is in English everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from quittance.identity.models import User
from quittance.identity.permissions import STAFF_TABLE, Permission
from quittance.identity.role_words import Matrix, matrix_of

_P: Final = Permission
_STAFF_MAY: Final[Mapping[Permission, str]] = {
    _P.SEE_PAYMENTS: "See payments, exceptions, disputes, pay links and kept methods",
    _P.SEE_BOOKS: "See the books, the bank's movements and the state of connections",
    _P.SEE_AUDIT: "See who did what, and take it away as a file",
    _P.RETRY_POSTINGS: "Have a posting tried again in the ERP",
    _P.HANDLE: "Decide about exceptions and disputes, make pay links, read bank files",
    _P.REALLOCATE: "Move money to other invoices or on account",
    _P.REFUND: "Give money back",
    _P.ANY_AMOUNT: "Decide about more than one person may decide alone",
    _P.CONNECT: "Change connections, fees, rules of booking and ways to pay",
    _P.SIGN_ON: "Prove domains and say which identity provider vouches for whom",
    _P.SIGN_IN_POLICY: "Say who must have a second factor, and whether newcomers may register",
    _P.INVITE: "Invite people of customers, and say yes or no to who asks for access",
    _P.VIEW_AS_CUSTOMER: "Look at the portal as a customer sees it, without changing anything",
    _P.MANAGE_STAFF: "Invite people of your own team, change their roles, switch them off",
    _P.PEOPLES_DATA: "Have everything told that is kept of a person, and erase people",
    _P.CONFIRM: "Confirm or refuse what a colleague asks for and they may do themselves",
    _P.BRAND: "Change how the portal, its mails and its documents look",
}


def staffs_matrix() -> Matrix:
    """Return the table of staff, the weakest role first."""
    roles = [(role, str(User.StaffRole(role).label)) for role in STAFF_TABLE]
    return matrix_of(roles, STAFF_TABLE, _STAFF_MAY)
