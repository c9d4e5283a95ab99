"""The short form of ``make chaos``: one of each deed that matters most, then the books agree."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos import house
from tests.chaos.plan import Deed
from tests.chaos.run import Order, run

PLAN = [
    Deed(2, "kill_web", {"down": 0.3}),
    Deed(6, "erp_faults", {"match": "POST .*NAV.post", "kind": "drop_after", "times": 2}),
    Deed(7, "stop_worker", {"worker": 2, "seconds": 14}),
    Deed(8, "kill_worker", {"worker": 1, "down": 0.5}),
    Deed(10, "gateway_faults", {"match": "POST /v1/payments", "kind": "drop_after", "times": 2}),
    Deed(12, "restart_database"),
    Deed(15, "webhooks", {"behaviour": {"double": True}, "seconds": 6}),
    Deed(17, "erp_weather", {"weather": "lose_answer", "often": 0.2, "seconds": 4}),
    Deed(20, "kill_gateway", {"down": 0.3}),
    Deed(22, "terminate_backends"),
    Deed(24, "kill_worker", {"worker": 1, "down": 0.3}),
]


def say(sentence: str) -> None:
    """Keep the story for the report of a failure."""
    sys.stdout.write(f"{time.strftime('%X')} {sentence}\n")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's user can reach."""
    made = Path(tempfile.mkdtemp(prefix="quittance-chaos-test-"))
    made.chmod(0o711)
    yield made
    house.remove(made)


@pytest.mark.slow
@pytest.mark.failure("F37", "F49", "F50", "F52")
def test_nothing_is_lost_and_nothing_doubled_while_programs_die(
    folder: Path,
) -> None:
    order = Order("short", 27, at_least=5, plan=PLAN, quiet=10, last=400, think=(0.1, 0.5))

    outcome = run(order, folder, say)

    assert outcome.wrong == []
    assert outcome.doer.failures == []
    counts = outcome.verdict.counts
    assert counts["journal: received"] >= 5, counts
    surplus = outcome.healed["late money that was given back"]
    assert counts["charges at the gateway"] == counts["payments succeeded"] + surplus
    assert counts["postings confirmed"] >= 5
