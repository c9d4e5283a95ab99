"""Files that people download: named by us, opened by nothing that could run them."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def pdf_answer(content: bytes, *, name: str) -> HttpResponse:
    """Return a PDF as a download. ``name`` is a number of ours or the ERP's."""
    return _download(content, name=name, ending="pdf", kind="application/pdf")


def xml_answer(content: bytes, *, name: str) -> HttpResponse:
    """Return an XML file as a download. ``name`` is a number of ours."""
    return _download(content, name=name, ending="xml", kind="application/xml")


def csv_answer(file: IO[bytes], *, name: str) -> FileResponse:
    """Return a table as a download. ``name`` is made of numbers of ours or the ERP's."""
    return file_answer(file, name=name, ending="csv", kind="text/csv; charset=utf-8")


def xlsx_answer(file: IO[bytes], *, name: str) -> FileResponse:
    """Return an Excel workbook as a download. ``name`` is as in ``csv_answer``."""
    return file_answer(file, name=name, ending="xlsx", kind=_XLSX)


def zip_answer(content: bytes, *, name: str) -> HttpResponse:
    """Return a ZIP as a download. ``name`` is as in ``csv_answer``."""
    return _download(content, name=name, ending="zip", kind="application/zip")


def any_answer(content: bytes, *, name: str) -> HttpResponse:
    """Return a file of the seller's as a download, under its own name, whatever kind it is."""
    stem, _, ending = name.rpartition(".")
    known = re.fullmatch(r"[A-Za-z0-9]{1,8}", ending) and stem
    return _download(
        content, name=stem if known else name, ending=ending.lower() if known else "bin",
        kind="application/octet-stream",
    )  # fmt: skip


def file_answer(file: IO[bytes], *, name: str, ending: str, kind: str) -> FileResponse:
    """Return an open file as a download, piece by piece; it is closed when it is sent."""
    answer = FileResponse(file, content_type=kind)
    _as_download(answer, name=name, ending=ending)
    return answer


@contextmanager
def on_disk() -> Iterator[IO[bytes]]:
    """A file without a name: in the end it stands at its start; after an error nothing is left."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever answers with it closes it
    try:
        yield file
        file.seek(0)
    except BaseException:
        file.close()
        raise


def plain_name(name: str) -> str:
    """Return ``name`` as a file may be called on any system, without an ending."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:100] or "document"


def _download(content: bytes, *, name: str, ending: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    _as_download(answer, name=name, ending=ending)
    return answer


def _as_download(answer: HttpResponseBase, *, name: str, ending: str) -> None:
    """Have it kept as a file that no browser opens as a page. Source: RFC 6266."""
    answer["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"{plain_name(name)}.{ending}")
        or "attachment"
    )
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
