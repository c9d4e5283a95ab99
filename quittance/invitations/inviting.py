"""Sends an invitation, sends it again, and takes it back; for staff, and for who runs a team."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.identity.permissions import BuyerPermission, BuyerRole, Permission, may
from quittance.identity.role_words import ROLES
from quittance.identity.sign_in import normal
from quittance.invitations.models import Invitation, InvitedRole, State
from quittance.notifications.messages import enqueue_message
from quittance.receivables.models import Contact, CustomerAccount
from quittance.receivables.people import MayNot, check_may
from quittance.receivables.team import NoLimit
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened

GOOD_FOR: Final = timedelta(days=7)
MOST_A_DAY: Final = 50  # invitations of one person: each mails a stranger in the seller's name
MOST_SENDS: Final = 5  # mails for one invitation

AddressOf = Callable[[str], str]  # of a token


class NoAddress(RuleBroken):
    """Enter an email address like name@company.com."""


class NoPlace(RuleBroken):
    """Say for which customer account, and as what."""


class InvitedAlready(RuleBroken):
    """This person has an invitation that waits. Send it again, or take it back first."""


class InTeamAlready(RuleBroken):
    """This person is here already. Change their role instead."""


class TooManyToday(RuleBroken):
    """You invited fifty people within a day. Nothing was sent. Go on tomorrow."""


class SentTooOften(RuleBroken):
    """This invitation was sent five times. Take it back, check the address, and send a new one."""


class Answered(RuleBroken):
    """This invitation was accepted or taken back. Nothing was sent."""


class SentAlready(RuleBroken):
    """This invitation was sent already."""


class NotAllowed(RuleBroken):
    """Only an administrator of the seller invites its own staff. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class Place:
    """A customer account, and what the person shall be for it."""

    account_id: UUID
    role: str
    limit: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Whom to invite, and how the mail finds the way back."""

    email: str
    name: str = ""
    language: str = ""  # of a reader who chose none
    address_of: AddressOf


def invite(
    letter: Letter, *, by: User, key: UUID, places: Sequence[Place] = (), staff_role: str = ""
) -> Invitation:
    """Mail an invitation to be staff, or to act for ``places``; nobody comes in by that alone.

    Whether the address has a sign-in makes no difference here: who invites is not told. ``key`` is
    the form's. Raises ``NoAddress``, ``NoPlace``, ``NoLimit``, ``InvitedAlready``,
    ``InTeamAlready``, ``TooManyToday``, ``SentAlready``, ``NotAllowed``, ``MayNot``.
    """
    email = normal(letter.email)
    _check_address(email)
    _check_places(places, staff_role)
    token = secrets.token_urlsafe(32)
    now = clock.now()
    with widened(), _once(key), writing():
        _check_may(by, [each.account_id for each in places], staff_role)
        User.objects.select_for_update(of=("self",)).get(pk=by.pk)  # one is counted at a time
        mine = Invitation.objects.filter(invited_by=by, created_at__gt=now - timedelta(days=1))
        if mine.count() >= MOST_A_DAY:
            raise TooManyToday
        _check_new(email, places, staff_role)
        made = Invitation.objects.create(
            id=key, email=email, name=" ".join(letter.name.split())[:150], staff_role=staff_role,
            language=letter.language, invited_by=by, token_hash=hash_of(token), sent_at=now,
            expires_at=now + GOOD_FOR,
        )  # fmt: skip
        InvitedRole.objects.bulk_create(
            InvitedRole(
                invitation=made, customer_account_id=each.account_id, role=each.role,
                limit_minor=each.limit.minor if each.limit else None,
                limit_currency=each.limit.currency if each.limit else "",
            )
            for each in places
        )  # fmt: skip
        _write_down("invitation.sent", made, as_what=_as_what(places, staff_role))
        _mail(made, letter.address_of(token))
    return made


def send_again(invitation_id: UUID, *, by: User, address_of: AddressOf) -> None:
    """Mail a new link, good from now on; the one before opens nothing any more.

    It is the invitation of who sent it last: ``still_asked`` looks at that person.
    Raises ``Answered``, ``SentTooOften``, ``NotAllowed``, ``MayNot``.
    """
    token = secrets.token_urlsafe(32)
    now = clock.now()
    with widened(), writing():
        found = _locked(invitation_id, by=by)
        if found.state(now) not in {State.SENT, State.EXPIRED}:
            raise Answered
        if found.times_sent >= MOST_SENDS:
            raise SentTooOften
        found.token_hash, found.sent_at, found.invited_by = hash_of(token), now, by
        found.times_sent, found.expires_at = found.times_sent + 1, now + GOOD_FOR
        found.save(
            update_fields=["token_hash", "sent_at", "times_sent", "expires_at", "invited_by"]
        )
        _write_down("invitation.sent again", found, times=found.times_sent)
        _mail(found, address_of(token))


def withdraw(invitation_id: UUID, *, by: User) -> None:
    """Take an invitation back: its link opens nothing any more.

    Raises ``Answered``, ``NotAllowed``, ``MayNot``.
    """
    with widened(), writing():
        found = _locked(invitation_id, by=by)
        if found.state(clock.now()) not in {State.SENT, State.EXPIRED}:
            raise Answered
        found.withdrawn_at = clock.now()
        found.save(update_fields=["withdrawn_at"])
        _write_down("invitation.withdrawn", found)


def waiting_of(account_id: UUID) -> list[InvitedRole]:
    """Return what waits for an answer, or has expired, for an account; the newest first.

    Each knows the others of its invitation. The reader was seen to manage its team.
    """
    with widened(), reading():
        rows = InvitedRole.objects.select_related("invitation").filter(
            customer_account_id=account_id, invitation__accepted_at=None,
            invitation__withdrawn_at=None,
        )  # fmt: skip
        rows = rows.prefetch_related("invitation__roles")
        return list(rows.order_by("-invitation__created_at", "-pk")[:100])


def accounts_of(invitation_id: UUID) -> set[UUID]:
    """Return which customer accounts an invitation is for."""
    with widened(), reading():
        rows = InvitedRole.objects.filter(invitation_id=invitation_id)
        return set(rows.values_list("customer_account_id", flat=True))


def still_asked(invitation: Invitation) -> bool:
    """Say whether who sent it last still may, in a transaction of the caller."""
    by = invitation.invited_by
    ids = list(invitation.roles.values_list("customer_account_id", flat=True))
    try:
        _check_may(by, ids, invitation.staff_role)
    except (NotAllowed, MayNot):
        return False
    return by.is_active


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@contextmanager
def _once(key: UUID) -> Iterator[None]:
    """Tell of the form's other click, also when both came at the same moment."""
    try:
        yield
    except (IntegrityError, InvitedAlready):
        with reading():
            made = Invitation.objects.filter(pk=key).exists()
        if made:
            raise SentAlready from None
        raise


def _check_address(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise NoAddress from None


def _check_places(places: Sequence[Place], staff_role: str) -> None:
    if staff_role and (places or staff_role not in User.StaffRole.values):
        raise NoPlace
    if not staff_role and not places:
        raise NoPlace
    if len({each.account_id for each in places}) != len(places):
        raise NoPlace
    for each in places:
        if each.role not in BuyerRole.values:
            raise NoPlace
        limited = each.role == BuyerRole.PAY_WITHIN
        if limited != (each.limit is not None) or (each.limit and each.limit.minor <= 0):
            raise NoLimit


def _check_may(by: User, account_ids: Collection[UUID], staff_role: str) -> None:
    """Refuse who may not invite these. Staff invite people of any customer."""
    if by.is_staff:
        wanted = Permission.MANAGE_STAFF if staff_role else Permission.INVITE
        if not may(by, wanted):
            raise NotAllowed
    elif staff_role:
        raise NotAllowed
    else:
        check_may(by.pk, account_ids, BuyerPermission.MANAGE_TEAM)


def _check_new(email: str, places: Sequence[Place], staff_role: str) -> None:
    """Refuse who has one already, or is there already. Their inviter sees both on the page."""
    ids = [each.account_id for each in places]
    if CustomerAccount.objects.filter(pk__in=ids, gone_at=None).count() != len(ids):
        raise NoPlace
    waiting = Invitation.objects.filter(
        email=email, accepted_at=None, withdrawn_at=None, expires_at__gt=clock.now()
    )
    if staff_role:
        waiting = waiting.exclude(staff_role="")
        here = User.objects.filter(email=email).exclude(staff_role="").exists()
    else:
        waiting = waiting.filter(roles__customer_account_id__in=ids)
        here = Contact.objects.filter(user__email=email, customer_account_id__in=ids).exists()
    if waiting.exists():
        raise InvitedAlready
    if here:
        raise InTeamAlready


def _locked(invitation_id: UUID, *, by: User) -> Invitation:
    found = Invitation.objects.select_for_update(of=("self",)).filter(pk=invitation_id).first()
    if found is None:
        raise Answered
    ids = list(found.roles.values_list("customer_account_id", flat=True))
    _check_may(by, ids, found.staff_role)
    return found


def _as_what(places: Sequence[Place], staff_role: str) -> list[list[str]]:
    if staff_role:
        return [["", staff_role]]
    return [[str(each.account_id), each.role] for each in places]


def _write_down(what: str, invitation: Invitation, **facts: object) -> None:
    """Whom it was sent to stands in its row: an event is for ever (privacy/places.py)."""
    record_event(what, subject_kind="invitation", subject_id=invitation.pk, **facts)


def _mail(invitation: Invitation, address: str) -> None:
    """Write the mail down; the outbox forgets the address once it is sent."""
    rows = invitation.roles.select_related("customer_account").order_by("customer_account__number")
    kind = "invitation_staff" if invitation.staff_role else "invitation"
    by = invitation.invited_by
    enqueue_message(
        key=f"invitation:{invitation.pk}:{invitation.times_sent}", kind=kind, to=invitation.email,
        facts={
            "address": address, "who": "" if by.is_staff else by.name or by.email,
            "until": invitation.expires_at.date().isoformat(), "language": invitation.language,
            "role": invitation.staff_role,
            "roles": [[each.customer_account.name, ROLES[BuyerRole(each.role)]] for each in rows],
        },
    )  # fmt: skip
