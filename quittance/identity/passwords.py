"""What a password must be, and changing one's own.

Source: NIST SP 800-63B, 5.1.1.2: long ones, no rule on their signs, none that everybody knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.breached import is_breached
from quittance.identity.browsers import end_others
from quittance.identity.models import SignIn, User
from quittance.identity.throttle import check_tries, give_back, take_try
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened

SHORTEST: Final = 12  # characters
LONGEST: Final = 128
_FRESH: Final = timedelta(minutes=10)  # who has no password proves it by a sign-in of just now
_KNOWN: Final = CommonPasswordValidator()
_PRODUCT: Final = "Quittance"
_OWN_WORD: Final = 4  # letters; shorter words stand in many passwords


class NotYourPassword(RuleBroken):
    """That is not your password. Nothing was changed."""


class SignInAgain(RuleBroken):
    """You have no password yet. Sign in anew with a code, then do this within 10 minutes."""


class TooShort(RuleBroken):
    """Use at least 12 characters: a few words that only you would put together are easy to keep."""


class TooLong(RuleBroken):
    """Use at most 128 characters."""


class WellKnown(RuleBroken):
    """This password is known to everybody who guesses passwords. Use another one."""


class OfOwnWords(RuleBroken):
    """It is made of your name, your address or the seller's name. Use other words."""


def check_new_password(password: str, *, words: Iterable[str]) -> None:
    """Raise ``RuleBroken`` for one that is easily guessed, also of the person's own ``words``."""
    if len(password) < SHORTEST:
        raise TooShort
    if len(password) > LONGEST:
        raise TooLong
    plain = re.sub(r"[\W\d_]+", "", password.lower())
    try:
        _KNOWN.validate(password)
        _KNOWN.validate(plain)
    except ValidationError as error:
        raise WellKnown from error
    if len(set(password)) < _OWN_WORD or is_breached(password):
        raise WellKnown
    for word in words:
        for part in re.split(r"[\W\d_]+", word.lower()):
            plain = plain.replace(part, "") if len(part) >= _OWN_WORD else plain
    if len(plain) < _OWN_WORD:
        raise OfOwnWords


def prove(user: User, password: str, *, ip: str, browser_id: UUID) -> None:
    """See that it is the person: by the password, or by a sign-in of just now where there is none.

    Raises ``NotYourPassword``, ``SignInAgain``, ``TooManyTries``.
    """
    if not user.password:
        with widened(), reading():
            check_tries(email=user.email, ip=ip)
            fresh = SignIn.objects.filter(pk=browser_id, began_at__gt=clock.now() - _FRESH)
            if fresh.exists():
                return
        raise SignInAgain
    with widened(), writing():
        taken = take_try(email=user.email, ip=ip)
    if len(password) > LONGEST or not check_password(password, user.password):
        raise NotYourPassword
    with widened(), writing():
        give_back(taken)


def hashed_password(user: User, new: str, *, words: Iterable[str]) -> str:
    """Return what is kept of a person's new password. It takes a while: outside a transaction.

    Raises what ``check_new_password`` raises.
    """
    check_new_password(new, words=[user.name, user.email, _PRODUCT, *words])
    return make_password(new)


def change_password(user: User, hashed: str, *, browser_id: UUID) -> None:
    """Keep a new password of a person who proved to be it; all other browsers are signed out.

    In a transaction of the caller, who tells the person of it in the same one.
    """
    User.objects.filter(pk=user.pk).update(password=hashed)
    record_event("password changed", subject_kind="user", subject_id=user.pk)
    end_others(user, but=browser_id)
