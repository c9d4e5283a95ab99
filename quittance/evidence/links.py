"""Reads the links of a chain with their events, a few thousand at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.db import connection

from quittance.audit.chain import FIELDS
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import current_organization_id

_AT_ONCE: Final = 2000
_OF_THE_LINK: Final = {"place", "chained_at", "form"}
_FIELDS: Final = ", ".join(
    f"{'l' if name in _OF_THE_LINK else 'e'}.{name}{'::text' if name == 'facts' else ''}"
    for name in FIELDS
)
_LINKS: Final = f"""
    SELECT l.place, l.hash, e.id IS NULL, {_FIELDS}
    FROM audit_chainlink l
    LEFT JOIN audit_auditevent e ON e.organization_id = l.organization_id AND e.id = l.id
    WHERE l.organization_id = %s AND l.place > %s ORDER BY l.place LIMIT %s
"""  # noqa: S608 - our own names


def links(behind: int = 0) -> Iterator[tuple[Any, ...]]:
    """Yield place, hash, whether the event is gone, and its ``FIELDS``; those ``behind`` a place.

    In the order of their places, in transactions of its own.
    """
    yield from pages(_LINKS, behind)


def pages(statement: str, first: int | UUID) -> Iterator[tuple[Any, ...]]:
    """Yield all rows, each page in a short transaction of its own; the first column goes on.

    ``statement`` takes the organization, what the first column must be greater than, and how many.
    """
    last: Any = first
    while True:
        with reading(), connection.cursor() as cursor:
            cursor.execute(statement, [current_organization_id(), last, _AT_ONCE])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1][0]
