"""Codes of an app. Source: RFC 6238, as all such apps do it: SHA-1, six digits, 30 seconds.

The code of the step before and of the step after are taken too, because clocks of phones differ:
a documented deviation from ASVS 6.5.5. Each is taken once, and none that is older than the last.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

import pyotp
from django.db.models import QuerySet
from pyotp.exceptions import OTPVerificationError

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.identity.models import AuthenticatorApp, User
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_organization_id, widened
from quittance.tenancy.seal import open_sealed, seal

_PLACE: Final = "authenticator_app"
_STEPS: Final = 1  # so many before and after the present one
_DIGITS: Final = frozenset("0123456789")


class AppAlready(RuleBroken):
    """You have an app already. Remove it first, then add another one."""


class NotTheCode(RuleBroken):
    """That code does not fit. Enter the one that your app shows now; each is good once."""


def begin_app(user: User) -> None:
    """Make a secret for a new app, which counts when its first code came. Raises ``AppAlready``."""
    row_id = new_id()
    sealed = _sealed(pyotp.random_base32(), row_id)
    with widened(), writing():
        User.objects.select_for_update(of=("self",)).get(pk=user.pk)  # one at a time
        rows = AuthenticatorApp.objects.filter(user=user)
        if rows.filter(confirmed_at__isnull=False).exists():
            raise AppAlready
        rows.delete()
        AuthenticatorApp.objects.create(
            id=row_id, user=user, sealed_secret=sealed, created_at=clock.now()
        )
        record_event("app for codes begun", subject_kind="user", subject_id=user.pk)


def waiting_app(user: User, *, seller: str) -> tuple[str, str] | None:
    """Return the secret to type into the app that waits for its first code, and its address.

    The address (``otpauth://``) is what the square of dots says.
    """
    with widened(), reading():
        row = AuthenticatorApp.objects.filter(user=user, confirmed_at=None).first()
    if row is None:
        return None
    secret = _opened(row)
    address = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=seller)
    return secret, address


def confirm_app(user: User, code: str) -> None:
    """Have the app count from now on, in a transaction of the caller. Raises ``NotTheCode``."""
    if not _taken(AuthenticatorApp.objects.filter(user=user, confirmed_at=None), code):
        raise NotTheCode
    AuthenticatorApp.objects.filter(user=user).update(confirmed_at=clock.now())
    record_event("app for codes added", subject_kind="user", subject_id=user.pk)


def is_app_code(user: User, code: str) -> bool:
    """Take a code of the person's app: once, however many come with it at the same moment."""
    with widened(), writing():
        return _taken(AuthenticatorApp.objects.filter(user=user, confirmed_at__isnull=False), code)


def app_of(user: User) -> AuthenticatorApp | None:
    """Return the app that counts, in a transaction of the caller."""
    return AuthenticatorApp.objects.filter(user=user, confirmed_at__isnull=False).first()


def remove_app(user: User) -> bool:
    """Take the app away, in a transaction of the caller; say whether there was one."""
    removed, _ = AuthenticatorApp.objects.filter(user=user).delete()
    if removed:
        record_event("app for codes removed", subject_kind="user", subject_id=user.pk)
    return bool(removed)


def reseal() -> int:
    """Seal the secret of every app of the organization with the key of now; return how many."""
    with writing():
        rows = list(AuthenticatorApp.objects.select_for_update().order_by("pk"))
        for row in rows:
            row.sealed_secret = _sealed(_opened(row), row.pk)
            row.save(update_fields=["sealed_secret"])
    return len(rows)


def _taken(rows: QuerySet[AuthenticatorApp], code: str) -> bool:
    digits = "".join(each for each in code if each in _DIGITS)
    row = rows.select_for_update(of=("self",)).first()
    if row is None or len(digits) != 6:
        return False
    now = clock.now()
    try:
        totp = pyotp.TOTP(_opened(row))
        step = totp.verify_and_get_timecode(digits, for_time=now, valid_window=_STEPS)
    except OTPVerificationError:
        return False
    if step <= row.last_step:
        return False
    AuthenticatorApp.objects.filter(pk=row.pk).update(last_step=step, last_used_at=now)
    return True


def _sealed(secret: str, row_id: UUID) -> bytes:
    return seal(
        {"secret": secret}, organization_id=current_organization_id(), place=_PLACE, row_id=row_id
    )


def _opened(row: AuthenticatorApp) -> str:
    return open_sealed(
        row.sealed_secret, organization_id=current_organization_id(), place=_PLACE, row_id=row.pk
    )["secret"]
