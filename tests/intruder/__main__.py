"""``python -m tests.intruder``: tries every address as everybody, and says what it found.

The walk asks the application in this process, as the web server would: what is sent and what
comes back are the same bytes, and a planted hole (``--holes``) is put in from here. The web server
of production is asked by HTTP in a part of its own (wire.py). The settings are those of a
deployment: HTTPS, one trusted proxy.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.intruder.stand import standing

if TYPE_CHECKING:
    from tests.intruder.pairs import Verdict
    from tests.intruder.world import World

REPORT: Final = Path(__file__).parents[2] / "var" / "intruder.json"
GUESSES: Final = REPORT.with_name("guesses.json")
LEAST: Final = 20_000  # requests of a whole run


def main() -> int:
    """Run, print, write the report; 0 when nothing was found and everything reached."""
    parser = argparse.ArgumentParser(prog="python -m tests.intruder")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--holes", action="store_true", help="plant holes; each must be found")
    parser.add_argument("--only", default="", help="with --holes: whose name has one of: this,that")
    parser.add_argument("--guesses", action="store_true", help="guess by the thousand, time pairs")
    parser.add_argument("--count", type=int, default=10_000, help="with --guesses: of each kind")
    parser.add_argument("--pairs", type=int, default=1_000, help="with --guesses: 0 for none")
    asked = parser.parse_args()
    with standing() as folder:
        if asked.guesses:
            return _guesses(asked)
        return _holes(asked.seed, asked.only.split(",")) if asked.holes else _whole(asked, folder)


def _whole(asked: argparse.Namespace, folder: Path) -> int:
    from tests.intruder.run import run

    done = run(asked.seed, folder=folder)
    report = {"seed": asked.seed, **done.report()}
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=1) + "\n")
    for line in report["findings"]:
        print(f"FOUND: {line}")  # noqa: T201
    for name in (*done.unreached, *done.crawl.unknown.values()):
        print(f"NOT REACHED: {name}")  # noqa: T201
    parts = ", ".join(f"{name} {n}" for name, n in done.by.items())
    few = report["requests"] < LEAST
    print(  # noqa: T201
        f"{report['requests']} requests ({parts}) at {report['addresses']} addresses by"
        f" {len(report['people'])} people in {done.cpu_seconds:.0f} s of this process;"
        f" {len(report['findings'])} findings.{' TOO FEW.' if few else ''} {REPORT.name} has more."
    )
    return 0 if done.is_well and not few else 1


def _guesses(asked: argparse.Namespace) -> int:
    from tests.intruder import guesses, pairs
    from tests.intruder.world import World

    world = World()
    world.fill()
    wrong: list[str] = []
    series = guesses.guess(world, asked.count) if asked.count else []
    for each in series:
        wrong += each.wrong()
        print(  # noqa: T201
            f"{each.name:32} {each.sent} guesses: {each.looked_at} looked at (at most"
            f" {each.allowed}), {each.let_in} let in, {each.seconds:.0f} s", flush=True,
        )  # fmt: skip
    verdicts = list(_timed(world, asked)) if asked.pairs else []
    wrong += [
        f"{each.name}: {each.known:.2f} ms and {each.unknown:.2f} ms" for each in verdicts
        if each.is_told_apart
    ]  # fmt: skip
    report = {"seed": asked.seed, "guesses": guesses.report(series),
              "pairs": pairs.report(verdicts), "wrong": wrong}  # fmt: skip
    REPORT.parent.mkdir(exist_ok=True)
    GUESSES.write_text(json.dumps(report, indent=1) + "\n")
    for line in wrong:
        print(f"FOUND: {line}")  # noqa: T201
    print(f"{len(wrong)} findings. {GUESSES.name} has more.")  # noqa: T201
    return 1 if wrong else 0


def _timed(world: World, asked: argparse.Namespace) -> Iterator[Verdict]:
    """Time each pair; what seems to differ is timed anew, and must differ twice."""
    from tests.intruder import pairs

    with pairs.real_hashes(world):
        for each in pairs.pairs_of(world):
            said = pairs.timed(each, asked.pairs, asked.seed)
            if said.is_told_apart:
                said = pairs.timed(each, asked.pairs, asked.seed + 1)
            print(  # noqa: T201
                f"{said.name:32} {said.pairs} pairs: {said.known:.2f} and {said.unknown:.2f} ms,"
                f" p = {said.p:.3f}; would see {said.would_see:.2f} ms", flush=True,
            )  # fmt: skip
            yield said


def _holes(seed: int, words: list[str]) -> int:
    from tests.intruder.holes import HOLES, look_for, planted

    names = [name for name in HOLES if any(word in name for word in words)]
    missed = []
    for name in names:
        without = look_for(name, seed)  # what is found anyway is not found because of the hole
        with planted(name):
            found = look_for(name, seed)
        seen = not without and bool(found)
        print(f"{name:32} {found[0][:90] if seen else 'NOT FOUND'}", flush=True)  # noqa: T201
        missed += [] if seen else [name]
    print(f"{len(names) - len(missed)} of {len(names)} planted holes were found.")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
