"""Writes down all that is kept of one person: JSON in a ZIP, with a text that explains it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, Final

from django.db import connection

from quittance.core import clock
from quittance.identity.models import User
from quittance.privacy.places import PLACES, Place
from quittance.tenancy.rows import reading
from quittance.ui.files import on_disk, plain_name

MOST_BYTES_OF_FILES: Final = 40 * 1024 * 1024  # of what the person sent in; the rest is named
_AT_ONCE: Final = 500  # rows that are in memory
_OURS: Final = ["organization_id"]
_README: Final = """\
What is kept of {name} <{email}>, as of {moment} (UTC).

Each file below holds the rows of one table that name this person, as JSON: one object for each
row, one value for each column. Ids connect rows of different files. Amounts are whole minor units
(1050 in USD is 10.50). Moments have their zone with them.

Secrets are not shown, only that they are there: passwords, codes and keys are kept as hashes or
sealed, and a copy would help nobody but a thief. What is about other people is left out too.
Browsers' sessions and lines of the operator's log are not in it: they are gone after hours and
weeks. What is kept of customers is the ERP's, and is changed there.

"""


def gather(person: User, *, so_far: Callable[[int], None]) -> IO[bytes]:
    """Return an open file with everything, to be read from its start.

    Each place is read in a short transaction of its own; ``so_far`` is told how many are done.
    """
    marks, room, told = marks_of(person), MOST_BYTES_OF_FILES, []
    with on_disk() as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, place in enumerate(PLACES, start=1):
            count, left_out = _write_rows(archive, place, marks), 0
            if place.file:
                room, left_out = _write_files(archive, place, marks, room)
            told.append(_words(place, count, left_out))
            so_far(number)
        head = _README.format(
            name=person.name, email=person.email, moment=f"{clock.now():%Y-%m-%d %H:%M}"
        )
        archive.writestr("README.txt", head + "".join(told))
    return file


def marks_of(person: User) -> Mapping[str, Any]:
    """Return by what rows are known as somebody's."""
    return {"id": person.pk, "actor": f"user:{person.pk}", "mail": person.email}


def _write_rows(archive: zipfile.ZipFile, place: Place, marks: Mapping[str, Any]) -> int:
    """Write one place's rows, a few at a time; return how many there were."""
    hidden = [*_OURS, *place.hidden, *filter(None, [place.file])]
    statement = (
        f"SELECT (to_jsonb(t) - %(hidden)s::text[])::text FROM {place.table} t"  # noqa: S608
        f" WHERE {place.whose} ORDER BY id"
    )
    count = 0
    with archive.open(f"{place.key}.json", "w") as out:
        out.write(b"[")
        for (row,) in _rows(statement, {**marks, "hidden": hidden}):
            out.write((",\n" if count else "\n").encode() + row.encode())
            count += 1
        out.write(b"\n]\n")
    return count


def _write_files(
    archive: zipfile.ZipFile, place: Place, marks: Mapping[str, Any], room: int
) -> tuple[int, int]:
    """Write what the person sent in, as far as there is room; return what is left of it, and how
    many files were left out.
    """
    statement = f"SELECT id FROM {place.table} WHERE {place.whose} ORDER BY id"  # noqa: S608
    ids, left_out = [row_id for (row_id,) in _rows(statement, marks)], 0
    one = f"SELECT name, kind, {place.file} FROM {place.table} WHERE id = %(id)s"  # noqa: S608
    for row_id in ids:
        for name, kind, content in _rows(one, {"id": row_id}):
            if len(content) > room:
                left_out += 1
                continue
            room -= len(content)
            path = f"{place.key}/{row_id}-{plain_name(name)}.{plain_name(kind)}"
            archive.writestr(path, bytes(content))
    return room, left_out


def _rows(statement: str, marks: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    with reading(), connection.chunked_cursor() as cursor:
        cursor.execute(statement, marks)
        while found := cursor.fetchmany(_AT_ONCE):
            yield from found


def _words(place: Place, count: int, left_out: int) -> str:
    words = f"{place.key}.json ({count}): {place.what}.\n"
    if left_out:
        words += f"  {left_out} files are not in it, for it would be too large: ask for them.\n"
    if place.why:
        words += f"  An erasure leaves them: {place.why}.\n"
    return words
