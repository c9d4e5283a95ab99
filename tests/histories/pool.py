"""Some processes that play histories: whoever is free takes the next one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

_ROOT = Path(__file__).parents[2]
Cell = tuple[str, str]  # a boundary and a fault


@dataclass(frozen=True)
class Play:
    """One history to play. With an aim, that fault comes when it first can at that boundary."""

    seed: int
    aim: Cell | None = None
    bug: str = ""  # one that is planted meanwhile: see mutants.py
    often: str = ""  # what happens in this history for sure: see ``Swarm.make_sure``


@dataclass(frozen=True)
class Shown:
    """What one history showed: see ``history.Result``."""

    play: Play
    wrongs: dict[str, int]
    met: dict[Cell, int]
    crossed: dict[str, int]
    count: dict[str, int]
    steps: int


class Pool:
    """Processes that live as long as the pool; each plays one history after the other."""

    def __init__(self, processes: int) -> None:
        self._children = [_child() for _ in range(processes)]

    def play(self, plays: Iterable[Play]) -> Iterator[Shown]:
        """Give what each history showed, as they end. Raises ``SystemExit`` if a process ends."""
        left, lock = iter(plays), Lock()
        heard: SimpleQueue[Shown | BaseException | None] = SimpleQueue()

        def work(child: subprocess.Popen[str]) -> None:
            try:
                while True:
                    with lock:
                        play = next(left, None)
                    if play is None:
                        return
                    heard.put(_played(child, play))
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                heard.put(error)
            finally:
                heard.put(None)

        for child in self._children:
            Thread(target=work, args=[child], daemon=True).start()
        working = len(self._children)
        while working:
            said = heard.get()
            if isinstance(said, BaseException):
                raise said
            if said is None:
                working -= 1
            else:
                yield said

    def close(self) -> None:
        """End the processes."""
        for child in self._children:
            assert child.stdin is not None
            child.stdin.close()
            child.wait()


def _child() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.histories.child"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, bufsize=1, cwd=_ROOT,
    )  # fmt: skip


def _played(child: subprocess.Popen[str], play: Play) -> Shown:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(json.dumps([play.seed, play.aim, play.bug, play.often]) + "\n")
    child.stdin.flush()
    line = child.stdout.readline()
    if not line:
        raise SystemExit(f"A process that played histories ended with {child.wait()}.")
    said: dict[str, Any] = json.loads(line)
    met = {(boundary, fault): times for boundary, fault, times in said.pop("met")}
    return Shown(play=play, met=met, **said)


def in_words(cell: Sequence[str]) -> str:
    """Return a cell as people write it: ``gateway.create: answer lost``."""
    return ": ".join(cell)
