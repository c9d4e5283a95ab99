"""Starts a gateway as a process of its own, for tests and the demo."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

_ROOT: Final = Path(__file__).parents[2]
_READY_SECONDS: Final = 20


@dataclass(frozen=True)
class Running:
    """A gateway that answers. Ends with ``stop``, or at the end of a ``with`` block."""

    url: str
    control_url: str
    process: subprocess.Popen[str]
    fields_url: str = ""  # the origin of the embedded fields and their script

    def stop(self) -> int:
        """Ask it to end (SIGTERM), insist after ten seconds, and return its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()


def start_gateway(
    data: Path, *, port: int = 0, control_port: int = 0, **options: object
) -> Running:
    """Start a gateway with its state in ``data`` and wait until it answers.

    A port of 0 takes a free one. ``options`` are those of the command: ``settle_delay=0.1``.
    Raises ``RuntimeError`` with what the process said when it does not become ready.
    """
    command = [sys.executable, "-m", "sandbox.gateway", "--data", str(data)]
    command += ["--port", str(port), "--control-port", str(control_port)]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_pass_on, args=(process.stdout, lines), daemon=True).start()
    said = []
    try:
        while "ready:" not in (line := lines.get(timeout=_READY_SECONDS)):
            said.append(line)
            if not line:
                break
    except queue.Empty:
        pass
    else:
        if line:
            words = line.split()
            return Running(words[2], words[4], process, words[6])
    process.kill()
    process.wait()
    raise RuntimeError(f"The gateway sandbox did not start: {''.join(said).strip()}")


def _pass_on(stream: IO[str] | None, lines: queue.Queue[str]) -> None:
    """Read to the end, so that the process never waits for us; an empty line says the end."""
    if stream is not None:
        with stream:
            for line in stream:
                lines.put(line)
    lines.put("")
