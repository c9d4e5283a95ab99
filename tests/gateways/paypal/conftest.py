"""One PayPal sandbox for the tests of this folder; all that was said to it is judged at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("quittance.gateways.contract", "quittance.gateways.contract_deeds")

from sandbox.paypal.launch import Running, start_paypal  # noqa: E402
from tests.gateways.paypal import descriptions  # noqa: E402
from tests.gateways.paypal.paypal_stage import PayPalStage  # noqa: E402


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("paypal")
    with start_paypal(folder, settle_delay=600, report_delay=0) as started:
        yield started


@pytest.fixture(scope="session")
def stage(running: Running) -> Iterator[PayPalStage]:
    """Whatever the tests said, and heard, must be as PayPal describes it."""
    made = PayPalStage(running)
    yield made
    calls = made.calls()
    made.end()
    if descriptions.FOLDER.is_dir():
        descriptions.check_all(calls)


@pytest.fixture(scope="session")
def _quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("quiet_paypal")
    with start_paypal(folder, settle_delay=600, report_delay=0) as started:
        yield started


@pytest.fixture
def own_stage(_quiet: Running) -> Iterator[PayPalStage]:
    """A sandbox in which nothing has happened, whose clock and report a test may move."""
    made = PayPalStage(_quiet)
    made.client.delete(f"{_quiet.control_url}/state").raise_for_status()
    made.control("/pace", report_delay=0)
    yield made
    made.end()
