"""Between the first step of a sign-in and the second the person is nobody yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.identity.factors.app import is_app_code
from quittance.identity.factors.recovery import is_recovery_code
from quittance.identity.models import User
from quittance.identity.throttle import give_back, take_guess
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened

GOOD_FOR: Final = timedelta(minutes=10)
_HALF: Final = "half"  # the session's word; ``user_of`` knows nothing of it
_APP_CODE: Final = 6  # digits


def begin_second_step(
    session: SessionBase, user: User, *, then: str, vouched: bool = False
) -> None:
    """Keep who did the first step, in a session with a new id that nobody is signed in at.

    ``then`` is the address that the person wanted; ``vouched``: the first step was a provider's.
    """
    kept = {key: session[key] for key in ("typed",) if key in session}
    session.flush()
    session.update(kept)
    session[_HALF] = {
        "user": str(user.pk), "organization": str(user.organization_id),
        "at": clock.now().timestamp(), "then": then, "vouched": vouched,
    }  # fmt: skip


def half_signed_in(session: SessionBase, organization_id: UUID) -> User | None:
    """Return who did the first step in this browser, at this organization, within ten minutes."""
    half = session.get(_HALF)
    if not half or half["organization"] != str(organization_id):
        return None
    if clock.now().timestamp() - half["at"] > GOOD_FOR.total_seconds():
        return None
    with widened(), reading():
        user = User.objects.filter(pk=half["user"], is_active=True).first()
    out_at = user.signed_out_at if user else None
    return None if out_at and out_at.timestamp() > half["at"] else user


def wanted(session: SessionBase) -> str:
    """Return the address that who did the first step wanted."""
    half = session.get(_HALF)
    return str(half["then"]) if half else ""


def was_vouched(session: SessionBase) -> bool:
    """Say whether the first step was that the person's company vouched for him."""
    half = session.get(_HALF)
    return bool(half and half.get("vouched"))


def end_second_step(session: SessionBase) -> None:
    """Forget who did the first step."""
    session.pop(_HALF, None)


def is_second_factor(user: User, typed: str, *, ip: str) -> bool:
    """Take what the person typed: a code of the app, or a recovery code. Raises ``TooManyTries``.

    Tries are counted for the person apart from those of the first step: who guesses passwords
    does not keep the person, who knows it, from the second. The wait grows, and each wrong one
    leaves an event.
    """
    key = f"second:{user.pk}"
    with widened(), writing():
        taken = take_guess(key=key, ip=ip)
    digits = "".join(typed.split())
    by_app = len(digits) == _APP_CODE and digits.isdigit()
    right = is_app_code(user, digits) if by_app else is_recovery_code(user, typed)
    with widened(), writing():
        if right:
            give_back(taken)
        else:
            record_event(
                "second factor refused", subject_kind="user", subject_id=user.pk,
                way="app" if by_app else "recovery code",
            )  # fmt: skip
    return right
