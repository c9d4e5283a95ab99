"""Files that people download: named by us, opened by nothing that could run them."""

from __future__ import annotations

import re

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def pdf_answer(content: bytes, *, name: str) -> HttpResponse:
    """Return a PDF as a download. ``name`` is a number of ours or the ERP's. Source: RFC 6266."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "document"
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"{plain}.pdf") or "attachment"
    )
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
