"""``python -m tests.histories``: plays histories in three processes and says what they showed.

``--histories 2000`` fresh ones after the pinned seeds. What chance has left untried then is aimed
at, in histories that come there. ``--seed 7`` plays one again and writes its trace.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.histories import coverage
from tests.histories.pool import Cell, Play, Pool, Shown, in_words
from tests.histories.stand import standing

SEEDS = Path(__file__).parent / "seeds.txt"
_ROOT = Path(__file__).parents[2]
_TRIES: Final = 12  # histories that are aimed at one cell


def main() -> int:
    """Play, print; 0 when nothing was wrong, every cell was met and every commit is listed."""
    asked = _asked()
    with standing():
        if asked.seed is not None:
            return _replay(asked.seed, coverage.cell(asked.aim) if asked.aim else None)
        return _many(asked)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.histories")
    parser.add_argument("--histories", type=int, default=2000)
    parser.add_argument("--base", type=int, default=None, help="the first seed of the fresh ones")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--aim", default="", help='with --seed: "gateway.create: answer lost"')
    # One more than processors: a history's Python waits while PostgreSQL works.
    parser.add_argument("--processes", type=int, default=3)
    return parser.parse_args()


def _replay(seed: int, aim: Cell | None) -> int:
    from tests.histories import ports
    from tests.histories.history import Theatre

    theatre = Theatre(os.environ["HISTORIES_ADMIN_URL"])
    with ports.installed():
        result = theatre.play(seed, aim=aim, readable=True)
    theatre.close()
    print("\n".join(result.trace))  # noqa: T201
    print(f"seed {seed}: {result.steps} steps, trace {result.digest}")  # noqa: T201
    print("WRONG: " + "; ".join(result.wrongs) if result.wrongs else "all is well")  # noqa: T201
    return 1 if result.wrongs else 0


@dataclass
class _Sum:
    """What all histories of a run showed together."""

    plays: int = 0
    steps: int = 0
    met: Counter[Cell] = field(default_factory=Counter)
    crossed: Counter[str] = field(default_factory=Counter)
    count: Counter[str] = field(default_factory=Counter)
    wrong: dict[Play, dict[str, int]] = field(default_factory=dict)
    came_to: dict[str, list[int]] = field(default_factory=dict)  # seeds that cross a boundary

    def add(self, shown: Shown) -> None:
        """Take one more history into account; one that went wrong is said at once."""
        self.plays += 1
        self.steps += shown.steps
        self.met.update(shown.met)
        self.crossed.update(shown.crossed)
        self.count.update(shown.count)
        for boundary in shown.crossed:
            self.came_to.setdefault(boundary, []).append(shown.play.seed)
        if shown.wrongs:
            self.wrong[shown.play] = shown.wrongs
            print(_wrong(shown.play, shown.wrongs), file=sys.stderr, flush=True)  # noqa: T201


def _many(asked: argparse.Namespace) -> int:
    base = _base() if asked.base is None else asked.base
    seeds = [*pinned(), *range(base, base + asked.histories)]
    began = time.monotonic()
    found, pool = _Sum(), Pool(asked.processes)
    for shown in pool.play(map(Play, seeds)):
        found.add(shown)
    played, seconds = found.plays, time.monotonic() - began
    aimed = _aim(pool, found) if asked.histories >= coverage.ENOUGH else []
    pool.close()
    print(coverage.table(found.met, found.crossed))  # noqa: T201
    print(f"Also: {', '.join(f'{name} {n}' for name, n in sorted(found.count.items()))}")  # noqa: T201
    print(  # noqa: T201
        f"{played} histories ({len(pinned())} pinned, fresh from {base}) in {seconds:.0f} s:"
        f" {played / seconds:.1f} a second, {found.steps / found.plays:.0f} steps each."
    )
    empty = coverage.empty_cells(found.met) if aimed or asked.histories >= coverage.ENOUGH else []
    for cell in aimed:
        if cell not in empty:
            print(f"Met by aim, not by chance: {in_words(cell)}")  # noqa: T201
    for cell in empty:
        print(f"EMPTY CELL: {in_words(cell)}")  # noqa: T201
    unlisted = coverage.unlisted(found.crossed)
    for boundary in unlisted:
        print(f"UNLISTED: {boundary} commits on the road of money: see coverage.py")  # noqa: T201
    for play, words in sorted(found.wrong.items(), key=lambda each: each[0].seed):
        print(_wrong(play, words))  # noqa: T201
    is_wrong = bool(found.wrong or empty or unlisted)
    print("Verdict: " + ("wrong" if is_wrong else "all is well"))  # noqa: T201
    return int(is_wrong)


def _aim(pool: Pool, found: _Sum) -> list[Cell]:
    """Play histories that come to a boundary once more, each with a fault that none has met there.

    Up to its aim a history is the one that was played before, so it comes there.
    """
    empty = coverage.empty_cells(found.met)
    for number in range(_TRIES):
        seeds = {cell: found.came_to.get(cell[0], [])[number : number + 1] for cell in empty}
        plays = [Play(seed, cell) for cell in empty if not found.met[cell] for seed in seeds[cell]]
        for shown in pool.play(plays):
            found.add(shown)
    return empty


def _wrong(play: Play, words: dict[str, int]) -> str:
    aim = f' AIM="{in_words(play.aim)}"' if play.aim else ""
    return f"WRONG: SEED={play.seed}{aim}: {words}"


def pinned() -> list[int]:
    """The seeds that went wrong and are being mended: they are played first."""
    lines = SEEDS.read_text().splitlines()
    return [int(line.split()[0]) for line in lines if line.strip() and not line.startswith("#")]


def _base() -> int:
    """What is tried gives the first seed: each change is tried with others, and can be repeated."""
    asked = ["git", "rev-parse", "HEAD:quittance", "HEAD:tests/histories"]
    said = subprocess.run(asked, capture_output=True, check=False, cwd=_ROOT).stdout
    return int(hashlib.sha256(said).hexdigest()[:8], 16)


if __name__ == "__main__":
    sys.exit(main())
