"""Whether the machine was ours: a figure taken among others' work says so in its line."""

from __future__ import annotations

import os
import time

from benchmarks.processes import machine_seconds, whole_seconds

_QUIET = 0.1  # of all processors; more than that and a figure is rough


class Others:
    """What all other programs of this machine took of its processors since this was made."""

    def __init__(self) -> None:
        self._at, self._machine, self._ours = _now()

    @property
    def share(self) -> float:
        """From 0 to 1: their part of all the processors' time."""
        at, machine, ours = _now()
        time_there_was = (at - self._at) * (os.cpu_count() or 1)
        theirs = (machine - self._machine) - (ours - self._ours)
        return max(0.0, theirs / time_there_was) if time_there_was else 0.0

    def facts(self) -> dict[str, object]:
        """What a line says of it."""
        share = self.share
        facts: dict[str, object] = {"others_share_of_cpu": round(share, 2)}
        if share > _QUIET:
            facts["rough"] = "the machine was not ours alone; take this figure again"
        return facts


def _now() -> tuple[float, float, float]:
    return time.monotonic(), machine_seconds(), whole_seconds(os.getpid())
