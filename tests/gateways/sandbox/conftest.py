"""One gateway sandbox for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite("quittance.gateways.contract", "quittance.gateways.contract_deeds")

from sandbox.gateway.launch import Running, start_gateway  # noqa: E402
from tests.gateways.sandbox.gateway_stage import SandboxStage  # noqa: E402


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with start_gateway(tmp_path_factory.mktemp("gateway"), settle_delay=0.1) as started:
        yield started


@pytest.fixture(scope="session")
def stage(running: Running) -> Iterator[SandboxStage]:
    made = SandboxStage(running)
    yield made
    made.stop()


@pytest.fixture
def own_stage(tmp_path: Path) -> Iterator[SandboxStage]:
    """A sandbox of one test's own, whose clock it may move."""
    with start_gateway(tmp_path / "gateway", settle_delay=0.1) as started:
        made = SandboxStage(started)
        yield made
        made.stop()
