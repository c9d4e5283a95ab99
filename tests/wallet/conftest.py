"""A buyer who keeps methods, his scope entered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ground import Ground
from tests.wallet.wallets import Wallet


@pytest.fixture
def wallet(ground: Ground) -> Iterator[Wallet]:
    """A buyer of Harborline and what he keeps; his scope is entered."""
    from quittance.tenancy.scope import narrowed_to
    from tests.payments.people import new_user

    user = new_user()
    with narrowed_to([ground.account().pk]):
        yield Wallet(ground, user)
