"""The search for numbers after all tests finds what it is for, wherever it was kept."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.kept_numbers import CANARIES, _is_there, numbers_in

ROOT = Path(__file__).parents[1]
TEST = "tests/planted_numbers.py::test_numbers_are_planted"
PLANTED = {
    "4000000000009995 in table public.planted",
    "DE62370400440532013001 in table public.planted",
    "000123456789 in table public.planted",
    f"000123456789 in the mail 'a caught mail' of {TEST}",
    f"4242424242424242 in the Captured log call of {TEST}",
}


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_run_that_kept_numbers_fails_and_names_their_places(workers: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", workers, "-p", "no:cacheprovider",
         "tests/planted_numbers.py"],
        cwd=ROOT, capture_output=True, text=True, check=False, env=_own_server(),
    )  # fmt: skip

    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert {line for line in done.stdout.splitlines() if line in PLANTED} == PLANTED
    assert "4242424242424242 in 2" in done.stdout, "the file of the written mail has a date's name"


@pytest.mark.parametrize("number", CANARIES)
def test_every_number_of_the_sandboxes_is_looked_for(number: str) -> None:
    for written in (f"card {number}.", f'{{"number":"{number}"}}', f"a\t{number}\tb"):
        assert numbers_in(written) == [number]


def test_a_part_of_a_longer_word_is_no_number() -> None:
    assert not numbers_in("94242424242424242 4242424242424242a x4242424242424242")
    assert not numbers_in("00000000-0000-4000-8000-000000000009 re_000000000009 0.000000000009")


def _own_server() -> dict[str, str]:
    """Return an environment in which a run starts a PostgreSQL of its own, and migrates nothing."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "QUITTANCE_TEST_"))
    }
    return kept | {"QUITTANCE_TEST_MIGRATED": "not asked for"}


def test_a_server_that_does_not_answer_is_no_database_without_numbers(database: None) -> None:
    admin = os.environ["QUITTANCE_TEST_ADMIN"].rpartition("/")[0]

    assert _is_there(f"{admin}/{connection.settings_dict['NAME']}")
    assert not _is_there(f"{admin}/nobody_asked_for_this_one")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"postgresql://x:y@127.0.0.1:{nobody.getsockname()[1]}/z"
        with pytest.raises(psycopg.OperationalError):
            _is_there(address)
