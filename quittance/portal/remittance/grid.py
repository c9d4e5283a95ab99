"""Reads a file or a pasted text into rows of cells, whatever program wrote it."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

from quittance.core.errors import RuleBroken
from quittance.portal.remittance.workbook import NotAWorkbook, read_workbook

MOST_BYTES: Final = 1024 * 1024
MOST_LINES: Final = 300  # as many as one payment may have
MOST_COLUMNS: Final = 30
_CELL: Final = 200  # characters
_DELIMITERS: Final = ("\t", ";", "|", ",")
# "INV-1 1.240,50": cells with spaces between them, and a comma that is no delimiter.
_SPACED: Final = re.compile(r"\S+[ \u00a0]+.*\d,\d{1,3}\)?-?(?: ?[A-Za-z€£$]{1,3})?\s*")
_DATE: Final = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\.?")

Grid = list[list[str]]


class CannotRead(RuleBroken):
    """This file cannot be read. Save it as CSV or Excel (.xlsx), or paste the lines."""


class TooLarge(RuleBroken):
    """A file has 1 MB at most. Take out what is not needed, or split it."""


class TooManyLines(RuleBroken):
    """A list has 300 lines at most, as a payment has. Split it, and upload part by part."""


class NothingInIt(RuleBroken):
    """There is no line in it. Choose a file, or paste lines with a number and an amount."""


def read_file(content: bytes) -> Grid:
    """Return the rows of an uploaded file. Raises ``RuleBroken`` with a sentence for people."""
    if len(content) > MOST_BYTES:
        raise TooLarge
    if not content.startswith(b"PK\x03\x04"):
        return read_text(_decoded(content))
    try:
        return _checked(read_workbook(content, rows=MOST_LINES + 50, columns=MOST_COLUMNS))
    except NotAWorkbook:
        raise CannotRead from None


def read_text(text: str) -> Grid:
    """Return the rows of a text. Raises ``RuleBroken`` likewise."""
    if len(text) > MOST_BYTES:
        raise TooLarge
    if "\0" in text:
        raise CannotRead
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES + 50:
        raise TooManyLines
    delimiter = _delimiter(lines)
    if not delimiter:
        return _checked([_spaced(line) for line in lines])
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))
    except csv.Error:
        raise CannotRead from None
    return _checked(rows)


def is_date(text: str) -> bool:
    """Whether a cell looks like a day, of whatever order."""
    return _DATE.fullmatch(text.strip()) is not None


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _delimiter(lines: list[str]) -> str:
    """The sign that at least half of the lines have; "" where spaces stand between the cells."""
    for sign in _DELIMITERS:
        having = [line for line in lines if sign in line]
        if lines and 2 * len(having) >= len(lines):
            spaced = sign == "," and all(_SPACED.fullmatch(line) for line in having)
            return "" if spaced and not any('"' in line for line in having) else sign
    return ""


def _spaced(line: str) -> list[str]:
    """The number, and what follows but for days: "INV-1  2026-03-01  1 240,50"."""
    first, _, rest = line.strip().partition(" ") if " " in line.strip() else (line.strip(), "", "")
    return [first, " ".join(word for word in rest.split() if not is_date(word))]


def _checked(rows: Grid) -> Grid:
    found = [[_clean(cell) for cell in row[:MOST_COLUMNS]] for row in rows]
    found = [row for row in found if any(row)]
    if not found:
        raise NothingInIt
    if len(found) > MOST_LINES + 1:  # and the names of the columns
        raise TooManyLines
    return found


def _clean(cell: str) -> str:
    """One line without signs that no page can show; PostgreSQL takes no surrogates."""
    text = cell[:_CELL].encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
