"""Starts the programs of the house, watches them, and ends them and whatever they started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demo import tied
from demo.ports import answers_http

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS = 25  # the worker finishes what it does, for up to 20 s


class ChildDied(Exception):
    """A program ended by itself; the message has the end of its log."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running program and where it writes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raise ``ChildDied`` if it has ended."""
        code = self.process.poll()
        if code is not None:
            raise ChildDied(f"{self.name} ended {_in_words(code)}. {last_words(self.log)}")


def _in_words(code: int) -> str:
    return f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"


def last_words(log: Path, lines: int = 25) -> str:
    """The end of a log, for a person who must find out what happened."""
    end = log.read_text(errors="replace").splitlines()[-lines:] if log.exists() else []
    if not end:
        return f"It wrote nothing to {log}."
    return "\n".join([f"The end of {log}:", "", *(f"    {line}" for line in end)])


@contextlib.contextmanager
def running(
    name: str, arguments: Sequence[str], *, log: Path, environment: Mapping[str, str]
) -> Iterator[Child]:
    """Run ``python -m ARGUMENTS`` until the block ends."""
    child = _start(name, arguments, log=log, environment=environment)
    try:
        yield child
    finally:
        stop(child)


def run(name: str, arguments: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> None:
    """Run ``python -m ARGUMENTS`` to its end. Raises ``ChildDied`` if it fails."""
    with running(name, arguments, log=log, environment=environment) as child:
        if child.process.wait():
            child.check()


def _start(
    name: str, arguments: Sequence[str], *, log: Path, environment: Mapping[str, str]
) -> Child:
    """Start it in a process group of its own, so that a Ctrl-C in the terminal reaches only us."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".before.log"))
    with log.open("wb") as output:
        process = subprocess.Popen(
            tied.command(sys.executable, "-m", *arguments),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=ROOT,
            env={**environment, "PYTHONUNBUFFERED": "1"},
            process_group=0,
        )
    return Child(name, process, log)


def stop(child: Child) -> None:
    """Ask it to end, wait, then end it and everything that it left behind."""
    if child.process.poll() is None:
        child.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()


def wait_for_answer(child: Child, port: int, path: str = "/", seconds: float = 60) -> None:
    """Wait until the program answers HTTP, with whatever status: some listen before they serve.

    Raises ``ChildDied`` if it ends or never does.
    """
    complaint = f"did not answer on port {port}"
    wait_until(lambda: answers_http(port, path), child, complaint, seconds)


def wait_until(ready: Callable[[], bool], child: Child, complaint: str, seconds: float) -> None:
    """Wait until ``ready()``. Raises ``ChildDied`` if the program ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        child.check()
        if time.monotonic() > deadline:
            words = last_words(child.log)
            raise ChildDied(f"{child.name} {complaint} within {seconds:.0f} s. {words}")
        time.sleep(0.05)
