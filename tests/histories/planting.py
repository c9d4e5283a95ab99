"""``python -m tests.histories.planting``: plants one bug after the other; each must be caught."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Mapping
from itertools import takewhile
from typing import Any, Final

from tests.histories.pool import Play, Pool, Shown
from tests.histories.stand import standing

MOST: Final = 5000  # histories; with so many a bug counts as not caught
_FIRST_SEED: Final = 1
_REFUNDS: Final = "money back, clerk refunds, deed ok"
_REFUND_UNHEARD: Final = {"aim": ("gateway.refund", "answer lost"), "often": _REFUNDS}
# What a bug needs to be seen is there in every other history: one fault at one boundary, or more of
# what happens seldom.
NEEDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "no horizon no claim": {
        "aim": ("erp.post", "later"),
        "often": "empty line deleted, deed ok",
    },
    "forged webhook taken": {"often": "hook forged, deed ok"},
    "no ledger entry": {"often": "deed ok"},
    "never shown": {"often": "deed ok"},
    "tidied too early": {"aim": ("erp.post", "later")},
    "unknown taken for refused": {"aim": ("erp.post", "answer lost")},
    "refund resent for ever": {
        **_REFUND_UNHEARD,
        "often": f"{_REFUNDS}, outage, outage by an answer",
    },
    "new refund key": _REFUND_UNHEARD,
    "refund failed on timeout": _REFUND_UNHEARD,
    "outside refunds ignored": {"often": "money back"},
    "refund not in the ledger": {"often": _REFUNDS},
    "refund not told to the erp": {"often": _REFUNDS},
    "won dispute ignored": {"often": "money back"},
    "fee not given back": {"often": f"{_REFUNDS}, fee"},
    "fee rounded down": {"often": "fee, deed ok"},
    "two decimals for every currency": {"often": "other currency, deed ok"},
    "credit not told to the erp": {"often": "customer ledger, deed ok"},
    "all booked for who pays": {"often": "two accounts, deed ok"},
    "not put on account": {"often": "part cheque, bank debit, deed slow ok"},
    "word said to another amount": {"often": "held, deed other amount"},
    "word said for what was given up": {
        "aim": ("gateway.cancel", "lost before"),
        "often": "held, deed cancel",
    },
}


def main() -> int:
    """Plant all, print after how many histories each was caught; 0 when all were."""
    parser = argparse.ArgumentParser(prog="python -m tests.histories.planting")
    parser.add_argument("--only", default="", help="only bugs whose name has one of: this,or this")
    parser.add_argument("--most", type=int, default=MOST)
    parser.add_argument("--processes", type=int, default=3)
    asked = parser.parse_args()
    with standing():
        from tests.histories.mutants import MUTANTS

        words = asked.only.split(",")
        names = [name for name in MUTANTS if any(word in name for word in words)]
        return _plant(names, asked.most, asked.processes)


def _plant(names: list[str], most: int, processes: int) -> int:
    pool = Pool(processes)
    afters: list[int] = []
    missed: list[str] = []
    for name in names:
        shown = _caught(pool, name, most)
        if shown is None:
            missed.append(name)
            print(f"{name:40} NOT in {most}", flush=True)  # noqa: T201
            continue
        afters.append(shown.play.seed - _FIRST_SEED + 1)
        by = "; ".join(shown.wrongs)[:90]
        print(f"{name:40} after {afters[-1]:>5}  {by}", flush=True)  # noqa: T201
    pool.close()
    print(  # noqa: T201
        f"{len(afters)} of {len(names)} planted bugs were caught; the median after"
        f" {statistics.median(afters or [0]):g} histories, the last after {max(afters, default=0)}."
    )
    for name in missed:
        print(f"NOT CAUGHT: {name}")  # noqa: T201
    return 1 if missed else 0


def _caught(pool: Pool, name: str, most: int) -> Shown | None:
    """Return the first history that goes wrong with this bug, of at most ``most``."""
    first: Shown | None = None
    seeds = takewhile(lambda _: first is None, range(_FIRST_SEED, _FIRST_SEED + most))
    needs = NEEDS.get(name, {})
    plays = (Play(seed, bug=name, **(needs if seed % 2 else {})) for seed in seeds)
    for shown in pool.play(plays):
        if shown.wrongs and (first is None or shown.play.seed < first.play.seed):
            first = shown
    return first


if __name__ == "__main__":
    sys.exit(main())
