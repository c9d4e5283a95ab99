"""The whole demo: it starts, says where it is, notices a death, stops cleanly, keeps its data."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo import world
from demo.company import PEOPLE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for programs in /proc"),
]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder for what changes, which PostgreSQL's user can reach."""
    made = Path(tempfile.mkdtemp(prefix="quittance-demo-test-"))
    made.chmod(0o711)
    yield made
    world.remove(made / "demo")
    for file in made.iterdir():
        file.unlink()
    made.rmdir()


@contextmanager
def demo(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running demo and what it said until it was ready; killed if the test forgets it."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "QUITTANCE_"))}
    log = folder / "said.txt"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "demo.run"],
            cwd=ROOT,
            env={**plain, "QUITTANCE_VAR": str(folder)},
            stdout=out,
            stderr=out,
            text=True,
        )
    try:
        deadline = time.monotonic() + 120
        while "Ctrl-C" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield process, log.read_text()
    finally:
        process.kill()
        process.wait()


def programs_of(folder: Path) -> dict[int, str]:
    """The programs that were started with the folder in their arguments or their environment."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (entry / "cmdline").read_text().replace("\0", " ").strip()
            known = str(folder) in arguments + (entry / "environ").read_text(errors="replace")
        except OSError:
            continue
        if known and arguments and int(entry.name) != os.getpid():
            found[int(entry.name)] = arguments
    return found


def wait_until_gone(folder: Path) -> dict[int, str]:
    deadline = time.monotonic() + 90  # a worker ends what is under way for 20 s at most
    while programs_of(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    return programs_of(folder)


def test_a_dead_program_is_named_and_everything_else_stops(folder: Path) -> None:
    with demo(folder) as (process, said):
        assert len(re.findall(r"^    \S+@\S+   \S", said, re.MULTILINE)) == len(PEOPLE)
        (worker,) = (pid for pid, each in programs_of(folder).items() if "quittance worker" in each)
        os.kill(worker, signal.SIGKILL)

        assert process.wait(90) == 1

    assert "worker ended by signal SIGKILL" in (folder / "said.txt").read_text()
    assert wait_until_gone(folder) == {}


def test_a_sigterm_stops_it_cleanly_and_a_second_start_keeps_the_data(folder: Path) -> None:
    secrets = (folder / "demo" / "secrets.json").read_text()
    log = folder / "demo" / "log" / "postgres.log"
    stops = log.read_text().count("database system is shut down")
    with demo(folder) as (process, _):
        process.terminate()

        assert process.wait(90) == 0

    assert "the data is kept" in (folder / "said.txt").read_text()
    assert (folder / "demo" / "secrets.json").read_text() == secrets
    assert log.read_text().count("database system is shut down") == stops + 1
    assert wait_until_gone(folder) == {}


def test_a_sigkill_leaves_nothing_behind(folder: Path) -> None:
    with demo(folder) as (process, _):
        process.kill()
        process.wait()

        assert wait_until_gone(folder) == {}
