"""A slice of ``--guesses``: what is counted is work, never time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.intruder.guesses import guess
from tests.intruder.pairs import Pair, pairs_of, work
from tests.intruder.ranks import p_value, seen_from, slower
from tests.intruder.world import World
from tests.portal.doors import plain_files


@pytest.fixture(scope="module")
def world(database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Sellers, their people, and their rows."""
    with plain_files(tmp_path_factory.mktemp("static")):
        made = World()
        made.fill()
        yield made


def test_of_many_guesses_few_are_looked_at_and_none_lets_in(world: World) -> None:
    series = guess(world, 60)

    assert [wrong for each in series for wrong in each.wrong()] == []
    assert len(series) == 5
    assert all(0 < each.looked_at <= each.most for each in series)


def test_who_is_known_costs_the_same_statements_and_hashes_as_who_is_not(world: World) -> None:
    for pair in (each for each in pairs_of(world) if not each.at_least):
        known, unknown = (_work(pair, ask) for ask in (pair.known, pair.unknown))

        assert known == unknown, pair.name
        assert known[0]


def test_where_the_work_differs_both_take_longer_than_it(world: World) -> None:
    (pair,) = (each for each in pairs_of(world) if each.at_least)

    for ask in (pair.known, pair.unknown):
        pair.prepare()
        began = time.monotonic()
        assert ask().status == 303
        assert time.monotonic() - began >= pair.at_least >= 0.2


def _work(pair: Pair, ask: Callable[[], Any]) -> tuple[list[str], int]:
    ask()  # what a process remembers, it remembers now
    pair.prepare()
    return work(ask)


def test_the_test_of_ranks_finds_a_difference_and_finds_none_where_there_is_none() -> None:
    chance = random.Random(7)
    first = [chance.lognormvariate(1, 0.5) for _ in range(1000)]
    same = [chance.lognormvariate(1, 0.5) for _ in range(1000)]

    assert p_value(first, same) > 0.01
    assert p_value(first, [each + 0.4 for each in same]) < 0.0001
    assert p_value([1.0] * 30, [1.0] * 30) == 1.0
    with pytest.raises(ValueError, match="few"):
        p_value([1.0], [2.0])


def test_the_test_of_ranks_is_that_of_its_inventors() -> None:
    """Counted by hand: of 1 to 20 and 11 to 30, 45 pairs are the other way and 10 are ties."""
    first, second = list(range(1, 21)), list(range(11, 31))

    assert slower(first, second) == pytest.approx((400 - 45 - 10 / 2) / 400)
    assert p_value(first, second) == pytest.approx(5.1e-5, rel=0.05)


def test_it_says_from_which_delay_on_it_sees_one_and_does_see_it() -> None:
    chance = random.Random(11)

    def sample() -> list[float]:
        return [chance.gauss(10, 1) for _ in range(500)]

    least = seen_from(sample(), sample())
    seen = [p_value(sample(), [each + least for each in sample()]) < 0.01 for _ in range(40)]

    assert 0.15 < least < 0.35
    assert sum(seen) >= 30  # of 40; 36 are expected
