"""One running Stripe sandbox for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.stripe.launch import Running, start_stripe
from tests.sandbox.stripe.stripe_caller import Caller


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stripe")


@pytest.fixture(scope="module")
def running(data: Path) -> Iterator[Running]:
    with start_stripe(data, settle_delay=0.1) as started:
        yield started


@pytest.fixture(scope="module")
def caller(running: Running) -> Iterator[Caller]:
    made = Caller(running)
    yield made
    made.close()
