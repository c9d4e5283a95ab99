"""A payer whose payments another person approves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quittance.identity.models import User
from quittance.tenancy.scope import narrowed_to
from tests.approvals.signers import person
from tests.ground import Ground


@pytest.fixture
def maker(ground: Ground) -> Iterator[User]:
    """Somebody who pays for Harborline, whose scope is entered."""
    user = person(ground, "pay", name="Dana Okafor")
    with narrowed_to([ground.account().pk]):
        yield user


@pytest.fixture
def checker(ground: Ground, maker: User) -> User:
    """Somebody who approves for Harborline."""
    return person(ground, "approve", name="Kim Sato")
