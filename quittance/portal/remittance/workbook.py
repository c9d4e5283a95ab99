"""Reads the first sheet of an Excel workbook: cells as text, and never more than asked for.

Source: ECMA-376, SpreadsheetML. Of a workbook only the values are read, no formula is computed.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import IO, Any, Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

_MOST: Final = 16 * 1024 * 1024  # bytes of one part when it is unpacked
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, ParseError, DefusedXmlException, EOFError, OSError, LookupError,
    ValueError, OverflowError, RuntimeError, NotImplementedError,
)  # fmt: skip
_DATES: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_FIRST_DAY: Final = date(1899, 12, 30)  # Source: ECMA-376, the 1900 date system
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml")
_COLUMN: Final = re.compile(r"([A-Z]{1,3})\d+")


class NotAWorkbook(Exception):
    """These bytes are no workbook that we can read."""


def read_workbook(content: bytes, *, rows: int, columns: int) -> list[list[str]]:
    """Return the first rows and columns of the first sheet. Raises ``NotAWorkbook``.

    Numbers are written with a point before their decimals, days as ISO 8601 says.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            sheets = sorted(
                (each for each in book.namelist() if _SHEET.fullmatch(each)),
                key=lambda name: (len(name), name),
            )
            strings, dates = _strings(book), _date_styles(book)
            with book.open(sheets[0]) as part:
                return _rows(part, strings, dates, rows=rows, columns=columns)
    except _BROKEN as error:
        raise NotAWorkbook from error


class _Limited:
    """A part that unpacks to no more than a person ever wrote."""

    def __init__(self, part: IO[bytes]) -> None:
        self._part, self._left = part, _MOST

    def read(self, size: int = -1) -> bytes:
        found = self._part.read(min(size, 65536) if size > 0 else 65536)
        self._left -= len(found)
        if self._left < 0:
            raise ValueError("This part is too large.")
        return found


def _elements(part: IO[bytes], *names: str) -> Iterator[tuple[str, Any]]:
    """Yield elements of these names when they are complete, and forget them afterwards."""
    for _event, element in iterparse(_Limited(part), forbid_dtd=True):
        name = element.tag.rpartition("}")[2]
        if name in names:
            yield name, element
            element.clear()


def _strings(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    with book.open("xl/sharedStrings.xml") as part:
        return [_text(element) for _name, element in _elements(part, "si")]


def _text(element: Any) -> str:
    """All runs of a text, without how it is spoken."""
    runs = []
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name == "t":
            runs.append(child.text or "")
        elif name == "r":
            runs.append(_text(child))
    return "".join(runs)


def _date_styles(book: zipfile.ZipFile) -> frozenset[int]:
    """The styles that show a number as a day."""
    if "xl/styles.xml" not in book.namelist():
        return frozenset()
    own: set[int] = set()
    found: set[int] = set()
    with book.open("xl/styles.xml") as part:
        for name, element in _elements(part, "numFmt", "cellXfs"):
            if name == "numFmt":
                shape = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", element.get("formatCode", ""))
                if re.search(r"[yd]", shape.lower()):
                    own.add(int(element.get("numFmtId", "-1")))
                continue
            for place, style in enumerate(element):
                if int(style.get("numFmtId", "0")) in _DATES | own:
                    found.add(place)
    return frozenset(found)


def _rows(
    part: IO[bytes], strings: list[str], dates: frozenset[int], *, rows: int, columns: int
) -> list[list[str]]:
    found: list[list[str]] = []
    for _name, row in _elements(part, "row"):
        cells: dict[int, str] = {}
        for place, cell in enumerate(row):
            column = _column(cell.get("r", ""), place)
            if column < columns:
                cells[column] = _value(cell, strings, dates)
        found.append([cells.get(column, "") for column in range(max(cells, default=-1) + 1)])
        if len(found) > rows:
            break
    return found


def _column(reference: str, place: int) -> int:
    match = _COLUMN.fullmatch(reference)
    if match is None:
        return place
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: Any, strings: list[str], dates: frozenset[int]) -> str:
    kind, value = cell.get("t", "n"), ""
    for child in cell:
        name = child.tag.rpartition("}")[2]
        if name == "v":
            value = child.text or ""
        elif name == "is":
            return _text(child)
    if kind == "s":
        return strings[int(value)] if value else ""
    if kind != "n" or not value:
        return value
    number = float(value)
    if int(cell.get("s", "0")) in dates:
        return str(_FIRST_DAY + timedelta(days=int(number)))
    return _number(number)


def _number(value: float) -> str:
    """Excel keeps 15 figures. Three decimals get a fourth: so no point looks like a group's."""
    text = f"{value:.15g}"
    if "e" in text or "n" in text:  # too large, or no number
        return text
    _whole, point, cents = text.partition(".")
    return f"{text}0" if point and len(cents) == 3 else text
