"""A buyer whose scope is entered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quittance.identity.models import User
from quittance.tenancy.scope import narrowed_to
from tests.ground import Ground
from tests.payments.people import new_user


@pytest.fixture
def buyer(ground: Ground) -> Iterator[User]:
    """A buyer of Harborline, whose scope is entered."""
    user = new_user()
    with narrowed_to([ground.account().pk]):
        yield user
