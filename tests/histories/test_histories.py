"""Histories in the usual run of tests: pinned seeds, fresh ones, and bugs that they must see."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from tests.histories import coverage, ports
from tests.histories.__main__ import pinned
from tests.histories.history import Theatre
from tests.histories.mutants import MUTANTS, planted
from tests.histories.planting import NEEDS

pytestmark = pytest.mark.slow
FRESH_SECONDS = 10  # the many are played by make histories
# One for the door, the ledger, the mirror and the ERP, with what names it; make mutants plants all.
PINNED_BUGS = {
    "forged webhook taken": ("a forged",),
    "no ledger entry": ("the ledger",),
    "never shown": ("an allocation", "the mirror"),
    "all booked for who pays": ("a posting stays rejected", "the ERP"),
}
SOON = 40  # histories: each of these bugs is seen by one in two or three


@pytest.fixture(scope="module")
def theatre(database: None) -> Iterator[Theatre]:
    from tests.conftest import DATABASE

    admin = os.environ["QUITTANCE_TEST_ADMIN"].rpartition("/")[0] + f"/{DATABASE}"
    made = Theatre(admin)
    with ports.installed():
        yield made
    made.close()


@pytest.mark.parametrize("seed", pinned())
def test_what_once_went_wrong_goes_well(theatre: Theatre, seed: int) -> None:
    assert theatre.play(seed).wrongs == {}


def test_fresh_histories_go_well(theatre: Theatre) -> None:
    first = seed = int.from_bytes(os.urandom(4), "big")
    deadline = time.monotonic() + FRESH_SECONDS
    while time.monotonic() < deadline:
        wrongs = theatre.play(seed).wrongs
        assert not wrongs, f"make histories SEED={seed}: {wrongs}"
        seed += 1
    assert seed > first


def test_the_same_seed_is_the_same_history(theatre: Theatre) -> None:
    for seed in (11, 30, 46):
        assert theatre.play(seed).digest == theatre.play(seed).digest, seed


def test_another_seed_is_another_history(theatre: Theatre) -> None:
    assert theatre.play(1).digest != theatre.play(2).digest


@pytest.mark.parametrize("bug", PINNED_BUGS)
def test_a_planted_bug_is_seen_soon(theatre: Theatre, bug: str) -> None:
    seen: set[str] = set()
    with planted(bug):
        for seed in range(1, SOON):
            seen.update(theatre.play(seed, **NEEDS.get(bug, {})).wrongs)
            if any(words.startswith(PINNED_BUGS[bug]) for words in seen):
                return
    raise AssertionError(f"{bug}: {SOON} histories show {sorted(seen)}")


@pytest.mark.parametrize("name", MUTANTS)
def test_every_bug_finds_its_place_in_the_code(name: str) -> None:
    with planted(name):
        pass


def test_a_commit_that_stands_in_no_list_is_said() -> None:
    met = {"payments.sending.end": 3, "payments.surplus.send_rest": 1, "payments.new.commit": 1}
    assert coverage.unlisted(met) == ["payments.new.commit"]
