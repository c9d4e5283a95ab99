"""``make chaos``: minutes of kills and faults while buyers pay; then the books must agree."""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path

from demo.postgres import NotStarted
from demo.run import Stopped, stop_on_signals
from tests.chaos import house, plan, report
from tests.chaos.programs import NotReady
from tests.chaos.run import Order, run

BEGIN = time.monotonic()


def main() -> int:
    """Run once; 0 if nothing was lost and nothing doubled."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", default="", help="the same seed is the same plan of faults")
    parser.add_argument("--plan", action="store_true", help="print the plan and do nothing")
    parser.add_argument("--keep", action="store_true", help="keep the folder also after a success")
    asked = parser.parse_args()
    seed = asked.seed or secrets.token_hex(4)
    order = Order(seed, asked.minutes * 60, plan=plan.draw(seed, asked.minutes * 60))
    if asked.plan:
        print("\n".join(map(str, order.plan)))
        return 0
    for given in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ.pop(given, None)  # what is killed here is ours alone
    stop_on_signals()
    folder = Path(tempfile.mkdtemp(prefix="quittance-chaos-"))
    folder.chmod(0o711)  # PostgreSQL's user must get through
    _say(f"seed {seed}, {asked.minutes:g} minutes, {len(order.plan)} deeds, in {folder}")
    try:
        outcome = run(order, folder, _say)
    except Stopped:
        _say("stopped")
        house.remove(folder)
        return 130
    except (NotReady, NotStarted) as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 2
    print(report.text(outcome))
    if outcome.wrong or asked.keep:
        print(f"seed {seed}; logs, journal and data stay in {folder}")
    else:
        house.remove(folder)
    return 1 if outcome.wrong else 0


def _say(sentence: str) -> None:
    print(f"{time.monotonic() - BEGIN:6.1f} s  {sentence}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
