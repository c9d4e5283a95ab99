"""Changes what the seller's own people may do: another role, switched off, and on again."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.browsers import end_all
from quittance.identity.models import User
from quittance.identity.permissions import STAFF_TABLE, Permission, may

_ADMINISTRATOR: Final = User.StaffRole.ADMINISTRATOR


class OwnAccess(RuleBroken):
    """You cannot change your own access. Ask another administrator. Nothing was changed."""


class NotTheirs(RuleBroken):
    """Only an administrator changes who works here. Nothing was changed."""


class NoStaffRole(RuleBroken):
    """Choose one of the roles. Nothing was changed."""


class NotOfTheStaff(RuleBroken):
    """This person does not work here. Nothing was changed."""


class SwitchedOff(RuleBroken):
    """This person is switched off. Switch them on first. Nothing was changed."""


def change_staff_role(person_id: UUID, role: str, *, by: User) -> User | None:
    """Give one of the staff another role, and end their sessions; ``None``: they have it already.

    In a transaction of the caller, who tells the person. Nobody changes their own, and who changes
    it administers: so somebody always does. Raises what ``_locked`` raises, ``NoStaffRole``,
    ``SwitchedOff``.
    """
    if role not in STAFF_TABLE:
        raise NoStaffRole
    person = _locked(person_id, by=by)
    if not person.is_active:
        raise SwitchedOff
    if person.staff_role == role:
        return None
    record_event(
        "staff role changed", subject_kind="user", subject_id=person.pk,
        role_before=person.staff_role, role=role,
    )  # fmt: skip
    person.staff_role = role
    _keep(person)
    return person


def switch_off(person_id: UUID, *, by: User) -> User | None:
    """Let one of the staff in no more, and end their sessions at once; ``None``: it is so already.

    In a transaction of the caller, who tells the person. Raises what ``_locked`` raises.
    """
    return _switch(person_id, on=False, by=by)


def switch_on(person_id: UUID, *, by: User) -> User | None:
    """Let one of the staff in again, with the role from before; ``None``: it is so already.

    In a transaction of the caller, who tells the person. Raises what ``_locked`` raises.
    """
    return _switch(person_id, on=True, by=by)


def _switch(person_id: UUID, *, on: bool, by: User) -> User | None:
    person = _locked(person_id, by=by)
    if person.is_active == on:
        return None
    record_event(
        "staff switched on" if on else "staff switched off", subject_kind="user",
        subject_id=person.pk, role=person.staff_role,
    )  # fmt: skip
    person.is_active = on
    _keep(person)
    return person


def _keep(person: User) -> None:
    person.signed_out_at = clock.now()
    person.save(update_fields=["staff_role", "is_active", "signed_out_at"])
    end_all(person)


def _locked(person_id: UUID, *, by: User) -> User:
    """Return one of the staff, while all who administer stay as they are.

    Two administrators who take the role from each other at once are looked at one by one: so one of
    them keeps it. Raises ``NotTheirs``, ``OwnAccess``, ``NotOfTheStaff``.
    """
    administrators = User.objects.filter(staff_role=_ADMINISTRATOR, is_active=True)
    list(administrators.select_for_update(no_key=True).order_by("pk"))
    now = User.objects.get(pk=by.pk)
    if not may(now, Permission.MANAGE_STAFF):
        raise NotTheirs
    if person_id == by.pk:
        raise OwnAccess
    rows = User.objects.exclude(staff_role=User.StaffRole.NONE)
    person = rows.select_for_update(no_key=True).filter(pk=person_id).first()
    if person is None:
        raise NotOfTheStaff
    return person
