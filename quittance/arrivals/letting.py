"""Makes of who asked what he asked to be, in the transaction of who decided it."""

from __future__ import annotations

from quittance.arrivals.models import JoinRequest
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.identity.newcomers import new_person
from quittance.receivables.team import admit


class CannotCome(RuleBroken):
    """This person was removed or switched off meanwhile. Nobody was let in: refuse the request."""


def become(request: JoinRequest) -> User:
    """Let who asked act for the account. Somebody new has no password: he signs in by mailed code.

    Raises ``CannotCome``.
    """
    if not request.email:
        raise CannotCome  # erased meanwhile
    person = User.objects.filter(email=request.email).first()
    if person is None:
        person = new_person(request.email, name=request.name, hashed="")
    if not person.is_active or person.is_staff:
        raise CannotCome
    account_id, asked_at = request.customer_account_id, request.created_at
    if not admit(person, account_id, role=request.role, limit=None, asked_at=asked_at):
        raise CannotCome
    return person
