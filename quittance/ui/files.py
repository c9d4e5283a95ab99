"""Files that people download: named by us, opened by nothing that could run them."""

from __future__ import annotations

import re

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def pdf_answer(content: bytes, *, name: str) -> HttpResponse:
    """Return a PDF as a download. ``name`` is a number of ours or the ERP's."""
    return _download(content, name=name, ending="pdf", kind="application/pdf")


def xml_answer(content: bytes, *, name: str) -> HttpResponse:
    """Return an XML file as a download. ``name`` is a number of ours."""
    return _download(content, name=name, ending="xml", kind="application/xml")


def csv_answer(content: bytes, *, name: str) -> HttpResponse:
    """Return a table as a download. ``name`` is made of numbers of ours or the ERP's."""
    return _download(content, name=name, ending="csv", kind="text/csv; charset=utf-8")


def xlsx_answer(content: bytes, *, name: str) -> HttpResponse:
    """Return an Excel workbook as a download. ``name`` is as in ``csv_answer``."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _download(content, name=name, ending="xlsx", kind=kind)


def _download(content: bytes, *, name: str, ending: str, kind: str) -> HttpResponse:
    """Return a file that no browser opens as a page. Source: RFC 6266."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "document"
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"{plain}.{ending}") or "attachment"
    )
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
