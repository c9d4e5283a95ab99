"""Starts a gateway as a process of its own, for tests and the demo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sandbox.serving import launch


@dataclass(frozen=True)
class Running(launch.Running):
    """A gateway that answers."""

    fields_url: str = ""  # the origin of the embedded fields and their script


def start_gateway(
    data: Path, *, port: int = 0, control_port: int = 0, **options: object
) -> Running:
    """Start a gateway. A port of 0 takes a free one. Raises ``RuntimeError``: see ``launch``."""
    process, words = launch.start(
        "sandbox.gateway", data, options, port=port, control_port=control_port
    )
    return Running(words[2], words[4], process, words[6])
