"""One stand-in for GoCardless for each file of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("quittance.gateways.contract", "quittance.gateways.contract_deeds")

from sandbox.gocardless.server import GoCardless  # noqa: E402
from tests.gateways.gocardless.gocardless_stage import GoCardlessStage  # noqa: E402


@pytest.fixture(scope="module")
def stage() -> Iterator[GoCardlessStage]:
    server = GoCardless()
    server.start()
    made = GoCardlessStage(server)
    yield made
    made.stop()
    server.stop()
