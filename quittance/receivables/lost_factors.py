"""Takes the second factors from who lost them, at the word of an administrator of the same side."""

from __future__ import annotations

from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.identity.factors.owned import take_factors
from quittance.identity.models import User
from quittance.identity.permissions import BuyerRole
from quittance.notifications.messages import enqueue_message
from quittance.receivables.models import Contact


class NotTheirAdministrator(RuleBroken):
    """Only an administrator of the same company takes second factors away. Nothing was changed."""


def take_lost_factors(person: User, *, by: User) -> None:
    """Take every second factor, end every session, and tell the person, in one transaction.

    In the transaction of the caller. Staff have an administrator of the organization, buyers one of
    a customer account that they act for. Raises ``NotOneself``, ``NotTheirAdministrator``.
    """
    if not _administers(by, person):
        raise NotTheirAdministrator
    take_factors(person, by=by)
    User.objects.filter(pk=person.pk).update(signed_out_at=clock.now())
    enqueue_message(
        key=f"factor:{new_id()}", kind="factor_changed", to=person.email,
        facts={"what": "taken_away", "name": "", "language": person.language},
    )  # fmt: skip


def _administers(by: User, person: User) -> bool:
    if person.is_staff:
        return by.staff_role == User.StaffRole.ADMINISTRATOR
    accounts = Contact.objects.filter(user=person).values("customer_account_id")
    return Contact.objects.filter(
        user=by, role=BuyerRole.ADMINISTER, customer_account_id__in=accounts
    ).exists()
