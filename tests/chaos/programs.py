"""Programs that are killed, stopped and started again; each leads a process group of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from demo import tied
from demo.children import ROOT, last_words

READY_SECONDS = 90


class NotReady(Exception):
    """A program did not come up; the message has the end of its log."""


@dataclass(slots=True)
class Program:
    """``python -m ARGUMENTS``, again and again; its log goes on from life to life."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    lives: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self) -> None:
        """Start it, unless it runs."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                return
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with self.log.open("ab") as output:
                output.write(f"--- life {self.lives + 1}\n".encode())
                output.flush()
                self._process = subprocess.Popen(
                    tied.command(sys.executable, "-m", *self.arguments),
                    stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=ROOT,
                    env={**self.environment, "PYTHONUNBUFFERED": "1"}, process_group=0,
                )  # fmt: skip
            self.lives += 1

    def run(self, seconds: float = 1800) -> None:
        """Run it to its end. Raises ``NotReady`` if it fails."""
        self.start()
        assert self._process is not None
        if self._process.wait(seconds):
            raise NotReady(f"{self.name} failed. {last_words(self.log)}")

    def kill(self) -> None:
        """SIGKILL for it and everything that it started."""
        with self._lock:
            self._signal(signal.SIGKILL)
            if self._process is not None:
                self._process.wait()

    def kill_one_child(self) -> bool:
        """SIGKILL for one of the processes that serve for it; ``False`` if it has none."""
        with self._lock:
            children = self._children()
            if children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(children[0], signal.SIGKILL)
            return bool(children)

    def pause(self) -> int:
        """SIGSTOP for all of it; returns which life was stopped."""
        with self._lock:
            self._signal(signal.SIGSTOP)
            return self.lives

    def go_on(self, life: int | None = None) -> None:
        """SIGCONT, if it still is that life."""
        with self._lock:
            if life is None or life == self.lives:
                self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it, whatever it does."""
        self.go_on()
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                self._process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(25)
            self.kill()

    def wait_until(self, ready: Callable[[], bool], seconds: float = READY_SECONDS) -> None:
        """Wait until ``ready()``. Raises ``NotReady`` if it ends or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise NotReady(f"{self.name} did not come up. {last_words(self.log)}")
            time.sleep(0.05)

    def _signal(self, number: int) -> None:
        # A dead one's number may belong to somebody else by now.
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    def _children(self) -> list[int]:
        """The serving children: not the process that only minds shared memory."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, IndexError):
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                ours = self._process is not None and int(stat[1]) == self._process.pid
                if ours and "resource_tracker" not in (entry / "cmdline").read_text():
                    found.append(int(entry.name))
        return sorted(found)
