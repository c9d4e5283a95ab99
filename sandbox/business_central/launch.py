"""Starts the sandbox as a process of its own, for tests and the demo, and ends it."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_READY = re.compile(r"ready: api (?P<api>(http://[^/ ]+)/\S*) control (?P<control>\S+)/")
_ROOT = Path(__file__).resolve().parents[2]


class DidNotStart(RuntimeError):
    """The sandbox ended or stayed silent; the message has what it said."""


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox that runs. Use it as a context manager, or call ``stop``.

    ``url`` is the listener's root (the token endpoint hangs there), ``api_url`` the API's root
    without a slash at its end, ``control_url`` the control listener's root.
    """

    url: str
    api_url: str
    control_url: str
    process: subprocess.Popen[str]

    def stop(self) -> None:
        """Ask it to end and wait; kill it after some seconds."""
        _end(self.process)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()


def start_business_central(data: Path, *, wait: float = 60, **options: object) -> Running:
    """Start the sandbox with its state in ``data`` on free ports and wait until it answers.

    Options are those of the command line: ``webhook_delay=1`` is ``--webhook-delay 1``; ``port``
    and ``control_port`` may be given too. ``wait`` is in seconds; bulk ``invoices`` get more.
    Raises ``DidNotStart``.
    """
    words = {"port": 0, "control_port": 0, **options}
    command = [sys.executable, "-m", "sandbox.business_central", "--data", str(data)]
    for name, value in words.items():
        command.append(f"--{name.replace('_', '-')}")
        if value is not True:
            command.append(str(value))
    data.mkdir(parents=True, exist_ok=True)
    log = data / "sandbox.log"
    with log.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(  # noqa: S603 our own module
            command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    line = _first_line(process, wait + int(str(options.get("invoices", 0))) / 1000)
    match = _READY.search(line)
    if match is None:
        _end(process)
        raise DidNotStart(f"{line}\n{log.read_text(encoding='utf-8')[-2000:]}")
    return Running(match[2], match["api"].rstrip("/"), match["control"], process)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(timeout=8)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _first_line(process: subprocess.Popen[str], wait: float) -> str:
    found: list[str] = []

    def read(stream: IO[str]) -> None:
        found.append(stream.readline())

    assert process.stdout is not None
    reader = threading.Thread(target=read, args=(process.stdout,), daemon=True)
    reader.start()
    reader.join(wait)
    return found[0] if found else f"no answer within {wait:g} s"
