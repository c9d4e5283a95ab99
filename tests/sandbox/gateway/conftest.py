"""One running gateway sandbox for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.gateway.launch import Running, start_gateway
from tests.sandbox.gateway.gateway_caller import Caller


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with start_gateway(
        tmp_path_factory.mktemp("gateway"), settle_delay=0.1, return_delay=0.2
    ) as started:
        yield started


@pytest.fixture(scope="session")
def caller(running: Running) -> Iterator[Caller]:
    """For tests that leave nothing behind: no fault, no endpoint, no behaviour of webhooks."""
    made = Caller(running)
    yield made
    made.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Caller]:
    """A sandbox of one test's own, with nothing in it."""
    with start_gateway(tmp_path / "gateway", settle_delay=0.1) as started:
        made = Caller(started)
        yield made
        made.close()
