"""Who may do what."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from quittance.identity.models import User
from quittance.identity.permissions import Permission, may

STAFF = sorted(set(User.StaffRole.values) - {""})


def person(**facts: Any) -> User:
    return User(organization_id=uuid4(), **facts)


@pytest.mark.parametrize("permission", Permission)
def test_a_buyer_may_do_nothing_of_the_staffs(permission: Permission) -> None:
    assert not may(person(staff_role=""), permission)


@pytest.mark.parametrize("role", STAFF)
def test_all_staff_see_payments(role: str) -> None:
    assert may(person(staff_role=role), Permission.SEE_PAYMENTS)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("auditor", False), ("clerk", True), ("manager", True), ("administrator", True)],
)
def test_an_auditor_only_looks(role: str, allowed: bool) -> None:
    assert may(person(staff_role=role), Permission.RETRY_POSTINGS) == allowed


@pytest.mark.parametrize("role", STAFF)
def test_who_was_switched_off_may_do_nothing(role: str) -> None:
    assert not any(may(person(staff_role=role, is_active=False), each) for each in Permission)


def test_an_unknown_role_may_do_nothing() -> None:
    assert not may(person(staff_role="owner"), Permission.SEE_PAYMENTS)


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Dana Okafor", "DO"), ("Dana", "D"), ("", "D"), ("Ana de la Cruz", "AC")],
)
def test_initials_are_two_letters_at_most(name: str, initials: str) -> None:
    assert person(name=name, email="dana@x.example").initials == initials
