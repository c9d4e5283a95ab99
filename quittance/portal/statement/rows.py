"""What pages show of a statement that was asked for as a file."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from quittance.exports.ask_statement import Prepared
from quittance.portal.statement.context import query_of
from quittance.ui.days import format_day

FORMS: Final = {"pdf": "PDF", "csv": "CSV", "xlsx": "Excel"}


def statement_row(found: Prepared, locale: str) -> dict[str, Any]:
    """Return what pages show of one."""
    period = format_day(found.until, locale)
    if found.since:
        period = f"{format_day(found.since, locale)} – {period}"
    one = {"statement_id": found.id}
    return {
        "address": statement_address(found.id),
        "download": reverse("portal:statement_download", kwargs=one),
        "again": reverse("portal:statement_again", kwargs=one),
        "title": _("Statement %(period)s (%(form)s)")
        % {"period": period, "form": FORMS[found.form]},
        "at": found.created_at,
        "until": found.expires_at,
        "entries": found.entries,
        "lines": found.lines,
        "fingerprint": found.fingerprint,
        "is_ready": found.is_over,
        "whole": 0,  # how many entries there are is known when all are read
        "failed": 0,
        "here": found.is_here,
        "query": query_of(found.since, found.until, found.currency),
    }


def statement_address(statement_id: UUID) -> str:
    """Return the address of its page."""
    return reverse("portal:statement_file", kwargs={"statement_id": statement_id})
