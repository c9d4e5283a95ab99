"""Starts a gateway as a process of its own, for tests and the demo."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from sandbox.serving import launch


@dataclass(frozen=True)
class Running:
    """A gateway that answers. Ends with ``stop``, or at the end of a ``with`` block."""

    url: str
    control_url: str
    process: subprocess.Popen[str]
    fields_url: str = ""  # the origin of the embedded fields and their script

    def stop(self) -> int:
        """Ask it to end (SIGTERM), insist after ten seconds, and return its exit code."""
        return launch.stop(self.process)

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
    arguments = ["--data", str(data), "--port", str(port), "--control-port", str(control_port)]
    for name, value in options.items():
        arguments += [f"--{name.replace('_', '-')}", str(value)]
    process, words = launch.start("sandbox.gateway", arguments)
    return Running(words[2], words[4], process, words[6])
