"""Starts the sandbox as a process of its own, for tests and the demo."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from sandbox.serving import launch


@dataclass(frozen=True)
class Running:
    """A sandbox that answers. Ends with ``stop``, or at the end of a ``with`` block."""

    url: str
    control_url: str
    process: subprocess.Popen[str]

    def stop(self) -> int:
        """Ask it to end and return its exit code."""
        return launch.stop(self.process)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()


def start_paypal(data: Path, *, port: int = 0, control_port: int = 0, **options: object) -> Running:
    """Start the sandbox with its state in ``data`` and wait until it answers.

    A port of 0 takes a free one. ``options`` are those of the command: ``report_delay=0``. Raises
    ``RuntimeError`` with what the process said when it does not become ready.
    """
    words = ["--data", str(data), "--port", str(port), "--control-port", str(control_port)]
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    process, ready = launch.start("sandbox.paypal", words)
    return Running(ready[2], ready[4], process)
