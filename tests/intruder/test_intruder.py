"""A slice of ``make intruder``: some people, each address, the tricks that cost little."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intruder.addresses import routes
from tests.intruder.run import ELSEWHERE, Run, run
from tests.portal.doors import plain_files

SLICE = [
    "portal:invoice", "portal:payment", "portal:dispute", "portal:amounts", "portal:open_link",
    "backoffice:payment", "backoffice:dispute", "webhooks:gateway",
]  # fmt: skip
TRICKS = ["forged", "elsewhere", "ids", "redirects", "hosts", "sizes", "strangers", "webhooks",
          "formulas", "log_lines", "inner_addresses", "sessions"]  # fmt: skip


@pytest.fixture(scope="module")
def done(database: None, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """What the slice showed."""
    with plain_files(tmp_path_factory.mktemp("static")):
        return run(
            7, only=SLICE, methods=("GET", "POST"), probes=TRICKS,
            people=("buyer", "link", "manager", "administrator", "anonymous", "stranger"),
            parts=("walk", "tricks", "walls"),
        )  # fmt: skip


def test_nobody_finds_a_way_in(done: Run) -> None:
    assert done.crawl.world.findings.lines() == []


def test_every_address_of_the_slice_was_reached(done: Run) -> None:
    assert done.unreached == []
    assert done.crawl.unknown == {}
    assert done.crawl.world.requests > 500


def test_every_argument_of_an_address_can_be_filled() -> None:
    for route in routes():
        route.address(None, None)


def test_what_is_reached_elsewhere_is_there_and_has_a_test() -> None:
    names = {each.name for each in routes()}

    for name, why in ELSEWHERE.items():
        assert name in names
        assert Path(why.rpartition(": ")[2]).is_file(), why
