"""How long to wait before a thing is looked at again."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from quittance.core import clock
from quittance.jobs.later import next_look


def wait(failures: int, **asked: float | None) -> timedelta:
    before = clock.now()
    return next_look(failures, **asked) - before


@given(st.integers(0, 10_000))
def test_a_wait_lies_between_a_second_and_a_good_day(failures: int) -> None:
    assert timedelta(seconds=1) < wait(failures) < timedelta(hours=29)


@given(st.integers(0, 6))
def test_waits_grow_with_failures(failures: int) -> None:
    assert wait(failures) < wait(failures + 1)


@given(st.integers(0, 100), st.floats(0, 86_400))
def test_the_other_sides_wish_is_kept(failures: int, asked: float) -> None:
    assert wait(failures, at_least_seconds=asked) >= timedelta(seconds=asked)


def test_the_first_look_comes_within_three_seconds() -> None:
    assert wait(0) < timedelta(seconds=3)


def test_no_wish_changes_nothing() -> None:
    assert wait(0, at_least_seconds=None) < timedelta(seconds=3)


def test_what_failed_together_does_not_come_back_together() -> None:
    assert len({wait(3) // timedelta(seconds=1) for _ in range(50)}) > 5
