"""What processes cost: processor time, memory, and what everybody else took meanwhile."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_BUSY = slice(0, 3)  # user, nice, system of /proc/stat; see proc(5)


def family(pid: int) -> set[int]:
    """The process and everything it started, and they, that is still alive."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(_fields(entry)[1])
            children.setdefault(parent, []).append(int(entry.parent.name))
    found, waiting = set(), [pid]
    while waiting:
        one = waiting.pop()
        found.add(one)
        waiting += children.get(one, [])
    return found


class Taken(NamedTuple):
    """Processor seconds of one process, by two clocks of the kernel."""

    coarse: float  # in whole ticks of usually 10 ms; threads that ended are in it
    fine: float  # in nanoseconds; only of threads that are alive


_NOTHING = Taken(0.0, 0.0)


def processor_seconds(pids: Iterable[int]) -> dict[int, Taken]:
    """User and system time of each process that is alive, all its threads together."""
    taken = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = _fields(Path(f"/proc/{pid}/stat"))
            taken[pid] = Taken((int(fields[11]) + int(fields[12])) / _TICKS, _fine(pid))
    return taken


def spent(before: dict[int, Taken], after: dict[int, Taken]) -> float:
    """Seconds between two readings; who is new began at zero. Raises if somebody ended."""
    gone = before.keys() - after.keys()
    if gone:
        raise RuntimeError(f"Processes ended while they were measured: {sorted(gone)}")
    return sum(_between(before.get(pid, _NOTHING), now) for pid, now in after.items())


def _between(before: Taken, after: Taken) -> float:
    """By the fine clock, unless a thread ended meanwhile and took its time with it."""
    coarse, fine = after.coarse - before.coarse, after.fine - before.fine
    return fine if abs(coarse - fine) < 2.5 / _TICKS else coarse


def _fine(pid: int) -> float:
    """Time on a processor of the threads. Source: the kernel's sched-stats.rst."""
    whole = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError, IndexError):
            whole += int((thread / "schedstat").read_text().split()[0])
    return whole / 1_000_000_000


def whole_seconds(pid: int) -> float:
    """Processor time of the process and everything it started, what has ended included."""
    whole = 0.0
    for one in family(pid):
        with contextlib.suppress(OSError):
            whole += sum(map(int, _fields(Path(f"/proc/{one}/stat"))[11:15])) / _TICKS
    return whole


def machine_seconds() -> float:
    """Busy time of the whole machine, all processors together."""
    words = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    return sum(int(word) for word in words[_BUSY]) / _TICKS


def memory_bytes(pids: Iterable[int]) -> int:
    """Memory of these processes; what several share counts once (PSS)."""
    whole = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                whole += int(line.split()[1]) * 1024
    return whole


def _fields(stat: Path) -> list[str]:
    """The fields from the state on: the name before them may hold blanks and parentheses."""
    return stat.read_text().rpartition(")")[2].split()
