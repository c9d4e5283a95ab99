"""A table for other programs, as CSV or as an Excel workbook, written row by row to a file on disk.

Memory stays the same for any number of rows. No spreadsheet takes a cell of it for a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import IO, Any, Final

import xlsxwriter  # type: ignore[import-untyped]

from quittance.core.currency import minor_unit_digits
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.ui.files import on_disk

Cell = str | int | date | Money | None
# A cell that begins so may be run as a formula. Source: OWASP, CSV injection.
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SHEET_ROWS: Final = 1_048_576  # Source: Excel specifications and limits
_CELL: Final = 32_767  # characters; likewise
_FIRST_YEAR: Final = 1900  # Excel knows no day before
_WIDTH: Final = 18


class TooManyRows(RuleBroken):
    """An Excel sheet has 1,048,576 rows at most. Take the CSV file, or narrow the list."""


def csv_file(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> IO[bytes]:
    """Return an open file with the rows as CSV in UTF-8 (RFC 4180), to be read from its start.

    Days are ISO 8601, amounts decimals with a point and without a currency: give that a column of
    its own. Text that a spreadsheet would run is preceded by an apostrophe.
    """
    with on_disk() as file:
        out = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        try:
            writer = csv.writer(out, lineterminator="\r\n")
            writer.writerow([harmless(head) for head in heads])
            writer.writerows([_text(cell) for cell in row] for row in rows)
        finally:
            out.detach()
    return file


def xlsx_file(
    heads: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    title: str,
    sheet: str,
    day: date,
    most_rows: int = _SHEET_ROWS,
) -> IO[bytes]:
    """Return an open file with the same rows as an Excel workbook, to be read from its start.

    Text is written as text, days as days and amounts as numbers, of which Excel keeps 15 figures.
    The same rows make the same bytes: ``day`` is when the workbook says that it was made. Raises
    ``TooManyRows``.
    """
    with on_disk() as file:
        _write_book(file, heads, rows, title=title, sheet=sheet, day=day, most_rows=most_rows)
    return file


def harmless(text: str) -> str:
    """Return ``text`` so that a spreadsheet shows it and never runs it."""
    return f"'{text}" if text.startswith(_RISKY) else text


def _text(cell: Cell) -> str:
    if isinstance(cell, Money):
        return str(cell.decimal)
    return harmless(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


def _write_book(
    file: IO[bytes],
    heads: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    title: str,
    sheet: str,
    day: date,
    most_rows: int,
) -> None:
    plain = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, plain) as book:
        book.set_properties({"title": title, "created": datetime.combine(day, time())})
        page = book.add_worksheet(sheet)
        page.set_column(0, len(heads) - 1, _WIDTH)
        page.freeze_panes(1, 0)
        formats = _Formats(book)
        for column, head in enumerate(heads):
            page.write_string(0, column, head)
        for place, row in enumerate(rows, start=1):
            if place >= most_rows:
                raise TooManyRows
            for column, cell in enumerate(row):
                formats.write(page, place, column, cell)


class _Formats:
    """Writes a cell as what it is; a book has one format for each number of decimals."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._money: dict[int, Any] = {}
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})

    def write(self, page: Any, row: int, column: int, cell: Cell) -> None:
        if isinstance(cell, Money):
            page.write_number(row, column, float(cell.decimal), self._of(cell.currency))
        elif isinstance(cell, date) and cell.year >= _FIRST_YEAR:
            page.write_datetime(row, column, datetime.combine(cell, time()), self._day)
        elif isinstance(cell, int):
            page.write_number(row, column, cell)
        elif cell:
            page.write_string(row, column, str(cell)[:_CELL])

    def _of(self, currency: str) -> Any:
        digits = minor_unit_digits(currency)
        if digits not in self._money:
            shape = f"#,##0.{'0' * digits}" if digits else "#,##0"
            self._money[digits] = self._book.add_format({"num_format": shape})
        return self._money[digits]
