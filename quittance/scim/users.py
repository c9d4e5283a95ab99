"""People, as a directory reads and changes them."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from scim2_models import Context, GroupMembership, InvalidValueException, Meta, PatchOp

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
from quittance.scim.filters import PEOPLE
from quittance.scim.listing import Parameters, dumped, listed, only
from quittance.scim.shapes import POLICY, User
from quittance.sso import directory
from quittance.sso.directory import NotThere, Said
from quittance.sso.models import DirectoryPerson
from quittance.tenancy.rows import reading

_LONGEST: Final = 254  # characters of a userName, as of an address
_MOST: Final = 8_000  # characters of all that is kept of somebody


@for_directory("GET", "POST")
def users(request: DirectoryRequest) -> HttpResponse:
    """Everybody of the connection, or a joiner."""
    if request.method == "GET":
        return listed(
            request, User, PEOPLE, lambda: _people(request), lambda row: shape_of(request, row)
        )
    wanted = User.model_validate(
        read_resource(request.body), scim_ctx=Context.RESOURCE_CREATION_REQUEST,
        scim_policy=POLICY,
    )  # fmt: skip
    if wanted.active is None:
        wanted.active = True
    parameters = only(request, User)
    person = directory.join(request.provider, _said(wanted, active=True))
    return _answer(request, person, parameters, status=201)


@for_directory("GET", "PUT", "PATCH", "DELETE")
def user(request: DirectoryRequest, row: str) -> HttpResponse:
    """One person; DELETE is a leaver, and so is ``active`` when it becomes false."""
    wanted, version, parameters = row_id(row), version_wanted(request), only(request, User)
    if request.method == "DELETE":
        directory.drop(request.provider, wanted, version=version)
        return HttpResponse(status=204)
    if request.method == "GET":
        with reading():
            person = _people(request).filter(pk=wanted).first()
        if person is None:
            raise NotThere
        return _answer(request, person, parameters)
    change = _replaced if request.method == "PUT" else _patched
    wish = change(request.body)
    person = directory.change(request.provider, wanted, wish, version=version)
    return _answer(request, person, parameters)


def _replaced(body: bytes) -> directory.Wish:
    wanted = User.model_validate(
        read_resource(body), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=POLICY
    )

    def wish(person: DirectoryPerson) -> Said:
        if wanted.active is None:  # who left does not come back by what was not said
            wanted.active = person.active
        return _said(wanted, active=person.active)

    return wish


def _patched(body: bytes) -> directory.Wish:
    patch = PatchOp[User].model_validate(
        read_patch(body), scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY
    )

    def wish(person: DirectoryPerson) -> Said:
        shape = User.model_validate(person.said)
        patch.patch(shape, scim_policy=POLICY)
        return _said(shape, active=person.active)

    return wish


def _said(shape: User, *, active: bool) -> Said:
    """Return what a resource says; where it says nothing, ``active`` is as it was."""
    kept = shape.model_dump(scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
    kept.pop("schemas", None)
    user_name, external = (shape.user_name or "").strip(), shape.external_id or ""
    if not 0 < len(user_name) <= _LONGEST or len(external) > 255 or len(str(kept)) > _MOST:
        raise InvalidValueException(detail="userName is missing, or something is too long.")
    return Said(
        user_name=user_name, email=_address(shape) or user_name, name=_name(shape),
        external_id=external, active=active if shape.active is None else shape.active,
        attributes=kept,
    )  # fmt: skip


def _address(shape: User) -> str:
    """Return with which address somebody signs in: the primary one, that of work, or any."""
    there = [each for each in shape.emails or [] if each.value]
    ranked = sorted(there, key=lambda each: (not each.primary, (each.type or "") != "work"))
    return str(ranked[0].value) if ranked else ""


def _name(shape: User) -> str:
    parts = shape.name
    given = f"{parts.given_name or ''} {parts.family_name or ''}".strip() if parts else ""
    return (shape.display_name or (parts and parts.formatted) or given or "").strip()


def _people(request: DirectoryRequest) -> Any:
    return directory.people_of(request.provider).prefetch_related("memberships__group")


def _answer(
    request: DirectoryRequest, person: DirectoryPerson, parameters: Parameters, status: int = 200
) -> HttpResponse:
    with reading():
        shape = shape_of(request, person)
    said = dumped(shape, parameters)
    headers = {"Location": location_of(request, "user", person.pk)} if status == 201 else {}
    return reply(said, status, ETag=version_said(person.version), **headers)


def shape_of(request: DirectoryRequest, person: DirectoryPerson) -> User:
    """Return somebody as SCIM has him, in a transaction of the caller."""
    shape = User.model_validate(person.said)
    shape.id = str(person.pk)
    shape.groups = [
        GroupMembership(
            value=str(each.group_id), display=each.group.name, type="direct",
            ref=location_of(request, "group", each.group_id),
        )
        for each in person.memberships.all()
    ] or None  # fmt: skip
    shape.meta = Meta(
        resource_type="User", created=person.made_at, last_modified=person.changed_at,
        location=location_of(request, "user", person.pk),
        version=version_said(person.version),
    )  # fmt: skip
    return shape
