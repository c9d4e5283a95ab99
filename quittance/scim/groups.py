"""Groups, as a directory reads and changes them; their roles stand on the connection's page."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from scim2_models import Context, InvalidValueException, Meta, PatchOp

from quittance.scim.body import read_patch, read_resource
from quittance.scim.door import (
    DirectoryRequest,
    for_directory,
    location_of,
    reply,
    row_id,
    version_said,
    version_wanted,
)
from quittance.scim.filters import GROUPS
from quittance.scim.listing import Parameters, dumped, listed, only
from quittance.scim.shapes import POLICY, Group, GroupMember
from quittance.sso import groups as acts
from quittance.sso.directory import NotThere
from quittance.sso.groups import GroupSaid
from quittance.sso.models import DirectoryGroup
from quittance.tenancy.rows import reading

_LONGEST: Final = 200  # characters of a name, as in the table of roles


@for_directory("GET", "POST")
def groups(request: DirectoryRequest) -> HttpResponse:
    """Every group of the connection, or a new one."""
    if request.method == "GET":
        return listed(
            request, Group, GROUPS, lambda: _rows(request), lambda row: shape_of(request, row)
        )
    wanted = Group.model_validate(
        read_resource(request.body), scim_ctx=Context.RESOURCE_CREATION_REQUEST,
        scim_policy=POLICY,
    )  # fmt: skip
    parameters = only(request, Group)
    made = acts.make_group(request.provider, _said(wanted))
    return _answer(request, made, parameters, status=201)


@for_directory("GET", "PUT", "PATCH", "DELETE")
def group(request: DirectoryRequest, row: str) -> HttpResponse:
    """One group; its members follow what it becomes."""
    wanted, version, parameters = row_id(row), version_wanted(request), only(request, Group)
    if request.method == "DELETE":
        acts.drop_group(request.provider, wanted, version=version)
        return HttpResponse(status=204)
    if request.method == "GET":
        with reading():
            found = _rows(request).filter(pk=wanted).first()
        if found is None:
            raise NotThere
        return _answer(request, found, parameters)
    wish = _replaced(request.body) if request.method == "PUT" else _patched(request.body)
    changed = acts.change_group(request.provider, wanted, wish, version=version)
    if request.method == "PATCH":  # without its members, of whom there may be thousands
        return HttpResponse(status=204, headers={"ETag": version_said(changed.version)})
    return _answer(request, changed, parameters)


def _replaced(body: bytes) -> acts.Wish:
    wanted = Group.model_validate(
        read_resource(body), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=POLICY
    )
    return lambda _group, _members: _said(wanted)


def _patched(body: bytes) -> acts.Wish:
    patch = PatchOp[Group].model_validate(
        read_patch(body), scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY
    )

    def wish(group: DirectoryGroup, members: frozenset[UUID]) -> GroupSaid:
        shape = Group(
            display_name=group.name, external_id=group.external_id or None,
            members=[GroupMember(value=str(each)) for each in sorted(members)] or None,
        )  # fmt: skip
        patch.patch(shape, scim_policy=POLICY)
        return _said(shape)

    return wish


def _said(shape: Group) -> GroupSaid:
    name, external = (shape.display_name or "").strip(), shape.external_id or ""
    if not 0 < len(name) <= _LONGEST or len(external) > 255:
        raise InvalidValueException(detail="displayName is missing, or something is too long.")
    return GroupSaid(
        name=name, external_id=external,
        members=frozenset(_member(each.value or "") for each in shape.members or []),
    )  # fmt: skip


def _member(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise acts.NoSuchMember from None


def _rows(request: DirectoryRequest) -> QuerySet[DirectoryGroup]:
    return acts.directory_groups(request.provider)


def _answer(
    request: DirectoryRequest, group: DirectoryGroup, parameters: Parameters, status: int = 200
) -> HttpResponse:
    with reading():
        shape = shape_of(request, group)
    headers = {"Location": location_of(request, "group", group.pk)} if status == 201 else {}
    said = dumped(shape, parameters)
    return reply(said, status, ETag=version_said(group.version), **headers)


def shape_of(request: DirectoryRequest, group: DirectoryGroup) -> Group:
    """Return a group as SCIM has it, in a transaction of the caller."""
    return Group(
        id=str(group.pk), external_id=group.external_id or None, display_name=group.name,
        members=_members(request, acts.members_of(request.provider, group)) or None,
        meta=Meta(
            resource_type="Group", created=group.made_at, last_modified=group.changed_at,
            location=location_of(request, "group", group.pk),
            version=version_said(group.version),
        ),
    )  # fmt: skip


def _members(request: DirectoryRequest, people: Collection[UUID]) -> list[GroupMember]:
    where = partial(location_of, request, "user")
    return [GroupMember(value=str(each), ref=where(each), type="User") for each in sorted(people)]
