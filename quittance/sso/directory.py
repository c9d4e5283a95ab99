"""Lets people in and out as their company's own directory says: joiners, movers, leavers.

A directory speaks for addresses in proven domains of its own connection, and for nobody else: of
others it learns nothing. Who leaves loses everything in the transaction in which it is said.
Source: RFC 7643 and 7644; security.md, A5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError
from django.db.models import QuerySet

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.browsers import end_all
from quittance.identity.leaving import end_access, give_access_back
from quittance.identity.models import User
from quittance.identity.sign_in import normal
from quittance.sso.kept_out import let_in_again
from quittance.sso.models import DirectoryPerson, IdentityProvider, ProviderDomain
from quittance.sso.people import way_of
from quittance.sso.roles import give, hold_still, is_last, lose, role_by_groups
from quittance.sso.told import groups_of
from quittance.tenancy.domains import domain_name
from quittance.tenancy.rows import writing

_LONGEST_NAME: Final = 150


class NotYourDomain(RuleBroken):
    """This address is in no domain that this connection has proven. Nothing was changed."""


class NoAddress(RuleBroken):
    """Neither emails nor userName has an address that mail could reach. Nothing was changed."""


class KnownAlready(RuleBroken):
    """Somebody has this userName, this address or this name already. Nothing was changed."""


class NotYours(RuleBroken):
    """This address cannot be provisioned by this connection. Nothing was changed."""


class SwitchedOffHere(RuleBroken):
    """An administrator of the portal switched this person off, and can undo it. Nothing changed."""


class LastAdministrator(RuleBroken):
    """This is the portal's last administrator. Make another first. Only the sessions were ended."""


class ChangedMeanwhile(RuleBroken):
    """It was changed since that version. Nothing was changed now. Read it again."""


class NotThere(RuleBroken):
    """There is nobody and nothing with this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Somebody as the directory wants him; ``attributes`` are given back as they came."""

    user_name: str
    email: str
    name: str
    external_id: str
    active: bool
    attributes: Mapping[str, Any]


Wish = Callable[[DirectoryPerson], Said]  # what is wanted, by what is kept


def people_of(provider: IdentityProvider) -> QuerySet[DirectoryPerson]:
    """Return whom a connection may speak of now, in a transaction of the caller.

    Nobody of a domain whose proof is lost: it may be somebody else's by now.
    """
    proven = ProviderDomain.objects.filter(provider=provider, proven_at__isnull=False)
    rows = DirectoryPerson.objects.filter(provider=provider, gone_at=None)
    return rows.filter(domain__in=proven.values("domain")).order_by("made_at", "pk")


def join(provider: IdentityProvider, said: Said) -> DirectoryPerson:
    """Keep a joiner; he has access at once if his groups, or everybody, have a role.

    Who is here already by this address becomes theirs. Raises ``NoAddress``, ``NotYourDomain``,
    ``KnownAlready``, ``NotYours``, ``SwitchedOffHere``, ``LastAdministrator``.
    """
    try:
        with writing():
            hold_still(provider)
            now, email = clock.now(), _own_address(provider, said.email)
            let_in_again(provider, email)
            person = DirectoryPerson(
                provider=provider, user_name=said.user_name, email=email, domain=_domain(email),
                external_id=said.external_id, said=dict(said.attributes), active=said.active,
                made_at=now, changed_at=now,
            )  # fmt: skip
            before = _gone(provider, email)
            if before is not None:  # he was deleted there, and is told of again
                person.user, person.ended_at = before.user, before.ended_at
                DirectoryPerson.objects.filter(pk=before.pk).update(ended_at=None)
            person.save()
            _note("directory: told of", person, active=person.active)
            _follow(provider, person, name=said.name, reactivated=before is not None)
    except IntegrityError as error:
        raise KnownAlready from error
    except LastAdministrator:
        _end_sessions(person)
        raise
    return person


def change(
    provider: IdentityProvider, person_id: UUID, wanted: Wish, *, version: int | None = None
) -> DirectoryPerson:
    """Have somebody be what ``wanted`` makes of what is kept; that is locked until it is done.

    Raises ``NotThere``, ``ChangedMeanwhile`` if the row has another version than the one named, and
    what ``join`` and ``wanted`` raise.
    """
    try:
        with writing():
            hold_still(provider)
            person = _locked(provider, person_id, version)
            said, was_active = wanted(person), person.active
            _take_over(provider, person, said)
            _follow(provider, person, name=said.name, reactivated=said.active and not was_active)
    except IntegrityError as error:
        raise KnownAlready from error
    except LastAdministrator:
        _end_sessions(person)
        raise
    return person


def drop(provider: IdentityProvider, person_id: UUID, *, version: int | None = None) -> None:
    """Have somebody gone there: he loses access, and the directory knows him no more.

    Raises ``NotThere``, ``ChangedMeanwhile``, ``LastAdministrator``.
    """
    try:
        with writing():
            hold_still(provider)
            person = _locked(provider, person_id, version)
            person.active = False
            _follow(provider, person)
            person.memberships.all().delete()
            person.gone_at = person.changed_at = clock.now()
            person.save()
            _note("directory: gone", person)
    except LastAdministrator:
        _end_sessions(person)
        raise


def role_of(provider: IdentityProvider, person: DirectoryPerson) -> str:
    """Return the role of somebody's groups in the directory; "": none has one."""
    return role_by_groups(provider, groups_of(person))


def follow_groups(provider: IdentityProvider, person: DirectoryPerson, *, before: str) -> None:
    """Give somebody the role of his groups, after they changed; ``before`` is the role of then.

    In a transaction of the caller, who held the others still. What groups of the directory gave,
    goes with them. Raises what ``join`` raises.
    """
    if not person.active or role_of(provider, person) == before:
        return
    if role_of(provider, person):
        _follow(provider, person)
    elif person.user is not None and lose(provider, person.user) and provider.for_staff:
        person.ended_at = clock.now()
        person.save(update_fields=["ended_at"])


def _follow(
    provider: IdentityProvider, person: DirectoryPerson, *, name: str = "",
    reactivated: bool = False,
) -> None:  # fmt: skip
    """Make of a person here what the directory says of him now."""
    if not person.active:
        _leave(provider, person)
        return
    role = role_of(provider, person)
    user = person.user or User.objects.select_for_update().filter(email=person.email).first()
    if user is None and not role:
        return  # he comes in when a group of his has a role, there or at his first sign-in
    if user is None:
        user = _made(provider, person, name or person.email, role)
    if user.is_staff != provider.for_staff:
        raise NotYours
    if person.user_id is None:
        person.user = user
        person.save(update_fields=["user"])
        _note("directory: linked", person)
    if not user.is_active and not (person.ended_at and (role or reactivated)):
        if person.ended_at is None:
            raise SwitchedOffHere
        return
    if not user.is_active:
        give_access_back(user)
        _note("directory: access again", person)
    if person.ended_at is not None:
        person.ended_at = None
        person.save(update_fields=["ended_at"])
    if role:
        give(provider, user, role)


def _leave(provider: IdentityProvider, person: DirectoryPerson) -> None:
    """End every access, at once. Raises ``LastAdministrator``."""
    user = person.user or _theirs(provider, person)
    if user is None or not user.is_active:
        return
    if provider.for_staff and is_last(user):
        raise LastAdministrator
    end_access(user)
    person.user, person.ended_at = user, clock.now()
    person.save(update_fields=["user", "ended_at"])
    _note("directory: access ended", person)


def _end_sessions(person: DirectoryPerson) -> None:
    """Sign the last administrator out at least: that was said, and nothing else could be done."""
    with writing():
        user = person.user or User.objects.get(email=person.email)
        end_all(user)
        record_event("last administrator kept", subject_kind="user", subject_id=user.pk)


def _take_over(provider: IdentityProvider, person: DirectoryPerson, said: Said) -> None:
    email = _own_address(provider, said.email)
    user, before = person.user, person.said
    if email != person.email:
        let_in_again(provider, email)
    if user is not None and email != person.email == user.email:
        if User.objects.filter(email=email).exists():
            raise KnownAlready
        user.email = email
        user.save(update_fields=["email"])
        end_all(user)
        _note("directory: address changed", person)
    person.user_name, person.email, person.domain = said.user_name, email, _domain(email)
    person.external_id, person.active = said.external_id, said.active
    person.said = dict(said.attributes)
    if user is not None and said.name and person.said != before:
        User.objects.filter(pk=user.pk).update(name=said.name[:_LONGEST_NAME])
    person.version, person.changed_at = person.version + 1, clock.now()
    person.save()
    _note("directory: changed", person, active=person.active)


def _locked(provider: IdentityProvider, person_id: UUID, version: int | None) -> DirectoryPerson:
    rows = people_of(provider).select_for_update(of=("self",)).select_related("user")
    person = rows.filter(pk=person_id).first()
    if person is None:
        raise NotThere
    if version is not None and version != person.version:
        raise ChangedMeanwhile
    return person


def _made(provider: IdentityProvider, person: DirectoryPerson, name: str, role: str) -> User:
    user = User.objects.create(
        email=person.email, name=name[:_LONGEST_NAME], password="",
        staff_role=role if provider.for_staff else "",
    )  # fmt: skip
    record_event("person made by a directory", subject_kind="user", subject_id=user.pk)
    return user


def _theirs(provider: IdentityProvider, person: DirectoryPerson) -> User | None:
    """Return who has the address here; nobody of the other side is theirs."""
    user = User.objects.select_for_update().filter(email=person.email).first()
    return user if user and user.is_staff == provider.for_staff else None


def _gone(provider: IdentityProvider, email: str) -> DirectoryPerson | None:
    rows = DirectoryPerson.objects.select_for_update(of=("self",)).select_related("user")
    gone = rows.filter(provider=provider, email=email, gone_at__isnull=False)
    return gone.filter(ended_at__isnull=False).order_by("-gone_at", "-pk").first()


def _own_address(provider: IdentityProvider, typed: str) -> str:
    email = normal(typed)
    try:
        validate_email(email)
    except ValidationError:
        raise NoAddress from None
    if way_of(email).provider != provider:
        raise NotYourDomain
    return email


def _domain(email: str) -> str:
    return domain_name(email.rpartition("@")[2])


def _note(what: str, person: DirectoryPerson, **facts: object) -> None:
    record_event(
        what, subject_kind="user" if person.user_id else "directory person",
        subject_id=person.user_id or person.pk, person=str(person.pk), **facts,
    )  # fmt: skip
