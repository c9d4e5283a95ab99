"""Writes a file of many prints: to disk, one print after the other."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO, Final
from uuid import UUID

from pypdf import PdfReader, PdfWriter

from quittance.exports.models import Bundle, BundleDocument
from quittance.tenancy.rows import reading
from quittance.ui.files import on_disk, plain_name

Print = tuple[str, bytes]  # an invoice's number, and its PDF
_NO_DAY: Final = (1980, 1, 1, 0, 0, 0)  # the same prints make the same bytes
_COPIED_AT_ONCE: Final = 1  # from the database: memory holds one print


def bundle_file(bundle_id: UUID, kind: str, *, note: str) -> IO[bytes]:
    """Return an open file with everything that is here of a bundle, to be read from its start.

    ``note`` names what is missing; a ZIP holds it as a text. "" when nothing is.
    """
    rows = BundleDocument.objects.filter(bundle_id=bundle_id, content__isnull=False)
    with reading():
        found = rows.order_by("position").values_list("invoice__number", "content")
        prints = (
            (number, bytes(content or b""))
            for number, content in found.iterator(chunk_size=_COPIED_AT_ONCE)
        )
        return file_of(kind, prints, note=note)


def file_of(kind: str, prints: Iterable[Print], *, note: str = "") -> IO[bytes]:
    """Return an open file with these prints, as a ZIP or as one PDF."""
    with on_disk() as file:
        if kind == Bundle.Kind.ZIP:
            _write_zip(file, prints, note)
        else:
            _write_pdf(file, prints)
    return file


def _write_zip(file: IO[bytes], prints: Iterable[Print], note: str) -> None:
    """PDFs are packed already, so they are only stored."""
    taken: set[str] = set()
    with zipfile.ZipFile(file, "w") as archive:
        for number, content in prints:
            archive.writestr(zipfile.ZipInfo(_free_name(number, taken), _NO_DAY), content)
        if note:
            archive.writestr(zipfile.ZipInfo("missing.txt", _NO_DAY), note)


def _free_name(number: str, taken: set[str]) -> str:
    """Two companies of a seller may use the same number, and systems may not tell a from A."""
    name, place = plain_name(number), 1
    while name.lower() in taken:
        place += 1
        name = f"{plain_name(number)}-{place}"
    taken.add(name.lower())
    return f"{name}.pdf"


def _write_pdf(file: IO[bytes], prints: Iterable[Print]) -> None:
    """One behind the other, each with a bookmark. All are in memory: ``fill`` bounds them."""
    with PdfWriter() as writer:
        for number, content in prints:
            writer.append(PdfReader(io.BytesIO(content)), outline_item=number)
        writer.write(file)


def note_of(missing: Sequence[tuple[str, str]]) -> str:
    """Return the text that names what is missing: a number and the reason, a line for each."""
    return "".join(f"{number}: {reason}\r\n" for number, reason in missing)
