"""Makes a person who shall sign in here from now on."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from quittance.audit.record import record_event
from quittance.core.errors import RuleBroken
from quittance.identity.models import User


class Taken(RuleBroken):
    """There is a sign-in with this address already. Sign in, then open the link again."""


def new_person(email: str, *, name: str, hashed: str, staff_role: str = "") -> User:
    """Keep a new person, in a transaction of the caller; ``hashed`` is of the password.

    Raises ``Taken``.
    """
    try:
        with transaction.atomic():
            user = User.objects.create(
                email=email, name=name, password=hashed, staff_role=staff_role
            )
    except IntegrityError as error:
        raise Taken from error
    record_event("person made", subject_kind="user", subject_id=user.pk, staff_role=staff_role)
    return user
