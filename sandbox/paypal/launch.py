"""Starts the sandbox as a process of its own, for tests and the demo."""

from __future__ import annotations

from pathlib import Path

from sandbox.serving import launch
from sandbox.serving.launch import Running

__all__ = ["Running", "start_paypal"]


def start_paypal(data: Path, *, port: int = 0, control_port: int = 0, **options: object) -> Running:
    """Start the sandbox. A port of 0 takes a free one. Raises ``RuntimeError``: see ``launch``."""
    process, words = launch.start(
        "sandbox.paypal", data, options, port=port, control_port=control_port
    )
    return Running(words[2], words[4], process)
