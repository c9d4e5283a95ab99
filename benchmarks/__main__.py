"""``python -m benchmarks``: one line of JSON for each figure; what it does meanwhile on stderr."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import FrameType

from benchmarks import fresh, house, mirror, money, pages, road, sync
from benchmarks.figures import Failed, Figure, line
from benchmarks.house import House
from benchmarks.others import Others
from benchmarks.sizes import TINY, Sizes, sizes_of

Measure = Callable[[House, Sizes], Iterator[Figure]]
# In this order: the mirror wants empty tables, the pages want them full.
GROUPS: dict[str, Measure] = {
    "mirror": mirror.measure,
    "sync": sync.measure,
    "money": money.measure,
    "road": road.measure,
    "fresh": fresh.measure,
    "pages": pages.measure,
}


def main() -> int:
    """Measure; 1 if something could not be measured, or with --strict if a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS), metavar="GROUP")
    parser.add_argument("--strict", action="store_true", help="a missed goal is a failure")
    parser.add_argument("--tiny", action="store_true", help="for the test of this program")
    chosen = parser.parse_args()
    try:
        sizes = TINY if chosen.tiny else sizes_of(os.environ)
    except ValueError as error:
        parser.error(str(error))
    signal.signal(signal.SIGTERM, _stop)
    failed = missed = 0
    with house.started() as built:
        for name in [group for group in GROUPS if group in chosen.only]:
            for figure in _measured(name, built, sizes):
                print(line(figure), flush=True)
                failed += isinstance(figure, Failed)
                missed += isinstance(figure, Figure) and figure.met is False
    _say(f"{failed} not measured, {missed} goals missed")
    return 1 if failed or (chosen.strict and missed) else 0


def _measured(name: str, built: House, sizes: Sizes) -> Iterator[Figure | Failed]:
    begin = time.monotonic()
    _say(f"measures {name}")
    others = Others()
    try:
        for figure in GROUPS[name](built, sizes):
            yield replace(figure, facts=figure.facts | others.facts())
    except Exception as error:  # noqa: BLE001 - the other figures are still worth having
        yield Failed(figure=name, error=f"{type(error).__name__}: {error}"[:2000])
    _say(f"{name} took {time.monotonic() - begin:.0f} s")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
