"""Starts this sandbox as a process of its own, for tests and the demo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sandbox.serving import launch


@dataclass(frozen=True)
class Running(launch.Running):
    """A sandbox that answers."""

    script_url: str  # the origin of the browser script


def start_stripe(
    data: Path, *, port: int = 0, script_port: int = 0, control_port: int = 0, **options: object
) -> Running:
    """Start a sandbox. A port of 0 takes a free one. Raises ``RuntimeError``: see ``launch``."""
    ports = {"port": port, "script_port": script_port, "control_port": control_port}
    process, words = launch.start("sandbox.stripe", data, options, **ports)
    return Running(words[2], words[6], process, words[4])
