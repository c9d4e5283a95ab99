"""The browsers that a person is signed in at: listed, kept on, and ended one by one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.identity.models import SignIn, User
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened

_KEPT: Final = timedelta(days=30)  # what is over is forgotten then
# However often somebody says to stay. Source: security.md, A6.
_BUYERS_LONGEST: Final = timedelta(hours=12)
_STAFFS_LONGEST: Final = timedelta(hours=8)


class Lengths(NamedTuple):
    """How long a session may go on unused and at all, by an organization's choice."""

    idle_minutes: int | None = None
    hours: int | None = None


def lasts(idle_minutes: int | None = None) -> timedelta:
    """Return how long a session lasts from the sign-in, or from when it was used last."""
    most = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return most if idle_minutes is None else min(most, timedelta(minutes=idle_minutes))


def longest(user: User) -> timedelta:
    """Return how long a session of this person can go on, from the sign-in, and never longer."""
    return _STAFFS_LONGEST if user.staff_role else _BUYERS_LONGEST


def note_sign_in(
    user: User, *, browser: str, vouched: bool = False, enrol_from: datetime | None = None,
    lengths: Lengths | None = None,
) -> SignIn:  # fmt: skip
    """Write down that a session begins, in a transaction of the caller; forget old ones."""
    now, (idle, hours) = clock.now(), lengths or Lengths()
    SignIn.objects.filter(user=user, until__lt=now - _KEPT).delete()
    whole = longest(user) if hours is None else min(longest(user), timedelta(hours=hours))
    return SignIn.objects.create(
        user=user, browser=_plain(browser), began_at=now, until=now + min(lasts(idle), whole),
        vouched=vouched, enrol_from=enrol_from, idle_minutes=idle,
        longest_until=now + whole if hours is not None else None,
    )  # fmt: skip


def has_been_here(user: User) -> bool:
    """Say whether the person signed in within the last thirty days, in the caller's transaction."""
    return SignIn.objects.filter(user=user).exists()


def alive(*, now: datetime | None = None, **which: object) -> QuerySet[SignIn]:
    """Return the sessions that go on, of those with these fields."""
    return SignIn.objects.filter(ended_at=None, until__gt=now or clock.now(), **which)


def browsers_of(user: User) -> list[SignIn]:
    """Return where the person is signed in, the latest first. The buyer's own scope is enough."""
    with widened(), reading():
        rows = alive(user=user).order_by("-began_at", "-pk")
        if user.signed_out_at:
            rows = rows.filter(began_at__gte=user.signed_out_at)
        return list(rows[:50])


def end_of(user: User, browser_id: UUID) -> bool:
    """End one of the person's own sessions; say whether it was one that went on."""
    with widened(), writing():
        ended = alive(pk=browser_id, user=user).update(ended_at=clock.now())
        if ended:
            record_event("signed out elsewhere", subject_kind="user", subject_id=user.pk)
    return bool(ended)


def end_others(user: User, *, but: UUID) -> None:
    """End all of the person's sessions except one, in a transaction of the caller."""
    alive(user=user).exclude(pk=but).update(ended_at=clock.now())
    record_event("signed out everywhere else", subject_kind="user", subject_id=user.pk)


def end_all(user: User) -> None:
    """End all sessions of somebody who lost an access, in a transaction of the caller."""
    alive(user=user).update(ended_at=clock.now())


def end_browser(browser_id: UUID) -> None:
    """Write down that a session is over, in a transaction of the caller."""
    SignIn.objects.filter(pk=browser_id, ended_at=None).update(ended_at=clock.now())


def stay_at(browser_id: UUID) -> datetime:
    """Begin a session's time anew, as far as its longest time allows; return its end.

    One that is over meanwhile stays over.
    """
    with widened(), writing():
        row = SignIn.objects.select_for_update(of=("self",)).select_related("user")
        here = row.get(pk=browser_id)
        if here.ended_at is None and here.until > clock.now():
            end = here.began_at + longest(here.user)
            here.until = min(clock.now() + lasts(here.idle_minutes), here.longest_until or end, end)
            here.save(update_fields=["until"])
    return here.until


def _plain(browser: str) -> str:
    return "".join(each for each in browser if each.isprintable())[:200]
