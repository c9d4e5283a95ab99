"""What everybody did: both sides on one page, and as a file whose hashes a stranger can check."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.audit.records import Wish, kinds, some_events, span_of
from quittance.core.clock import today
from quittance.core.errors import RuleBroken
from quittance.evidence.export import csv_file, lines_file, part_of
from quittance.identity.permissions import Permission
from quittance.tenancy.rows import reading
from quittance.ui.files import file_answer
from quittance.ui.fresh import needs_fresh
from quittance.ui.pages import page
from quittance.ui.sentences import sentence_for


@require_GET
@for_staff(Permission.SEE_AUDIT)
def audit(request: StaffRequest) -> HttpResponse:
    """The newest first; by person, by what was done, by record, by day."""
    return _page(request)


@require_POST
@for_staff(Permission.SEE_AUDIT)
@needs_fresh
def export_audit(request: StaffRequest) -> HttpResponseBase:
    """A part of the chain as a file, from the first day to the last; that is written down too."""
    since, until = _day(request.POST.get("since", "")), _day(request.POST.get("until", ""))
    since, until = since or today(request.zone), until or today(request.zone)
    try:
        part = part_of(span_of(since, request.zone)[0], span_of(until, request.zone)[1])
    except RuleBroken as error:
        return _page(request, errors=[("since", sentence_for(error))], status=409)
    name = f"audit-{part.first}-{part.last}"
    if request.POST.get("form") == "csv":
        kind = "text/csv; charset=utf-8"
        return file_answer(csv_file(part), name=name, ending="csv", kind=kind)
    kind = "application/jsonl; charset=utf-8"
    return file_answer(lines_file(part), name=name, ending="jsonl", kind=kind)


def _page(
    request: StaffRequest, *, errors: list[tuple[str, str]] | None = None, status: int = 200
) -> HttpResponse:
    asked = {name: _text(request, name) for name in ("person", "what", "record", "day")}
    wish = Wish(
        person=asked["person"], what=asked["what"], record=asked["record"],
        day=_day(asked["day"]), zone=request.zone, after=_text(request, "after"),
        before=_text(request, "before"),
    )  # fmt: skip
    with reading():
        found, known = some_events(wish), kinds()
    return page(
        request, "backoffice/audit/list.html", status=status, nav="audit", asked=asked,
        lines=found.lines, kinds=known, errors=errors or [],
        newer=_address(asked, before=found.newer) if found.newer else "",
        older=_address(asked, after=found.older) if found.older else "",
        **request.frame,
    )  # fmt: skip


def _address(asked: dict[str, str], **place: str) -> str:
    told = {name: value for name, value in {**asked, **place}.items() if value}
    return f"{reverse('backoffice:audit')}?{urlencode(told)}"


def _text(request: StaffRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:254]


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 <= found.year <= 2200 else None
