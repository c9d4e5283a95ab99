"""Asks every view of the catalogue what is not as it must be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db import DatabaseError, connection

from quittance.core import clock
from quittance.core.money import Money
from quittance.reconciliation.catalogue import CATALOGUE, Entry, Sort
from quittance.reconciliation.raising import PREFIX
from quittance.reconciliation.words import sentence_of
from quittance.tenancy.rows import reading

A_DAY: Final = timedelta(hours=24)
NOW: Final = timedelta(0)  # whatever is not in step at this moment
AT_ONCE: Final = 1000  # rows of one view: more than that is one cause
# A view reads whole tables once: room to join them in memory, and no compiling for one run. By an
# index the organization's wall is asked once for a table, else once for each row of it (measured:
# most of what reading the rows cost).
_ROOM: Final = (
    "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL enable_seqscan = off;"
    " SET LOCAL statement_timeout = '60s'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that is not as it must be. ``key`` is its entry's, ``subject`` names what it is."""

    key: str
    subject_kind: str
    subject: str
    payment_id: UUID | None
    customer_account_id: UUID | None
    amount_minor: int | None
    currency: str
    facts: Mapping[str, Any]
    due_at: datetime | None  # since when it should not be so; null: never

    @property
    def entry(self) -> Entry:
        """What it is in general."""
        return CATALOGUE[self.key]

    @property
    def amount(self) -> Money | None:
        """How much is not as it must be, where that can be said."""
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)

    @property
    def sentence(self) -> str:
        """What it is in this case."""
        return sentence_of(
            self.key, self.facts, amount_minor=self.amount_minor, currency=self.currency
        )


class Unchecked(Exception):
    """A view gave no answer: it took too long, or is broken. Nothing is known of what it says."""


def check(*, older_than: timedelta = A_DAY, sorts: Collection[Sort] = tuple(Sort)) -> Sequence[Row]:
    """Ask all views about the organization of the scope, each in a transaction of its own.

    What must not stay may be so for its entry's patience, but never longer than ``older_than``:
    zero asks for everything, as when nothing is under way any more.
    """
    rows: list[Row] = []
    for key, entry in CATALOGUE.items():
        if entry.sort in sorts:
            rows += look(key, older_than=older_than)
    return rows


def look(key: str, *, older_than: timedelta = A_DAY, at_most: int = AT_ONCE) -> list[Row]:
    """Ask one view, in a transaction of its own. Raises ``Unchecked``."""
    entry = CATALOGUE[key]
    patience = min(entry.patience, older_than) if entry.sort is Sort.NOT_FOR_LONG else timedelta()
    try:
        found = _asked(key, clock.now() - patience, at_most)
    except DatabaseError as error:
        raise Unchecked(f"{entry.title}: {error}".strip()) from error
    return [
        Row(
            key=key, subject_kind=kind, subject=subject, payment_id=payment_id,
            customer_account_id=account_id, amount_minor=minor, currency=currency or "",
            facts=msgspec.json.decode(facts), due_at=due_at,
        )
        for kind, subject, payment_id, account_id, minor, currency, facts, due_at in found
    ]  # fmt: skip


def _asked(key: str, due_until: datetime, at_most: int) -> list[tuple[Any, ...]]:
    with reading(), connection.cursor() as cursor:
        cursor.execute(_ROOM)
        cursor.execute(
            "SELECT subject_kind, subject, payment_id, customer_account_id, amount_minor,"  # noqa: S608
            f" currency, facts::text, due_at FROM {PREFIX}{key}"
            " WHERE due_at IS NULL OR due_at <= %s ORDER BY due_at, subject LIMIT %s",
            [due_until, at_most],
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
