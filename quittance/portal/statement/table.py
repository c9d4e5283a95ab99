"""A statement as a table for other programs, which no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Final, NamedTuple

import xlsxwriter  # type: ignore[import-untyped]

from quittance.core.currency import minor_unit_digits
from quittance.core.money import Money
from quittance.portal.statement.context import KINDS
from quittance.receivables.statement import Statement

_HEADS: Final = ("date", "kind", "document", "currency", "amount", "balance")
# A cell that begins so may be run as a formula. Source: OWASP, CSV injection.
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Row(NamedTuple):
    day: str  # ISO 8601, or ""
    kind: str
    document: str
    amount: Money | None
    balance: Money | None


def csv_of(statement: Statement) -> bytes:
    """Return the rows of the statement as CSV in UTF-8 (RFC 4180), the opening balance first.

    Amounts are decimals with a point; above zero is owed. Text that a spreadsheet would run is
    preceded by an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_HEADS)
    for row in _rows(statement):
        currency = statement.currency if row.balance else ""
        amounts = [each.decimal if each else "" for each in (row.amount, row.balance)]
        writer.writerow([row.day, row.kind, harmless(row.document), currency, *amounts])
    return out.getvalue().encode()


def xlsx_of(statement: Statement) -> bytes:
    """Return the same rows as an Excel workbook; the same statement makes the same bytes.

    Text is written as text and amounts as numbers, of which Excel keeps 15 figures.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    until = datetime.combine(statement.until, time(), UTC)
    book.set_properties({"title": statement.account_name, "created": until.replace(tzinfo=None)})
    digits = minor_unit_digits(statement.currency)
    money = book.add_format({"num_format": f"#,##0.{'0' * digits}" if digits else "#,##0"})
    sheet = book.add_worksheet("Statement")
    sheet.set_column(0, 5, 18)
    for column, head in enumerate(_HEADS):
        sheet.write_string(0, column, head)
    for place, row in enumerate(_rows(statement), start=1):
        currency = statement.currency if row.balance else ""
        for column, text in enumerate((row.day, row.kind, row.document, currency)):
            sheet.write_string(place, column, text)
        for column, amount in enumerate((row.amount, row.balance), start=4):
            if amount:
                sheet.write_number(place, column, float(amount.decimal), money)
    book.close()
    return out.getvalue()


def _rows(statement: Statement) -> Iterator[_Row]:
    since = str(statement.since or "")
    yield _Row(since, "opening balance", "", None, statement.opening)
    for each in statement.lines:
        yield _Row(str(each.day), KINDS[each.kind], each.number, each.amount, each.balance)
    yield _Row(str(statement.until), "closing balance", "", None, statement.closing)
    yield _Row("", "fingerprint", statement.fingerprint, None, None)


def harmless(text: str) -> str:
    """Return ``text`` so that a spreadsheet shows it and never runs it."""
    return f"'{text}" if text.startswith(_RISKY) else text
