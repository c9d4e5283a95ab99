"""Which second factors a person has, and how they are taken from who lost them."""

from __future__ import annotations

from typing import NamedTuple

from quittance.audit.record import record_event
from quittance.core.errors import RuleBroken
from quittance.identity.factors.app import app_of, remove_app
from quittance.identity.factors.passkeys import passkeys_of
from quittance.identity.factors.recovery import codes_left
from quittance.identity.models import AuthenticatorApp, Passkey, RecoveryCode, User
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import widened


class NotOneself(RuleBroken):
    """Nobody takes the second factors from themselves. Use a recovery code, or ask a colleague."""


class Factors(NamedTuple):
    """What a person has beside the password."""

    app: AuthenticatorApp | None
    passkeys: list[Passkey]
    codes_left: int

    @property
    def any(self) -> bool:
        """Whether a sign-in asks for a second step."""
        return self.app is not None or bool(self.passkeys)


def factors_of(user: User) -> Factors:
    """Return what the person has."""
    with widened(), reading():
        return Factors(app_of(user), passkeys_of(user), codes_left(user))


def drop_codes_if_alone(user: User) -> None:
    """Take recovery codes that stand in for nothing, in a transaction of the caller."""
    if app_of(user) is None and not passkeys_of(user):
        RecoveryCode.objects.filter(user=user).delete()


def take_factors(person: User, *, by: User) -> None:
    """Take every factor from somebody who lost them, in a transaction of the caller.

    The caller saw that ``by`` may do so, tells the person by mail in the same transaction, and
    signs the person out everywhere. Raises ``NotOneself``.
    """
    if person.pk == by.pk:
        raise NotOneself
    remove_app(person)
    Passkey.objects.filter(user=person).delete()
    RecoveryCode.objects.filter(user=person).delete()
    record_event("second factors taken away", subject_kind="user", subject_id=person.pk)
