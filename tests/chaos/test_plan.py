"""A plan of faults comes from its seed alone."""

from __future__ import annotations

from itertools import pairwise

from tests.chaos import plan


def test_the_same_seed_is_the_same_plan() -> None:
    first = plan.draw("7", 1800)

    assert plan.draw("7", 1800) == first
    assert plan.draw("8", 1800) != first


def test_five_minutes_bring_almost_every_kind() -> None:
    for seed in map(str, range(20)):
        seen = {deed.kind for deed in plan.draw(seed, 300)}

        assert len(set(plan.KINDS) - seen) <= 3


def test_half_an_hour_leaves_no_kind_and_no_weather_out() -> None:
    deeds = plan.draw("any", 1800)

    assert {deed.kind for deed in deeds} == set(plan.KINDS)
    waits = [b.at - a.at for a, b in pairwise(deeds)]
    assert all(4.98 <= wait <= 20.02 for wait in waits)
