"""Starts a sandbox as a process of its own and reads its ready line."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Self

_ROOT: Final = Path(__file__).parents[2]
_READY_SECONDS: Final = 60


@dataclass(frozen=True)
class Running:
    """A server that answers. Ends with ``stop``, or at the end of a ``with`` block."""

    url: str
    control_url: str
    process: subprocess.Popen[str]

    def stop(self) -> int:
        """Ask it to end (SIGTERM), insist after ten seconds, and return its exit code."""
        return stop(self.process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()


def start(
    module: str, data: Path, options: Mapping[str, object], **ports: int
) -> tuple[subprocess.Popen[str], list[str]]:
    """Start ``python -m MODULE`` with its state in ``data`` and wait until it answers.

    Options are those of the command: ``settle_delay=0.1`` is ``--settle-delay 0.1``. Returns its
    process and the words of its ready line. Raises ``RuntimeError`` with what the process said
    when it does not become ready.
    """
    arguments = ["--data", str(data)]
    for name, value in {**ports, **options}.items():
        arguments += [f"--{name.replace('_', '-')}", str(value)]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", module, *arguments],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_pass_on, args=(process.stdout, lines), daemon=True).start()
    said: list[str] = []
    try:
        while "ready:" not in (line := lines.get(timeout=_READY_SECONDS)):
            said.append(line)
            if not line:
                break
    except queue.Empty:
        line = ""
    if line:
        return process, line.split()
    process.kill()
    process.wait()
    raise RuntimeError(f"{module} did not start: {''.join(said).strip()}")


def stop(process: subprocess.Popen[str]) -> int:
    """Ask a process to end (SIGTERM), insist after ten seconds, and return its exit code."""
    process.terminate()
    try:
        return process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _pass_on(stream: IO[str] | None, lines: queue.Queue[str]) -> None:
    """Read to the end, so that the process never waits for us; an empty line says the end."""
    if stream is not None:
        with stream:
            for line in stream:
                lines.put(line)
    lines.put("")
