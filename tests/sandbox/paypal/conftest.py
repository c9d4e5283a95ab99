"""One PayPal sandbox for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.paypal.launch import Running, start_paypal
from tests.sandbox.paypal.paypal_caller import Caller


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with start_paypal(tmp_path_factory.mktemp("paypal"), settle_delay=600) as started:
        yield started


@pytest.fixture
def caller(running: Running) -> Iterator[Caller]:
    """Nothing has happened at this PayPal yet."""
    made = Caller(running)
    yield made
    made.tell("DELETE", "/state")
    made.close()
