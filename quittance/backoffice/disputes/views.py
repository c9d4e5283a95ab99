"""The list of disputes, and one of them with what was said and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.disputes import records
from quittance.backoffice.disputes.words import DONE, REMEDIES, TABS, steps_of
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.disputes.evidence import MOST_AT_ONCE
from quittance.disputes.models import DisputeFile, InvoiceDispute
from quittance.disputes.rules import word_of
from quittance.identity.permissions import Permission, may
from quittance.receivables.hindrances import Hindrance
from quittance.tenancy.rows import reading
from quittance.ui.amounts import format_for_input
from quittance.ui.days import age
from quittance.ui.files import any_answer
from quittance.ui.pages import locale_for, page

S = InvoiceDispute.Status


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def disputes(request: StaffRequest) -> HttpResponse:
    """What buyers dispute: of each tab what waits longest first."""
    tab = request.GET.get("tab", "open")
    tab = tab if tab in TABS else "open"
    q = request.GET.get("q", "").replace("\0", "").strip()[:40]
    with reading():
        found = records.some_disputes(
            tab, q=q, person=request.person, after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        )  # fmt: skip
        numbers = records.counts(request.person)
    now = clock.now()
    number = len(found.rows)
    back = _address(tab, q, before=found.before) if found.before else ""
    on = _address(tab, q, after=found.after) if found.after else ""
    newer, older = (back, on) if tab == "over" else (on, back)  # what waits has the oldest first
    return page(
        request, "backoffice/disputes/list.html", nav="disputes", q=q, tab_key=tab,
        tabs=[
            {"text": _(word), "address": _address(key, ""), "current": key == tab,
             "count": numbers.get(key), "hot": key == "open"}
            for key, word in TABS.items()
        ],
        rows=[(each, word_of(each.reason), age(each.created_at, now)) for each in found.rows],
        newer=newer, older=older,
        shown=ngettext("%(n)s dispute", "%(n)s disputes", number) % {"n": number},
        clear=_address(tab, ""), may_connect=may(request.person, Permission.CONNECT),
        done=_(DONE.get(request.GET.get("done", ""), "")) if "done" in request.GET else "",
        **request.frame,
    )  # fmt: skip


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def dispute(request: StaffRequest, dispute_id: UUID) -> HttpResponse:
    """One dispute: which lines, how much, everything that was said, and the ways on."""
    return dispute_page(request, dispute_id)


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def evidence(request: StaffRequest, dispute_id: UUID, file_id: UUID) -> HttpResponse:  # noqa: ARG001
    """A file of the conversation, as a download."""
    with reading():
        found = DisputeFile.objects.filter(pk=file_id, dispute_id=dispute_id).first()
    if found is None:
        raise Http404
    return any_answer(bytes(found.content), name=f"{found.name}.{found.kind}")


def dispute_page(
    request: StaffRequest,
    dispute_id: UUID,
    *,
    errors: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    """Show a dispute; after an error with what was typed."""
    with reading():
        found = records.the_dispute(dispute_id)
        team = records.team()
    if found is None:
        raise Http404
    locale, sent = locale_for(request), request.POST
    done = DONE.get(request.GET.get("done", ""), "")
    return page(
        request, "backoffice/disputes/dispute.html", status=status, nav="disputes", dispute=found,
        reason=word_of(found.reason), steps=steps_of(found, locale),
        age=age(found.created_at, clock.now()), team=team, errors=list(errors), new_key=new_id,
        may_act=found.is_alive and may(request.person, Permission.HANDLE),
        may_decide=found.status in {S.OPEN, S.WAITING},
        marked=found.invoice.hindrance == Hindrance.DISPUTED,
        remedies=[(key, _(word)) for key, word in REMEDIES.items()],
        remedy=sent.get("remedy", ""), text=sent.get("text", "")[:2000],
        amount=sent.get("amount", "")[:40] or format_for_input(found.amount, locale),
        most_files=MOST_AT_ONCE, done=_(done) if done else "", **request.frame,
    )  # fmt: skip


def _address(tab: str, q: str, **place: str) -> str:
    said = {key: value for key, value in {"tab": tab, "q": q, **place}.items() if value}
    return f"{reverse('backoffice:disputes')}?{urlencode(said)}"
