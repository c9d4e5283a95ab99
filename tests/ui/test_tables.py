"""Tables for other programs: numbers are numbers, days are days, and nothing is a formula."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import IO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quittance.core.money import Money
from quittance.ui.tables import Cell, TooManyRows, csv_file, xlsx_file

DAY = date(2026, 3, 1)
HEADS = ("text", "day", "amount")


def content(file: IO[bytes]) -> bytes:
    with file:
        return file.read()


def table(rows: list[tuple[Cell, ...]]) -> str:
    return content(csv_file(HEADS, rows)).decode()


def book(rows: list[tuple[Cell, ...]]) -> bytes:
    return content(xlsx_file(HEADS, rows, title="T", sheet="Rows", day=DAY))


def sheet_of(file: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(file)) as found:
        return found.read("xl/worksheets/sheet1.xml").decode()


def test_numbers_are_numbers_and_days_are_days_of_each_currencys_decimals() -> None:
    rows: list[tuple[Cell, ...]] = [
        ("A", DAY, Money(-12_345, "USD")),
        ("B", date(1, 1, 1), Money(700, "JPY")),
        ("C", None, Money(1, "KWD")),
        ("D", None, 7),
    ]

    written = table(rows)
    sheet = sheet_of(book(rows))

    assert written.splitlines() == [
        "text,day,amount", "A,2026-03-01,-123.45", "B,0001-01-01,700", "C,,0.001", "D,,7"
    ]  # fmt: skip
    assert '<c r="B2" s="1"><v>46082</v></c>' in sheet  # a day: so many since 1899-12-30
    assert "<t>0001-01-01</t>" in sheet  # none that Excel knows
    assert all(f"<v>{value}</v>" in sheet for value in ("-123.45", "700", "0.001", "7"))


RISKY = st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@settings(deadline=None, max_examples=50)
@given(sign=RISKY, rest=TEXT)
def test_no_text_is_run_as_a_formula(sign: str, rest: str) -> None:
    rows: list[tuple[Cell, ...]] = [(sign + rest, None, None)]

    read = list(csv.reader(io.StringIO(table(rows), newline="")))
    sheet = sheet_of(book(rows))

    assert read[1][0] == f"'{sign}{rest}"
    assert "<f>" not in sheet


def test_the_same_rows_make_the_same_workbook() -> None:
    rows: list[tuple[Cell, ...]] = [("A", DAY, Money(1, "USD"))]

    assert book(rows) == book(rows)


def test_a_workbook_with_more_rows_than_excel_takes_is_refused() -> None:
    rows: list[tuple[Cell, ...]] = [("A", None, None)] * 3

    with pytest.raises(TooManyRows):
        xlsx_file(HEADS, rows, title="T", sheet="Rows", day=DAY, most_rows=3)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_memory_does_not_grow_with_the_rows(kind: str) -> None:
    def rows(many: int) -> Iterator[tuple[Cell, ...]]:
        return ((f"A purchase order of some length {n}", DAY, Money(n, "USD")) for n in range(many))

    def peak(many: int) -> int:
        tracemalloc.start()
        try:
            if kind == "csv":
                csv_file(HEADS, rows(many)).close()
            else:
                xlsx_file(HEADS, rows(many), title="T", sheet="Rows", day=DAY).close()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # what is imported and cached once

    assert peak(8_000) < peak(1_000) + 200_000
