"""Ten codes to print: each lets a person in once who has lost the app and the passkeys."""

from __future__ import annotations

import secrets
from typing import Final, NamedTuple

from django.contrib.auth.hashers import make_password

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.identity.models import RecoveryCode, User
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened

HOW_MANY: Final = 10
# Nobody misreads these: no I, L, O, U, 0 or 1. Ten of them are 49 random bits, which no password
# hash gives away. Source: ASVS 6.5.2.
_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 10
_NOBODY: Final = "no salt of anybody"


class Sheet(NamedTuple):
    """Ten codes as the person reads them, once, and what is kept of them."""

    codes: list[str]
    salt: str
    hashes: list[str]


def new_sheet() -> Sheet:
    """Make ten codes. It takes a while: outside a transaction."""
    plain = ["".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(HOW_MANY)]
    salt = secrets.token_urlsafe(16)
    half = _LENGTH // 2
    shown = [f"{each[:half]}-{each[half:]}" for each in plain]
    return Sheet(shown, salt, [make_password(each, salt) for each in plain])


def keep_sheet(user: User, sheet: Sheet) -> None:
    """Keep these instead of all that the person had, in a transaction of the caller."""
    now = clock.now()
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, salt=sheet.salt, code_hash=each, created_at=now)
        for each in sheet.hashes
    )
    record_event("recovery codes made", subject_kind="user", subject_id=user.pk)


def is_recovery_code(user: User, typed: str) -> bool:
    """Take one of the person's codes: once, however often it comes at the same moment.

    It costs the same for somebody without any.
    """
    plain = "".join(each for each in typed.upper() if each in _LETTERS)[:_LENGTH]
    with widened(), reading():
        row = RecoveryCode.objects.filter(user=user).first()
    hashed = make_password(plain, row.salt if row else _NOBODY)
    with widened(), writing():
        unused = RecoveryCode.objects.filter(user=user, code_hash=hashed, used_at=None)
        if not unused.update(used_at=clock.now()):
            return False
        record_event("recovery code used", subject_kind="user", subject_id=user.pk)
    return True


def codes_left(user: User) -> int:
    """Return how many codes are not used yet, in a transaction of the caller."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()
