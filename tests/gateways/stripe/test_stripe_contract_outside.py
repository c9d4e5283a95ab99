"""Stripe's own test mode, by hand: the contract of every adapter, where no payer is needed.

How to run it is in docs/how-to/try-a-gateway.md.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quittance.gateways.contract import GatewayContract
from quittance.gateways.contract_parts import FactsContract
from tests.gateways.outside_stage import OutsideStage, settings_of, staged

SETTINGS = settings_of("stripe", webhook_secret="whsec_none")
pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(not SETTINGS, reason="QUITTANCE_TEST_STRIPE_API_KEY is not set"),
]


@pytest.fixture(scope="module")
def stage() -> Iterator[OutsideStage]:
    assert "_test_" in SETTINGS["api_key"], "Never with a live key."
    yield from staged("stripe", SETTINGS, wrong={"api_key": "sk_test_revoked"})


class TestContract(GatewayContract, FactsContract):
    """The contract of every adapter, as far as it needs neither payer nor trouble."""
