"""The list beside an exception: sorted, narrowed, one line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from quittance.backoffice.exceptions.words import look_of, whose
from quittance.core import clock
from quittance.core.currency import minor_unit_digits
from quittance.reconciliation.exceptions import TITLES, ExceptionRow, Kind, waiting
from quittance.ui.days import age

SHOWN: Final = 100  # more at once is one cause: it is mended before the list is read to its end
LARGEST, OLDEST = "largest", "oldest"
_FEW: Final = 4  # kinds that are shown without being asked for
_NOT_OURS: Final = frozenset({Kind.ANSWER_PUZZLING, Kind.SURPLUS, Kind.UNKNOWN_MONEY})
_FINEST: Final = 4  # decimals: no currency has more


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits, as the clerk asked for it."""

    rows: Sequence[ExceptionRow]
    kinds: Mapping[Kind, int]  # of all that wait, how many
    sort: str
    kind: Kind | None


def queue_of(query: Mapping[str, Any]) -> Queue:
    """Read what waits, in a transaction of the caller: the largest first unless the oldest is."""
    rows = waiting()
    kinds = Counter(row.kind for row in rows)
    kind = next((each for each in kinds if each == query.get("kind")), None)
    sort = OLDEST if query.get("sort") == OLDEST else LARGEST
    wanted = [row for row in rows if kind is None or row.kind == kind]
    if sort == LARGEST:
        wanted.sort(key=_size, reverse=True)  # keeps the older first where they are alike
    wanted.sort(key=_rank)
    return Queue(rows=wanted, kinds=kinds, sort=sort, kind=kind)


def list_context(queue: Queue, chosen: ExceptionRow | None) -> dict[str, Any]:
    """Return what the template of the list needs."""
    kept = {
        "sort": queue.sort if queue.sort == OLDEST else "",
        "kind": str(queue.kind or ""),
    }
    rows = queue.rows[:SHOWN]
    return {
        "lines": [_line(row, kept, chosen) for row in rows],
        "shown": len(rows),
        "total": len(queue.rows),
        "sorts": [
            {"text": text, "address": _listed(kept | {"sort": value}), "current": current}
            for text, value, current in (
                (_("Largest"), "", queue.sort == LARGEST),
                (_("Oldest"), OLDEST, queue.sort == OLDEST),
            )
        ],
        "kinds": _kinds(queue, kept),
        "kinds_open": queue.kind is not None or len(queue.kinds) <= _FEW,
        "back": _listed(kept),
        "codes": len({row.amount.currency for row in queue.rows if row.amount}) > 1,
    }


def address_of(row: ExceptionRow, kept: Mapping[str, str] | None = None) -> str:
    """Return where the row stands with its evidence and its acts."""
    table, _colon, row_id = row.key.partition(":")
    path = reverse("backoffice:exception", kwargs={"table": table, "row_id": row_id})
    return _with(path, kept or {})


def _kinds(queue: Queue, kept: dict[str, str]) -> list[dict[str, Any]]:
    """One chip a kind, where there is more than one to choose from."""
    if len(queue.kinds) < 2:
        return []
    return [
        {
            "text": _(TITLES[kind]),
            "count": count,
            "icon": look_of(kind).icon,
            "on": kind == queue.kind,
            "address": _listed(kept | {"kind": "" if kind == queue.kind else kind}),
        }
        for kind, count in sorted(queue.kinds.items())
    ]


def _line(
    row: ExceptionRow, kept: Mapping[str, str], chosen: ExceptionRow | None
) -> dict[str, Any]:
    look = look_of(row.kind)
    return {
        "address": address_of(row, kept),
        "current": chosen is not None and row.key == chosen.key,
        "who": whose(row),
        "word": row.title,
        "icon": look.icon,
        "tone": look.tone,
        "amount": row.amount,
        "age": age(row.since, clock.now()),
        "owner": row.owner,
    }


def _rank(row: ExceptionRow) -> int:
    """What holds up all postings comes first in any order, then money that is not ours."""
    if row.kind == Kind.POSTINGS_STOPPED:
        return 0
    return 1 if row.kind in _NOT_OURS else 2


def _size(row: ExceptionRow) -> int:
    """How large a row is beside rows of other currencies: by the figure, whatever it is worth."""
    if row.amount is None:
        return -1
    digits = minor_unit_digits(row.amount.currency)
    return int(abs(row.amount.minor) * 10 ** (_FINEST - digits))


def _listed(kept: Mapping[str, str]) -> str:
    return _with(reverse("backoffice:exceptions"), kept)


def _with(path: str, query: Mapping[str, str]) -> str:
    said = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(said)}" if said else path
