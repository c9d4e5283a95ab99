"""Two people who connect, two who administer, and an organization that wants a second word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from quittance.confirmations.rules import switch_on
from quittance.identity.models import User
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import working_for
from tests.ground import Ground


@dataclass(frozen=True)
class Office:
    """Who works here; the scope is ``mia``'s."""

    mia: User
    ivan: User
    ada: User
    ines: User
    clerk: User


def person(role: str, email: str, name: str = "") -> User:
    """One more of the seller's people."""
    with writing():
        return User.objects.create(email=email, name=name or email, staff_role=role)


@pytest.fixture
def office(ground: Ground) -> Iterator[Office]:
    """Credentials want a second person from here on."""
    office = Office(
        mia=person("manager", "mia@example.test", "Mia Lang"),
        ivan=person("integrator", "ivan@example.test", "Ivan Petrov"),
        ada=person("administrator", "ada@example.test", "Ada Novak"),
        ines=person("administrator", "ines@example.test", "Ines Duarte"),
        clerk=person("clerk", "priya@example.test", "Priya Nair"),
    )
    with writing():
        switch_on(["credentials"])
    with working_for(ground.organization_id, actor=f"user:{office.mia.pk}"):
        yield office
