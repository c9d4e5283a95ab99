"""Lets people in, by password or by a mailed code, and out again."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.hashers import check_password
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.db.models import F, QuerySet

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.identity.browsers import (
    alive,
    end_browser,
    lasts,
    longest,
    note_sign_in,
    stay_at,
)
from quittance.identity.factors.second_step import end_second_step
from quittance.identity.fresh import note_proof
from quittance.identity.models import SignIn, SignInCode, User
from quittance.identity.policy import enrol_from, has_factor, policy_of
from quittance.identity.throttle import give_back, take_try
from quittance.tenancy.kept import Kept
from quittance.tenancy.rows import writing

CODE_GOOD_FOR: Final = timedelta(minutes=10)
_WRONG_TRIES: Final = 5
_USER, _ORGANIZATION, _SINCE, _BROWSER = "user", "organization", "since", "browser"
_SIGN_IN: Final = "sign_in"  # the row of ``SignIn``
_ENROL: Final = "enrol"  # written before rows had ``enrol_from``, and as long as such a web runs on
_A_STEP: Final = timedelta(minutes=1)
_LONGEST_PASSWORD: Final = 128
# An unknown address costs the same work as a known one, so that nobody can tell them apart.
# The hash is of random letters that were thrown away; a test sees that its cost is that of today.
_NOBODY: Final = (
    "argon2$argon2id$v=19$m=102400,t=2,p=8$V280bm1BZTVvZzV4VFhKMnc4dU10SQ"
    "$y34ewD6sCCq9rosXWyLxaNDlPFJSMfYPaBvOQkrcVCU"
)


def password_sign_in(email: str, password: str, *, ip: str) -> User | None:
    """Return the user whose password this is, or ``None``. Raises ``TooManyTries``."""
    email = normal(email)
    with writing():
        taken = take_try(email=email, ip=ip)
        user = User.objects.filter(email=email, is_active=True).first()
    known = user.password if user and user.password else _NOBODY
    right = len(password) <= _LONGEST_PASSWORD and check_password(password, known)
    if not (user and user.password and right):
        return None
    with writing():
        give_back(taken)
    return user


def new_code(email: str, session: SessionBase, *, ip: str) -> tuple[User, str] | None:
    """Make a code for this browser; return whom to mail it to, or ``None`` for a stranger.

    The caller answers the same in both cases. Raises ``TooManyTries``.
    """
    email = normal(email)
    browser = secrets.token_urlsafe(24)
    session[_BROWSER] = browser
    code = f"{secrets.randbelow(10**6):06d}"
    with writing():
        take_try(email=email, ip=ip)
        user = User.objects.filter(email=email, is_active=True).first()
        if user is None:
            return None
        SignInCode.objects.filter(user=user, used_at__isnull=True).update(used_at=clock.now())
        SignInCode.objects.create(
            user=user, code_hash=_hash(f"{user.pk}:{code}"), browser_hash=_hash(browser),
            expires_at=clock.now() + CODE_GOOD_FOR,
        )  # fmt: skip
    return user, code


def code_sign_in(email: str, code: str, session: SessionBase, *, ip: str) -> User | None:
    """Return whose code this is, once, in the browser that asked. Raises ``TooManyTries``."""
    email = normal(email)
    digits = "".join(character for character in code if character.isdigit())
    with writing():
        taken = take_try(email=email, ip=ip)
        found = _waiting_code(email, session)
        if found is None or not hmac.compare_digest(
            found.code_hash, _hash(f"{found.user_id}:{digits}")
        ):
            if found:
                SignInCode.objects.filter(pk=found.pk).update(wrong_tries=F("wrong_tries") + 1)
            return None
        give_back(taken)
        SignInCode.objects.filter(pk=found.pk).update(used_at=clock.now())
        return found.user


def begin_session(
    session: SessionBase, user: User, *, browser: str = "", vouched: bool = False,
    proven: bool = True, also: Callable[[], None] | None = None,
) -> None:  # fmt: skip
    """Sign ``user`` in: a new session id, bound to this organization; nothing of another person.

    ``browser`` is what it calls itself: so the person knows it again in the list of browsers.
    Every step that the person has was done: the caller saw to it. ``vouched``: the person's company
    did, so no second factor is wanted here. ``proven``: the person just showed us who it is; a
    provider may have asked nobody anything. ``also`` is done in the transaction that writes it.
    """
    if session.get(_USER) not in {None, str(user.pk)}:
        session.flush()
    if proven:
        note_proof(session)
    else:
        session.cycle_key()
    end_second_step(session)
    session[_USER] = str(user.pk)
    session[_ORGANIZATION] = str(user.organization_id)
    session[_SINCE] = clock.now().timestamp()
    for word in (_BROWSER, _ENROL):
        session.pop(word, None)
    with writing():
        begin = enrol_from(user, vouched=vouched)
        row = note_sign_in(
            user, browser=browser, vouched=vouched, enrol_from=begin,
            lengths=policy_of().staff_lengths if user.is_staff else None,
        )  # fmt: skip
        session[_SIGN_IN] = str(row.pk)
        record_event("signed in", subject_kind="user", subject_id=user.pk)
        if also:
            also()


def end_session(session: SessionBase) -> None:
    """Sign out: the session is gone, here and in the browser."""
    if session.get(_SIGN_IN):
        with writing():
            end_browser(UUID(session[_SIGN_IN]))
            record_event("signed out", subject_kind="user", subject_id=UUID(session[_USER]))
    session.flush()


def browser_of(session: SessionBase) -> UUID:
    """Return which browser of the person this is. The caller saw that somebody is in."""
    return UUID(session[_SIGN_IN])


def stay(session: SessionBase) -> datetime:
    """Put this session's end off; return it. The caller saw that somebody is in."""
    until = stay_at(browser_of(session))
    session[_SIGN_IN] = session[_SIGN_IN]  # it is saved, with a new age
    return until


def go_on(session: SessionBase, user: User) -> None:
    """Have a session of who is in go on by being used, where idleness would end it.

    Once a minute at most, so that most requests write nothing.
    """
    if user.idle_minutes is None or not (user.signed_in_until and user.signed_in_at_longest):
        return
    next_end = min(clock.now() + lasts(user.idle_minutes), user.signed_in_at_longest)
    if next_end - user.signed_in_until >= _A_STEP:
        user.signed_in_until = stay(session)


def user_of(session: SessionBase, organization_id: UUID) -> User | None:
    """Return who is signed in at this organization, in a transaction of the caller.

    A session of another organization, of a user who was switched off, that has ended or was ended
    from elsewhere, or from before "sign out everywhere" is nobody's.
    """
    if session.get(_ORGANIZATION) != str(organization_id):
        return None
    sign_in = session.get(_SIGN_IN)
    found = sign_in and _HERE(UUID(sign_in), UUID(session[_USER]), clock.now())
    if not found:
        return None
    until, since, enrol, idle, end, *fields = found[0]
    user = User.from_db(connection.alias, _names(), fields)
    user.idle_minutes = idle
    user.signed_in_at_longest = min(since + longest(user), end or datetime.max.replace(tzinfo=UTC))
    user.signed_in_until = min(until, user.signed_in_at_longest)
    if user.signed_in_until <= clock.now():
        return None
    if user.signed_out_at and user.signed_out_at.timestamp() > session.get(_SINCE, 0):
        return None
    held = enrol is not None and enrol <= clock.now()
    user.must_enrol = held or (bool(session.get(_ENROL)) and not has_factor(user))
    return user


def _here(sign_in_id: UUID, user_id: UUID, now: datetime) -> QuerySet[SignIn, Any]:
    """Return the session that goes on, and whose it is, unless the person was switched off."""
    mine = alive(now=now, pk=sign_in_id, user_id=user_id, user__is_active=True)
    own = (f"user__{name}" for name in _names())
    return mine.values_list(
        "until", "began_at", "enrol_from", "idle_minutes", "longest_until", *own
    )


_HERE: Final = Kept(_here, UUID, UUID, datetime)


@cache
def _names() -> list[str]:
    return [field.attname for field in User._meta.concrete_fields]


def normal(email: str) -> str:
    """Return an address as the table keeps it; PostgreSQL's text knows no NUL."""
    return email.strip().lower().replace("\0", "\ufffd")[:254]


def _waiting_code(email: str, session: SessionBase) -> SignInCode | None:
    return (
        SignInCode.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(
            user__email=email, user__is_active=True, used_at__isnull=True,
            browser_hash=_hash(str(session.get(_BROWSER, ""))), expires_at__gt=clock.now(),
            wrong_tries__lt=_WRONG_TRIES,
        )
        .first()
    )  # fmt: skip


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
