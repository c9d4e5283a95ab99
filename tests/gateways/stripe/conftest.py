"""One Stripe sandbox for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("quittance.gateways.contract", "quittance.gateways.contract_deeds")

from sandbox.stripe.launch import Running, start_stripe  # noqa: E402
from tests.gateways.stripe.stripe_stage import StripeStage  # noqa: E402


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    # What is at a bank stays there until a test says what comes of it.
    with start_stripe(tmp_path_factory.mktemp("stripe"), settle_delay=86400) as started:
        yield started


@pytest.fixture(scope="session")
def stage(running: Running) -> Iterator[StripeStage]:
    made = StripeStage(running)
    yield made
    made.stop()
