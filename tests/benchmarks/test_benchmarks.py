"""Figures are judged and written right, and every one of them can be measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.figures import Failed, Figure, Sense, line, percentile
from benchmarks.processes import Taken, family, memory_bytes, processor_seconds, spent
from benchmarks.sizes import QUICK, Sizes, sizes_of

ROOT = Path(__file__).resolve().parents[2]
GROUPS = {
    "mirror_",
    "check_money",
    "first_road_",
    "queries_",
    "invoice_list_",
    "list_html_",
    "memory",
    "zip_memory",
    "sync_",
    "fresh_",
}


def a_figure(value: float, *, goal: float | None = 1.6, sense: Sense = Sense.AT_MOST) -> Figure:
    return Figure(figure="it", value=value, limit=10, goal=goal, sense=sense, unit="ms")


@pytest.mark.parametrize(
    ("value", "sense", "met"),
    [
        (16, Sense.AT_MOST, True),
        (16.1, Sense.AT_MOST, False),
        (16, Sense.AT_LEAST, True),
        (15.9, Sense.AT_LEAST, False),
    ],
)
def test_a_goal_is_for_the_ratio_to_the_limit(value: float, sense: Sense, met: bool) -> None:
    assert a_figure(value, sense=sense).met is met


def test_a_figure_without_a_goal_is_neither_met_nor_missed() -> None:
    assert a_figure(16, goal=None).met is None
    assert "met" not in json.loads(line(a_figure(16, goal=None)))


def test_a_line_carries_the_limit_and_the_ratio() -> None:
    said = json.loads(line(a_figure(12.3456)))

    assert (said["value"], said["limit"], said["ratio"]) == (12.3, 10, 1.23)


def test_what_could_not_be_measured_says_why() -> None:
    assert json.loads(line(Failed(figure="it", error="no list"))) == {
        "figure": "it",
        "error": "no list",
    }


def test_of_few_values_a_percentile_is_one_of_them() -> None:
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile([3, 1, 2], 0.95) == 3


def test_variables_choose_the_size() -> None:
    assert sizes_of({}) == Sizes()
    assert sizes_of({"QUICK": "1"}) == QUICK
    assert sizes_of({"INVOICES": "1_000_000"}).invoices == 1_000_000
    assert sizes_of({"PAYMENTS": "200000"}).payments == 200_000
    assert sizes_of({"SYNC": "1000000"}).sync_invoices == 1_000_000


@pytest.mark.parametrize("asked", ["many", "-5", "12", "1e6"])
def test_a_size_that_cannot_be_is_refused_with_a_sentence(asked: str) -> None:
    with pytest.raises(ValueError, match="write a whole number"):
        sizes_of({"INVOICES": asked})


def test_work_of_a_child_is_counted_with_its_parent() -> None:
    busy = "import os, time\nwhile time.process_time() < 0.2: os.getpid()\nprint(1, flush=True)\n"
    child = subprocess.Popen(
        [sys.executable, "-c", busy + "input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdout.readline()

    mine = family(os.getpid())
    taken = processor_seconds([child.pid])
    held = memory_bytes([child.pid])
    child.communicate(b"\n")

    assert child.pid in mine
    assert spent({}, taken) >= 0.15
    assert held > 1_000_000


def test_a_thread_that_ended_is_counted_by_the_coarse_clock() -> None:
    assert spent({1: Taken(1.0, 1.0)}, {1: Taken(2.0, 1.2)}) == 1.0
    assert spent({1: Taken(1.0, 0.9)}, {1: Taken(1.0, 0.904)}) == pytest.approx(0.004)


def test_a_measurement_during_which_somebody_ended_is_not_believed() -> None:
    with pytest.raises(RuntimeError, match="ended while"):
        spent({1: Taken(5.0, 5.0), 2: Taken(1.0, 1.0)}, {1: Taken(6.0, 6.0)})


@pytest.mark.slow
def test_every_figure_can_be_measured() -> None:
    inherited = {k: v for k, v in os.environ.items() if "DATABASE" not in k and "DJANGO" not in k}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--tiny"],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False, env=inherited,
    )  # fmt: skip

    said = [json.loads(each) for each in done.stdout.splitlines()]

    assert [each for each in said if "error" in each] == []
    assert done.returncode == 0, done.stderr
    for group in GROUPS:
        assert any(each["figure"].startswith(group) for each in said), group
    assert all(each["limit"] > 0 and each["ratio"] > 0 for each in said)
