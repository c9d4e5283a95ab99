"""PayPal's own test mode, by hand: the contract of every adapter, where no payer is needed.

How to run it is in docs/how-to/try-a-gateway.md.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quittance.gateways.contract import GatewayContract
from quittance.gateways.contract_parts import FactsContract
from quittance.gateways.paypal.credentials import LIVE
from tests.gateways.outside_stage import OutsideStage, settings_of, staged

SETTINGS = settings_of("paypal", address="https://api-m.sandbox.paypal.com", webhook_id="NONE")
pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(
        not SETTINGS, reason="QUITTANCE_TEST_PAYPAL_CLIENT_ID and _CLIENT_SECRET are not set"
    ),
]


@pytest.fixture(scope="module")
def stage() -> Iterator[OutsideStage]:
    assert SETTINGS["address"] != LIVE, "Never with a live key."
    yield from staged("paypal", SETTINGS, wrong={"client_secret": "another"})


class TestContract(GatewayContract, FactsContract):
    """The contract of every adapter, as far as it needs neither payer nor trouble."""
