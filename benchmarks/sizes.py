"""How large and how long a run is: from variables, so that ``make bench QUICK=1`` is enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

_TRUE = {"1", "true", "yes", "on"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The sizes of a run. These end within five minutes; the goals mean 1,000,000 invoices."""

    invoices: int = 200_000  # in the table that the list is read from
    buyer_open: int = 2_000
    buyer_closed: int = 3_000
    rounds: int = 7  # of ours and the limit in turn; the median counts
    requests: int = 120  # a round
    page: int = 20_000  # invoices brought into the mirror at once
    page_rounds: int = 4
    roads: int = 15
    slow_roads: int = 6
    settle_seconds: int = 8  # before the memory is read
    payments: int = 50_000  # whose books are checked; the goal means 200,000
    money_rounds: int = 3
    sync_invoices: int = 200_000  # read for the first time; the goal means 1,000,000; 0: not at all
    hint_changes: int = 20
    clock_changes: int = 20
    prints: int = 500  # in one ZIP


QUICK = Sizes(
    invoices=20_000, rounds=3, requests=40, page=5_000, page_rounds=2, roads=4, slow_roads=2,
    settle_seconds=4, payments=20_000, money_rounds=2,
    sync_invoices=0, hint_changes=8, clock_changes=0, prints=200,
)  # fmt: skip
# Says nothing about speed; shows that everything can be measured.
TINY = Sizes(
    invoices=2_000, buyer_open=120, buyer_closed=60, rounds=1, requests=3, page=200, page_rounds=1,
    roads=1, slow_roads=1, settle_seconds=2, payments=200, money_rounds=1,
    sync_invoices=300, hint_changes=1, clock_changes=0, prints=100,
)  # fmt: skip


def sizes_of(variables: Mapping[str, str]) -> Sizes:
    """Read ``QUICK=1``, ``INVOICES=n``, ``PAYMENTS=n``, ``SYNC=n``.

    Raises ``ValueError`` with a sentence.
    """
    chosen = QUICK if variables.get("QUICK", "").lower() in _TRUE else Sizes()
    least = chosen.buyer_open + chosen.buyer_closed
    return replace(
        chosen,
        invoices=_whole("INVOICES", variables, chosen.invoices, least=least),
        payments=_whole("PAYMENTS", variables, chosen.payments, least=1),
        sync_invoices=_whole("SYNC", variables, chosen.sync_invoices, least=0),
    )


def _whole(name: str, variables: Mapping[str, str], default: int, *, least: int) -> int:
    asked = variables.get(name, "")
    if not asked:
        return default
    digits = asked.replace("_", "").replace(",", "")
    if not (digits.isascii() and digits.isdigit()) or int(digits) < least:
        raise ValueError(f"{name} is {asked!r}; write a whole number from {least} on.")
    return int(digits)
