"""What a clerk does about a row of the queue; each act is a form of its own."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.exceptions.allocate import Form
from quittance.backoffice.exceptions.views import Sent, row_page
from quittance.backoffice.limits import why_not
from quittance.core.errors import RuleBroken
from quittance.identity.permissions import Permission
from quittance.posting.models import Correction
from quittance.reconciliation import exceptions as queue
from quittance.tenancy.rows import reading
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for
from quittance.ui.sentences import sentence_for

NOTE = 500  # characters


@require_POST
@for_staff(Permission.HANDLE)
def handle(request: StaffRequest, table: str, row_id: UUID) -> HttpResponse:
    """Take a finding off the list: it is all right as it is, says the note."""
    key, note = f"{table}:{row_id}", note_of(request)
    too_much = above(request, Permission.HANDLE, key)
    if too_much:
        return refused(request, key, too_much, way="handle", note=note)
    return done(
        request, key, "handled", lambda: queue.handle(key, note=note), way="handle", note=note
    )


@require_POST
@for_staff(Permission.HANDLE)
def hand(request: StaffRequest, table: str, row_id: UUID) -> HttpResponse:
    """Say who looks after a row: oneself, a colleague, or nobody any more."""
    key, owner_id = f"{table}:{row_id}", uuid_of(request.POST.get("owner", ""))
    return done(
        request, key, "handed", lambda: queue.take(key, owner_id=owner_id), way="hand", stay=True
    )


def done(
    request: StaffRequest,
    key: str,
    word: str,
    act: Callable[[], object],
    *,
    way: str,
    note: str = "",
    form: Form | None = None,
    stay: bool = False,
) -> HttpResponse:
    """Do ``act`` and lead on: to the queue, or with ``stay`` back to the row.

    What cannot be done any more brings the row back with the reason and with what was typed; if
    the row is gone, because somebody was faster, the queue says so. What a second person has to
    confirm leads to the queue too, where it still stands.
    """
    try:
        result = act()
    except RuleBroken as error:
        sent = Sent(way=way, errors=[("", sentence_for(error))], status=409, note=note, form=form)
        return row_page(request, key, sent)
    if isinstance(result, Correction):
        return onward(request, key, "second", stay=True)
    return onward(request, key, word, stay=stay)


def above(request: StaffRequest, permission: Permission, key: str) -> str:
    """Say why the row is about more money than this person decides about alone; else nothing."""
    with reading():
        row = queue.find(key)
        return why_not(request.person, permission, row.amount if row else None, locale_for(request))


def refused(
    request: StaffRequest, key: str, words: str, *, way: str, note: str = ""
) -> HttpResponse:
    """Bring the row back with the reason and with what was typed."""
    return row_page(request, key, Sent(way=way, errors=[("", words)], status=409, note=note))


def onward(request: StaffRequest, key: str, word: str, *, stay: bool = False) -> HttpResponse:
    """Lead on after an act, with a sentence of what was done."""
    address = reverse("backoffice:exceptions")
    if stay:
        table, _colon, row_id = key.partition(":")
        address = reverse("backoffice:exception", kwargs={"table": table, "row_id": row_id})
    return hx_redirect(request, f"{address}?done={word}")


def note_of(request: StaffRequest) -> str:
    """Return what was typed as the note."""
    return str(request.POST.get("note", "")).replace("\0", "").strip()[:NOTE]


def uuid_of(text: str) -> UUID | None:
    """Return what was chosen in a list; ``None``: nothing, or nothing of it."""
    try:
        return UUID(text)
    except ValueError:
        return None
