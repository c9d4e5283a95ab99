"""Another address for a person: it counts when the old one and the new one both confirmed it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import MailChange, User
from quittance.identity.sign_in import normal
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened

GOOD_FOR: Final = timedelta(hours=24)
_MOST: Final = 5  # wishes of a person within ``GOOD_FOR``: each mails a stranger, in our name


class NoAddress(RuleBroken):
    """Enter an email address like name@company.com."""


class SameAddress(RuleBroken):
    """This is your address already."""


class NotWaiting(RuleBroken):
    """This confirmation is over: it was used, taken back, or is older than a day. Begin anew."""


class Taken(RuleBroken):
    """The address could not be changed to this one. Use another one, or ask the seller."""


class TooManyWishes(RuleBroken):
    """You asked for another address five times within a day. Nothing was sent. Try tomorrow."""


class Words(NamedTuple):
    """The secret words to mail: each to its address, once."""

    change: MailChange
    old: str
    new: str


def begin(user: User, email: str) -> Words:
    """Keep the wish for another address, in a transaction of the caller that mails the words.

    An earlier wish is over. Whether somebody has the address already is not told here: that shows
    only to who owns it. Raises ``NoAddress``, ``SameAddress``, ``TooManyWishes``.
    """
    email = normal(email)
    name, at, domain = email.rpartition("@")
    if not (name and at and "." in domain) or any(each.isspace() for each in email):
        raise NoAddress
    if email == user.email:
        raise SameAddress
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)  # one wish is counted at a time
    if MailChange.objects.filter(user=user, expires_at__gt=clock.now()).count() >= _MOST:
        raise TooManyWishes
    old, new = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    MailChange.objects.filter(user=user, ended_at=None).update(ended_at=clock.now())
    change = MailChange.objects.create(
        user=user, email=email, old_hash=_hash(old), new_hash=_hash(new),
        expires_at=clock.now() + GOOD_FOR,
    )  # fmt: skip
    record_event("mail change asked for", subject_kind="user", subject_id=user.pk)
    return Words(change, old, new)


def waiting(user: User) -> MailChange | None:
    """Return the wish of this person that waits for a confirmation."""
    with widened(), reading():
        rows = MailChange.objects.filter(user=user, ended_at=None, expires_at__gt=clock.now())
        return rows.order_by("-expires_at").first()


def found(user: User, word: str) -> MailChange | None:
    """Return the waiting wish of this person that a mailed word belongs to."""
    change = waiting(user)
    return change if change and _hash(word) in {change.old_hash, change.new_hash} else None


def confirm(user: User, word: str) -> MailChange | None:
    """Confirm from the address that got ``word``; return the wish if the new address counts now.

    In a transaction of the caller, who tells the old address in the same one. Raises
    ``NotWaiting``, ``Taken``.
    """
    hashed, now = _hash(word), clock.now()
    rows = MailChange.objects.select_for_update().filter(
        Q(old_hash=hashed) | Q(new_hash=hashed), user=user, ended_at=None, expires_at__gt=now
    )
    change = rows.first()
    if change is None:
        raise NotWaiting
    side = "old_at" if change.old_hash == hashed else "new_at"
    setattr(change, side, now)
    done = change.old_at is not None and change.new_at is not None
    MailChange.objects.filter(pk=change.pk).update(**{side: now}, ended_at=now if done else None)
    record_event(
        "mail change confirmed", subject_kind="user", subject_id=user.pk, change=str(change.pk),
        at=side.removesuffix("_at"),
    )  # fmt: skip
    if not done:
        return None
    _take_over(user, change)
    return change


def stop(user: User) -> None:
    """Take the wish back."""
    with widened(), writing():
        wishes = MailChange.objects.filter(user=user, ended_at=None, expires_at__gt=clock.now())
        if wishes.update(ended_at=clock.now()):
            record_event("mail change taken back", subject_kind="user", subject_id=user.pk)


def _take_over(user: User, change: MailChange) -> None:
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(email=change.email)
    except IntegrityError as error:
        raise Taken from error
    record_event("mail changed", subject_kind="user", subject_id=user.pk)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
