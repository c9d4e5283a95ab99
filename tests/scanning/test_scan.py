"""Files are given to a scanner that runs, and nothing but its clear word lets one through."""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from quittance.disputes.evidence import Infected, NotScanned, read_files
from quittance.scanning.scan import NoVerdict, is_clean
from tests.disputes.quarrels import PDF
from tests.scanning.clamd import PROGRAM, VIRUS

CLEAN = PDF + b"x" * 300_000  # several chunks
BAD = PDF + b"x" * 100_000 + VIRUS


def command(program: str) -> str:
    """A program of Python as a scanner."""
    return shlex.join([sys.executable, "-c", program])


LOOKS = command(f"import sys; sys.exit({VIRUS!r} in sys.stdin.buffer.read())")


@pytest.fixture
def folder() -> Iterator[str]:
    """A folder whose name is short: that of a socket may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="q") as made:
        yield made


@contextmanager
def clamd(place: str, mode: str = "well") -> Iterator[str]:
    """A clamd that runs; return how the setting names it."""
    running = subprocess.Popen(
        [sys.executable, str(PROGRAM), place, mode], stdout=subprocess.PIPE, text=True
    )
    assert running.stdout
    try:
        said = running.stdout.readline().strip()
        yield f"clamd:127.0.0.1:{said}" if place == "tcp" else f"clamd:{place}"
    finally:
        running.kill()
        running.wait()
        running.stdout.close()


def test_a_command_reads_the_file_and_its_exit_code_says_what_it_is() -> None:
    assert is_clean(CLEAN, LOOKS)
    assert not is_clean(BAD, LOOKS)


@pytest.mark.parametrize("place", ["tcp", "socket"])
def test_clamd_is_asked_by_its_own_protocol(place: str, folder: str) -> None:
    with clamd("tcp" if place == "tcp" else f"{folder}/c") as scanner:
        assert is_clean(CLEAN, scanner)
        assert not is_clean(BAD, scanner)
        assert is_clean(b"", scanner)


@pytest.mark.parametrize(
    "scanner",
    [
        command("import sys; sys.exit(2)"), "/no/such/scanner", "'", "clamd:/no/such.sock",
        "clamd:127.0.0.1:1", "clamd:nothing", command("import os; os.kill(os.getpid(), 9)"),
    ],
)  # fmt: skip
def test_whoever_does_not_answer_clearly_has_not_said_that_a_file_is_clean(scanner: str) -> None:
    with pytest.raises(NoVerdict):
        is_clean(CLEAN, scanner)


@pytest.mark.parametrize("mode", ["mute", "broken"])
def test_a_clamd_that_breaks_off_or_fails_has_said_nothing(mode: str, folder: str) -> None:
    with clamd(f"{folder}/c", mode) as scanner, pytest.raises(NoVerdict):
        is_clean(CLEAN, scanner)


def test_a_scanner_that_hangs_is_ended() -> None:
    with pytest.raises(NoVerdict, match="Timeout"):
        is_clean(CLEAN, command("import time; time.sleep(600)"), seconds=0.5)


def test_a_scanner_gets_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUITTANCE_SEAL_KEY", "only-for-this-test-" * 3)
    told = "import os, sys; sys.exit(any('QUITTANCE' in each for each in os.environ))"

    assert is_clean(CLEAN, command(told))


def test_a_file_of_a_dispute_is_kept_only_if_the_scanner_says_so() -> None:
    def sent(content: bytes) -> list[SimpleUploadedFile]:
        return [SimpleUploadedFile("slip.pdf", PDF), SimpleUploadedFile("more.pdf", content)]

    with override_settings(SCANNER=LOOKS):
        assert len(read_files(sent(CLEAN))) == 2
        with pytest.raises(Infected):
            read_files(sent(BAD))
    with override_settings(SCANNER="/no/such/scanner"), pytest.raises(NotScanned):
        read_files(sent(CLEAN))
    assert len(read_files(sent(BAD))) == 2  # without a scanner nothing is looked at
