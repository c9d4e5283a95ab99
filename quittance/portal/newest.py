"""Pages of rows that stand by a day or a moment, the newest first; found by keys, never counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from quittance.portal.invoices.filters import place_of, read_place

WhenT = TypeVar("WhenT", date, datetime)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One page of rows, and the places around it for an address; "" where there is nothing."""

    rows: list[Any]
    newer: str
    older: str


def read_when(place: str, kind: type[WhenT]) -> tuple[WhenT, UUID] | None:
    """Return the day or the moment and the id that ``place_of`` was given; else ``None``."""
    found = read_place(place[:200])
    if found is None:
        return None
    try:
        value, row_id = kind.fromisoformat(found[0]), UUID(found[1])
    except ValueError:
        return None
    if isinstance(value, datetime) and value.tzinfo is None:
        return None
    return value, row_id


def newest_first(
    rows: QuerySet[Any],
    when: str,
    row_id: str,
    kind: type[date] | type[datetime],
    *,
    after: str,
    before: str,
    most: int,
) -> Part:
    """Return the rows behind the place ``after``, or those in front of ``before``.

    ``when`` and ``row_id`` are the fields that the rows stand by. A place that we did not make
    changes nothing.
    """
    place = read_when(before or after, kind)
    backwards = bool(before) and place is not None
    if place:
        than = "gt" if backwards else "lt"
        rows = rows.filter(**{f"{when}__{than}e": place[0]}).filter(
            Q(**{f"{when}__{than}": place[0]}) | Q(**{f"{row_id}__{than}": place[1]})
        )
    sign = "" if backwards else "-"
    found = list(rows.order_by(f"{sign}{when}", f"{sign}{row_id}")[: most + 1])
    more = len(found) > most
    found = found[:most]
    if backwards:
        found.reverse()

    def place_at(some: list[Any]) -> str:
        return place_of(getattr(some[0], when).isoformat(), getattr(some[0], row_id))

    return Part(
        rows=found,
        newer=place_at(found[:1]) if found and (more if backwards else place) else "",
        older=place_at(found[-1:]) if found and (backwards or more) else "",
    )
