"""``python -m tests.histories``: plays histories in three processes and says what they showed.

``--histories 2000`` fresh ones after the pinned seeds; ``--seed 7`` plays one and writes its trace.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.histories import coverage
from tests.histories.stand import standing

SEEDS = Path(__file__).parent / "seeds.txt"
_ROOT = Path(__file__).parents[2]


def main() -> int:
    """Play, print, and return 0 when nothing was wrong and every cell was met."""
    asked = _asked()
    with standing():
        if asked.seed is not None:
            return _replay(asked.seed)
        return _many(asked)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.histories")
    parser.add_argument("--histories", type=int, default=2000)
    parser.add_argument("--base", type=int, default=None, help="the first seed of the fresh ones")
    parser.add_argument("--seed", type=int, default=None)
    # One more than processors: a history's Python waits while PostgreSQL works.
    parser.add_argument("--processes", type=int, default=3)
    return parser.parse_args()


def _replay(seed: int) -> int:
    from tests.histories import ports
    from tests.histories.history import Theatre

    theatre = Theatre(os.environ["HISTORIES_ADMIN_URL"])
    with ports.installed():
        result = theatre.play(seed, readable=True)
    theatre.close()
    print("\n".join(result.trace))  # noqa: T201
    print(f"seed {seed}: {result.steps} steps, trace {result.digest}")  # noqa: T201
    print("WRONG: " + "; ".join(result.wrongs) if result.wrongs else "all is well")  # noqa: T201
    return 1 if result.wrongs else 0


def _many(asked: argparse.Namespace) -> int:
    base = _base() if asked.base is None else asked.base
    seeds = [*pinned(), *range(base, base + asked.histories)]
    began = time.monotonic()
    shares = [seeds[number :: asked.processes] for number in range(asked.processes)]
    children = [_child(share) for share in shares]
    results = [_heard(child) for child in children]
    seconds = time.monotonic() - began
    met: Counter[tuple[str, str]] = Counter()
    crossed: Counter[str] = Counter()
    count: Counter[str] = Counter()
    wrong: dict[str, Any] = {}
    steps = 0
    for result in results:
        met.update({tuple(key.split("|")): n for key, n in result["met"].items()})
        crossed.update(result["crossed"])
        count.update(result["count"])
        wrong.update(result["wrong"])
        steps += result["steps"]
    print(coverage.table(met, crossed))  # noqa: T201
    print(f"Also: {', '.join(f'{name} {n}' for name, n in sorted(count.items()))}")  # noqa: T201
    print(  # noqa: T201
        f"{len(seeds)} histories ({len(pinned())} pinned, fresh from {base}) in {seconds:.0f} s:"
        f" {len(seeds) / seconds:.1f} a second, {steps / len(seeds):.0f} steps each."
    )
    empty = coverage.empty_cells(met) if asked.histories >= coverage.ENOUGH else []
    for name in empty:
        print(f"EMPTY CELL: {name}")  # noqa: T201
    for seed, words in sorted(wrong.items()):
        print(f"WRONG: seed {seed}: {words}")  # noqa: T201
    print("Verdict: " + ("wrong" if wrong or empty else "all is well"))  # noqa: T201
    return 1 if wrong or empty else 0


def _child(seeds: list[int]) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.histories.child"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, cwd=_ROOT,
    )  # fmt: skip
    assert child.stdin is not None
    child.stdin.write(json.dumps(seeds))
    child.stdin.close()
    return child


def _heard(child: subprocess.Popen[str]) -> dict[str, Any]:
    assert child.stdout is not None
    said = child.stdout.read()
    if child.wait() != 0:
        raise SystemExit(f"A process that played histories ended with {child.returncode}.")
    result: dict[str, Any] = json.loads(said)
    return result


def pinned() -> list[int]:
    """The seeds that once showed a bug, and are played first for ever."""
    lines = SEEDS.read_text().splitlines()
    return [int(line.split()[0]) for line in lines if line.strip() and not line.startswith("#")]


def _base() -> int:
    """What is tried gives the first seed: each change is tried with others, and can be repeated."""
    asked = ["git", "rev-parse", "HEAD:quittance", "HEAD:tests/histories"]
    said = subprocess.run(asked, capture_output=True, check=False, cwd=_ROOT).stdout
    return int(hashlib.sha256(said).hexdigest()[:8], 16)


if __name__ == "__main__":
    sys.exit(main())
