"""GoCardless's own test mode, by hand: the contract of every adapter, where no payer is needed.

How to run it is in docs/how-to/try-a-gateway.md.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quittance.gateways.contract import GatewayContract
from quittance.gateways.contract_parts import FactsContract
from tests.gateways.outside_stage import OutsideStage, settings_of, staged

SETTINGS = settings_of(
    "gocardless", address="https://api-sandbox.gocardless.com", webhook_secret="NONE"
)
pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(not SETTINGS, reason="QUITTANCE_TEST_GOCARDLESS_ACCESS_TOKEN is not set"),
]


@pytest.fixture(scope="module")
def stage() -> Iterator[OutsideStage]:
    assert SETTINGS["address"] != "https://api.gocardless.com", "Never with a live key."
    yield from staged("gocardless", SETTINGS, wrong={"access_token": "revoked"})


class TestContract(GatewayContract, FactsContract):
    """The contract of every adapter, as far as it needs neither payer nor trouble."""
