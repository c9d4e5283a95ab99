"""Keeps the groups of a company's directory, and gives their members the roles that they have."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.sso.directory import (
    ChangedMeanwhile,
    KnownAlready,
    NotThere,
    follow_groups,
    people_of,
    role_of,
)
from quittance.sso.models import DirectoryGroup, DirectoryMember, DirectoryPerson, IdentityProvider
from quittance.sso.roles import hold_still
from quittance.tenancy.rows import writing


class NoSuchMember(RuleBroken):
    """A member is nobody whom this connection provisioned. Nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSaid:
    """A group as the directory wants it; ``members`` are ids of people."""

    name: str
    external_id: str
    members: frozenset[UUID]


Wish = Callable[[DirectoryGroup, frozenset[UUID]], GroupSaid]  # by what is kept, with its members


def directory_groups(provider: IdentityProvider) -> QuerySet[DirectoryGroup]:
    """Return the groups of a connection, in a transaction of the caller."""
    return DirectoryGroup.objects.filter(provider=provider).order_by("made_at", "pk")


def members_of(provider: IdentityProvider, group: DirectoryGroup) -> frozenset[UUID]:
    """Return the ids of a group's members of whom the connection may speak now."""
    rows = people_of(provider).filter(memberships__group=group)
    return frozenset(rows.values_list("pk", flat=True))


def make_group(provider: IdentityProvider, said: GroupSaid) -> DirectoryGroup:
    """Keep a new group. Raises ``KnownAlready``, ``NoSuchMember``, and as ``follow_groups``."""
    now = clock.now()
    group = DirectoryGroup(provider=provider, made_at=now, changed_at=now, version=0)
    try:
        with writing():
            hold_still(provider)
            _keep(provider, group, said)
    except IntegrityError as error:
        raise KnownAlready from error
    return group


def change_group(
    provider: IdentityProvider, group_id: UUID, wanted: Wish, *, version: int | None = None
) -> DirectoryGroup:
    """Have a group be what ``wanted`` makes of what is kept; that is locked until it is done.

    Raises ``NotThere``, ``ChangedMeanwhile``, and what ``make_group`` and ``wanted`` raise.
    """
    try:
        with writing():
            hold_still(provider)
            group = _locked(provider, group_id, version)
            _keep(provider, group, wanted(group, members_of(provider, group)))
    except IntegrityError as error:
        raise KnownAlready from error
    return group


def drop_group(provider: IdentityProvider, group_id: UUID, *, version: int | None = None) -> None:
    """Have a group gone, and with it what it gave. Raises ``NotThere``, ``ChangedMeanwhile``."""
    with writing():
        hold_still(provider)
        group = _locked(provider, group_id, version)
        before = _roles(provider, members_of(provider, group))
        record_event(
            "directory: group gone", subject_kind="directory group", subject_id=group.pk,
            name=group.name,
        )  # fmt: skip
        group.members.all().delete()
        group.delete()
        _follow(provider, before)


def _keep(provider: IdentityProvider, group: DirectoryGroup, said: GroupSaid) -> None:
    there = members_of(provider, group)
    if people_of(provider).filter(pk__in=said.members).count() != len(said.members):
        raise NoSuchMember
    renamed = (group.name, group.external_id) != (said.name, said.external_id)
    concerned = there | said.members if renamed else there ^ said.members
    before = _roles(provider, concerned)
    group.name, group.external_id = said.name, said.external_id
    group.version, group.changed_at = group.version + 1, clock.now()
    group.save()
    group.members.filter(person_id__in=there - said.members).delete()
    DirectoryMember.objects.bulk_create(
        DirectoryMember(group=group, person_id=each) for each in sorted(said.members - there)
    )
    record_event(
        "directory: group kept", subject_kind="directory group", subject_id=group.pk,
        name=group.name, joined=sorted(map(str, said.members - there)),
        left=sorted(map(str, there - said.members)),
    )  # fmt: skip
    _follow(provider, before)


def _roles(
    provider: IdentityProvider, person_ids: Collection[UUID]
) -> list[tuple[DirectoryPerson, str]]:
    rows = DirectoryPerson.objects.select_related("user").select_for_update(of=("self",))
    people = rows.filter(pk__in=person_ids).order_by("pk")
    return [(each, role_of(provider, each)) for each in people]


def _follow(provider: IdentityProvider, before: list[tuple[DirectoryPerson, str]]) -> None:
    for person, role in before:
        follow_groups(provider, person, before=role)


def _locked(provider: IdentityProvider, group_id: UUID, version: int | None) -> DirectoryGroup:
    group = directory_groups(provider).select_for_update().filter(pk=group_id).first()
    if group is None:
        raise NotThere
    if version is not None and version != group.version:
        raise ChangedMeanwhile
    return group
