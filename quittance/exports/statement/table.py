"""A statement as a table for other programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Final

from quittance.exports.statement.words import KINDS
from quittance.receivables.statement import Statement
from quittance.ui.tables import Cell, csv_file, xlsx_file

_HEADS: Final = ("date", "kind", "document", "currency", "amount", "balance")


def csv_of(statement: Statement) -> IO[bytes]:
    """Return the rows of the statement as CSV, the opening balance first.

    Above zero is owed. See ``csv_file``.
    """
    return csv_file(_HEADS, _rows(statement))


def xlsx_of(statement: Statement) -> IO[bytes]:
    """Return the same rows as an Excel workbook; the same statement makes the same bytes."""
    return xlsx_file(
        _HEADS, _rows(statement), title=statement.account_name, sheet="Statement",
        day=statement.until,
    )  # fmt: skip


def _rows(statement: Statement) -> Iterator[Sequence[Cell]]:
    currency = statement.currency
    yield statement.since, "opening balance", "", currency, None, statement.opening
    for each in statement.lines:
        kind = KINDS[each.kind]
        yield each.day, kind, each.number, currency, each.amount, each.balance
    yield statement.until, "closing balance", "", currency, None, statement.closing
    yield None, "fingerprint", statement.fingerprint, None, None, None
