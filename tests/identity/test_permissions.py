"""Who may do what."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from quittance.identity.models import User
from quittance.identity.permissions import (
    BUYER_TABLE,
    STAFF_TABLE,
    BuyerRole,
    Permission,
    buyer_may,
    may,
)

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
    [
        ("auditor", False), ("clerk", True), ("manager", True), ("integrator", True),
        ("administrator", True),
    ],
)  # fmt: skip
def test_an_auditor_only_looks(role: str, allowed: bool) -> None:
    assert may(person(staff_role=role), Permission.RETRY_POSTINGS) == allowed


def test_an_integrator_connects_and_decides_about_no_money() -> None:
    integrator = person(staff_role="integrator")
    decisions = {Permission.REFUND, Permission.REALLOCATE, Permission.HANDLE, Permission.ANY_AMOUNT}

    assert may(integrator, Permission.CONNECT)
    assert not any(may(integrator, each) for each in decisions)


def test_every_role_has_its_row() -> None:
    assert set(STAFF_TABLE) == set(STAFF)
    assert set(BUYER_TABLE) == set(BuyerRole.values)


def test_a_stronger_buyers_role_may_whatever_a_weaker_one_may() -> None:
    rows = [buyer_may(role) for role in BuyerRole.values]

    assert all(weaker < stronger for weaker, stronger in pairwise(rows))
    assert buyer_may("owner") == frozenset()


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
