"""How large and how long a run is: from variables, so that ``make bench QUICK=1`` is enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_TRUE = {"1", "true", "yes", "on"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The sizes of a run. The defaults are the ones that the goals are set for."""

    invoices: int = 1_000_000  # in the table that the list is read from
    buyer_open: int = 2_000
    buyer_closed: int = 3_000
    rounds: int = 7  # of ours and the limit in turn; the median counts
    requests: int = 150  # a round
    page: int = 20_000  # invoices brought into the mirror at once
    page_rounds: int = 5
    roads: int = 20
    slow_roads: int = 8


QUICK = Sizes(
    invoices=20_000, rounds=3, requests=60, page=5_000, page_rounds=3, roads=5, slow_roads=2
)  # fmt: skip


def sizes_of(variables: Mapping[str, str]) -> Sizes:
    """Read ``QUICK=1`` and ``INVOICES=n``. Raises ``ValueError`` with a sentence."""
    chosen = QUICK if variables.get("QUICK", "").lower() in _TRUE else Sizes()
    asked = variables.get("INVOICES", "")
    if not asked:
        return chosen
    least = chosen.buyer_open + chosen.buyer_closed
    digits = asked.replace("_", "")
    if not (digits.isascii() and digits.isdigit()) or int(digits) < least:
        raise ValueError(f"INVOICES is {asked!r}; write a whole number from {least} on.")
    return _with_invoices(chosen, int(digits))


def _with_invoices(sizes: Sizes, invoices: int) -> Sizes:
    from dataclasses import replace

    return replace(sizes, invoices=invoices)
