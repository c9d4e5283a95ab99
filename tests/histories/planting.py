"""``python -m tests.histories.planting``: plants one bug after the other; each must be caught."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from tests.histories.stand import collect_seldom, set_up, standing

MOST: Final = 5000  # histories; with so many a bug counts as not caught
_FIRST_SEED: Final = 1
_ROOT: Final = Path(__file__).parents[2]


def main() -> int:
    """Plant all (in two processes), print after how many histories each was caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.histories.planting")
    parser.add_argument("--only", default="", help="only bugs whose name has this word")
    parser.add_argument("--most", type=int, default=MOST)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--child", nargs="*")
    asked = parser.parse_args()
    if asked.child is not None:
        _child(asked.child, asked.most)
        return 0
    with standing():
        return _parent(asked.only, asked.most, asked.processes)


def _parent(only: str, most: int, processes: int) -> int:
    from tests.histories.mutants import MUTANTS

    names = [name for name in MUTANTS if only in name]
    shares = [names[number::processes] for number in range(processes)]
    command = [sys.executable, "-m", "tests.histories.planting", "--most", str(most), "--child"]
    children = [
        subprocess.Popen([*command, *share], stdout=subprocess.PIPE, text=True, cwd=_ROOT)
        for share in shares
        if share
    ]
    caught: list[int] = []
    missed: list[str] = []
    for child in children:
        assert child.stdout is not None
        for line in child.stdout:
            said = json.loads(line)
            if said["after"]:
                caught.append(said["after"])
            else:
                missed.append(said["name"])
            after = f"after {said['after']}" if said["after"] else f"NOT in {most}"
            print(f"{said['name']:40} {after:>12}  {said['by'][:90]}", flush=True)  # noqa: T201
        if child.wait() != 0:
            missed.append(f"a process that ended with {child.returncode}")
    middle = statistics.median(caught) if caught else 0
    print(  # noqa: T201
        f"{len(caught)} of {len(names)} planted bugs were caught; the median after {middle:g}"
        f" histories, the last after {max(caught, default=0)}."
    )
    for name in missed:
        print(f"NOT CAUGHT: {name}")  # noqa: T201
    return 1 if missed else 0


def _child(names: list[str], most: int) -> None:
    set_up()
    from tests.histories import ports
    from tests.histories.history import Theatre
    from tests.histories.mutants import planted

    theatre = Theatre(os.environ["HISTORIES_ADMIN_URL"])
    collect_seldom()
    with ports.installed():
        for name in names:
            began = time.monotonic()
            said = {"name": name, "after": 0, "by": ""}
            with planted(name):
                for number in range(most):
                    wrongs = theatre.play(_FIRST_SEED + number).wrongs
                    if wrongs:
                        said |= {"after": number + 1, "by": "; ".join(wrongs)}
                        break
            said["seconds"] = round(time.monotonic() - began, 1)
            print(json.dumps(said), flush=True)  # noqa: T201
    theatre.close()


if __name__ == "__main__":
    sys.exit(main())
