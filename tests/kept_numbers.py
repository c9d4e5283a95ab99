"""After all tests: is a number of a card or of a payer's account anywhere where things are kept?

Each process that ran tests looks at what they left behind: its whole database, dumped past all
walls, what was captured of their logs and prints, and every mail that was sent. What is found fails
the run and is named with its place.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from demo import binaries
from demo.roles import MAINTENANCE
from sandbox.gateway.numbers import NUMBERS as OURS
from sandbox.stripe.numbers import NUMBERS as OF_STRIPE

CANARIES: Final = tuple(sorted({each.number for each in (*OURS, *OF_STRIPE)}))
_GAP: Final = "[ -]?"
_SPACED: Final = re.compile(  # the last part of an id or of a UUID is none
    "|".join(rf"(?<![\w.])(?<![0-9A-Fa-f]-){_GAP.join(number)}(?!\w)" for number in CANARIES)
)
_ESCAPED: Final = re.compile(r"\\+[nrt]")  # how a dump writes the end of a line
_PATIENCE: Final = "--lock-wait-timeout=30s"
_MOST: Final = 20  # places that are named


def numbers_in(text: str) -> list[str]:
    """Return the canaries in a text, also in groups; a part of a longer word is none."""
    return [re.sub("[ -]", "", each) for each in _SPACED.findall(text)] if text else []


def in_database(address: str, folder: Path) -> list[str]:
    """Dump a database and return each canary in it with its table.

    ``address`` is a superuser's: the application's roles do not see through the walls. Bytes are
    written as hexadecimal digits in a dump, and are looked for so.
    """
    dump, names = folder / "numbers.sql", folder / "numbers.txt"
    names.write_text("\n".join(chain.from_iterable(_writings(each) for each in CANARIES)))
    try:
        program = binaries.installed() / "bin" / "pg_dump"
        _run([program, address, "--data-only", _PATIENCE, "-f", dump])
        told = _run(["grep", "-aFn", "-f", names, dump], may_be=(0, 1))
        lines = dict(line.split(":", 1) for line in told.split("\n") if line)
        found = {int(at): _canaries_of(line) for at, line in lines.items()}
        places = _tables(dump, {at for at, numbers in found.items() if numbers})
        return [f"{number} in table {place}" for at, place in places for number in found[at]]
    finally:
        for file in (dump, names):
            file.unlink(missing_ok=True)


def in_mails() -> list[str]:
    """Return each canary in the mails that the last test caught, and in whose mail."""
    from django.core import mail

    return [
        f"{number} in the mail {each.subject!r}"
        for each in getattr(mail, "outbox", [])
        for number in numbers_in(each.message().as_string())
    ]


def in_files(folder: Path) -> list[str]:
    """Return each canary in the files of a folder with the file's name."""
    files = [each for each in sorted(folder.rglob("*")) if each.is_file()]
    return [f"{number} in {each.name}" for each in files for number in numbers_in(_text(each))]


def _writings(number: str) -> Iterator[str]:
    """Return how a number may stand in a dump: bare, as bytes, in groups as people write them."""
    yield number
    yield number.encode().hex()
    for gap in " -":
        for group in ("(.{1,4})", "(.{1,3})", "(.{4})(.{6})(.{5})"):
            yield gap.join(chain.from_iterable(_parts(group, number)))


def _parts(group: str, number: str) -> Iterator[Sequence[str]]:
    return (found.groups() for found in re.finditer(group, number))


def _canaries_of(line: str) -> list[str]:
    as_bytes = [each for each in CANARIES if each.encode().hex() in line]
    return sorted({*numbers_in(_ESCAPED.sub(" ", line)), *as_bytes})


def _tables(dump: Path, lines: set[int]) -> list[tuple[int, str]]:
    """Say to which table's rows these lines of a dump belong."""
    found, table = [], ""
    if lines:
        with dump.open(encoding="utf-8", errors="replace") as text:
            for at, line in enumerate(text, 1):
                table = line.split()[1] if line.startswith("COPY ") else table
                if at in lines:
                    found.append((at, table))
    return found


def _text(file: Path) -> str:
    return file.read_text("utf-8", errors="replace")


def _run(command: list[str | Path], may_be: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False,
        env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    if done.returncode not in may_be:
        raise RuntimeError(f"{Path(command[0]).name}: {done.stderr.strip()}")
    return done.stdout


class Search:
    """The plugin of one process: it gathers what was found, and ends the run with it."""

    def __init__(self, *, address: str, mails: Path) -> None:
        self._address, self._mails = address, mails
        self._found: set[str] = set()

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Look at the mails while they are there."""
        self._found |= {f"{each} of {item.nodeid}" for each in in_mails()}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at what a test logged and printed; the last of its reports has all of it."""
        if report.when == "teardown" and not _is_told(report):
            self._found |= {
                f"{number} in the {name} of {report.nodeid}"
                for name, text in report.sections
                for number in numbers_in(text)
            }

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Look at what was kept; a worker tells the first process, which fails the run."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None or not session.config.getoption("numprocesses", None):
            self._found |= {*in_files(self._mails)}
            if _is_there(self._address):
                self._found |= {*in_database(self._address, self._mails.parent)}
        if output is not None:
            output["kept_numbers"] = sorted(self._found)
        elif self._found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Hear what a worker found."""
        self._found |= {*getattr(node, "workeroutput", {}).get("kept_numbers", [])}

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Name the places."""
        if self._found:
            terminalreporter.section("numbers of cards or accounts were kept", red=True)
            for each in sorted(self._found)[:_MOST]:
                terminalreporter.line(each)
            terminalreporter.line(f"{len(self._found)} in all")


def _is_told(report: pytest.TestReport) -> bool:
    """Say whether a report came from a worker, which has looked at it."""
    return hasattr(report, "node")


def _is_there(address: str) -> bool:
    """Say whether a test of this process asked for the database.

    A server that does not answer is an error, for then nobody has looked.
    """
    server, _, name = address.rpartition("/")
    with psycopg.connect(f"{server}/{MAINTENANCE}") as asked:
        found = asked.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        return found.fetchone() is not None
