"""The queue of exceptions, and one of it with its evidence and its ways out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET

from quittance.backoffice.access import StaffRequest, for_staff
from quittance.backoffice.exceptions.allocate import Form, form_of
from quittance.backoffice.exceptions.causes import cause_of
from quittance.backoffice.exceptions.evidence import Evidence, compared, evidence_of
from quittance.backoffice.exceptions.queue import list_context, queue_of
from quittance.backoffice.exceptions.ways import chosen_way, ways_of
from quittance.backoffice.exceptions.words import headline_of, look_of, whose
from quittance.backoffice.payments.waiting import corrections_of
from quittance.core.currency import minor_unit_digits
from quittance.core.ids import new_id
from quittance.identity.models import User
from quittance.identity.permissions import Permission
from quittance.payments.told import count_held
from quittance.posting.models import ErpPosting
from quittance.reconciliation.exceptions import ExceptionRow, Kind, NothingWaits, find
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading
from quittance.ui.amounts import decimal_point, pattern
from quittance.ui.pages import locale_for, page
from quittance.ui.sentences import sentence_for

_DONE: Final = {
    "retried": noop("It is on its way to the ERP again."),
    "on_account": noop("It goes to the ERP as the customer’s credit."),
    "allocated": noop("It goes to the ERP for the invoices that you chose."),
    "second": noop("Written down. A second person confirms it before it happens."),
    "settled": noop("The remark is off the list, and stands in the audit."),
    "booked": noop("Marked as booked in the ERP, with your note."),
    "handled": noop("Marked as handled, with your note. It comes back if its facts change."),
    "released": noop("The postings go on. Each is looked for in the ERP before it is posted."),
    "fits": noop("The gateway says now what fits. The payment goes on by itself."),
    "puzzles_still": noop("The gateway was asked, and says the same. Nothing was changed."),
    "set_aside": noop("Set aside, with your note. It comes back if the gateway says it again."),
    "put_back": noop("It waits again. If it is gone by itself, it leaves the queue by itself."),
    "handed": noop("Handed over. They see their name beside it."),
    "refund_asked": noop("The gateway is asked to send it back. It closes when its books say so."),
    "sent_back": noop("The gateway is asked to send it back. The payment shows how far it is."),
    "adopted": noop("It is a payment of that customer now, and goes to the ERP on account."),
    "unsure": noop(
        "The gateway gave no clear answer. It is looked for, and asked again, by itself."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form that came back: which one, what is wrong, what was typed."""

    way: str = ""
    errors: Sequence[tuple[str, str]] = ()
    status: int = 200
    note: str = ""
    form: Form | None = None


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def exceptions(request: StaffRequest) -> HttpResponse:
    """Everything that waits for a person; on a wide screen the first of it beside the list."""
    return queue_page(request)


@require_GET
@for_staff(Permission.SEE_PAYMENTS)
def exception(request: StaffRequest, table: str, row_id: UUID) -> HttpResponse:
    """One of it: what happened, what each side says, what is safe, what can be done."""
    sent = Sent(way=request.GET.get("way", ""))
    return row_page(request, f"{table}:{row_id}", sent)


def row_page(request: StaffRequest, key: str, sent: Sent) -> HttpResponse:
    """Show one row, perhaps with a form that came back. Gone meanwhile: the list says so."""
    with reading():
        row = find(key)
        if row is not None:
            return _page(request, row, sent)
    gone = [("", sentence_for(NothingWaits()))]
    return queue_page(request, errors=gone, status=409 if request.method == "POST" else 404)


def queue_page(
    request: StaffRequest, *, errors: Sequence[tuple[str, str]] = (), status: int = 200
) -> HttpResponse:
    """Show the list; ``errors`` say what did not work."""
    with reading():
        return _page(request, None, Sent(errors=errors, status=status))


def _page(request: StaffRequest, row: ExceptionRow | None, sent: Sent) -> HttpResponse:
    """``row`` is what the clerk chose; without one a wide screen shows the first all the same."""
    queue = queue_of(request.GET)
    shown = row or next(iter(queue.rows), None)
    listed = list_context(queue, shown)
    return page(
        request, "backoffice/exceptions/list.html", status=sent.status, nav="exceptions",
        errors=list(sent.errors), done=_done(request.GET), picked=row is not None, listed=listed,
        codes=listed["codes"], row=_shown(request, shown, sent) if shown else None,
        **request.frame,
    )  # fmt: skip


def _shown(request: StaffRequest, row: ExceptionRow, sent: Sent) -> dict[str, Any]:
    evidence = evidence_of(row)
    corrections = _corrections(request, evidence)
    asked = next((each for each in corrections if each["id"] == row.subject_id), None)
    ways = ways_of(row, evidence, request.person, mine=bool(asked and asked["mine"]))
    look, (table, _colon, row_id) = look_of(row.kind), row.key.partition(":")
    return {
        "key": row.key,
        "table": table,
        "id": row_id,
        "row": row,
        "quoted": row.kind == Kind.POSTING_REFUSED,  # the ERP's words, not ours
        "asked": asked,
        "corrections": [] if asked else corrections,
        "headline": headline_of(row),
        "who": whose(row),
        "icon": look.icon,
        "tone": look.tone,
        "safe": _(look.safe),
        "cause": cause_of(row, evidence),
        "compared": compared(evidence) if evidence else [],
        "gateway": _gateway_of(evidence),
        "ways": ways,
        "open": chosen_way(ways, sent.way),
        "note": sent.note,
        "new_key": str(new_id()),
        "payment": reverse("backoffice:payment", kwargs={"number": row.payment_number})
        if row.payment_number
        else "",
        **_forms(request, row, ways, evidence, sent),
    }


def _corrections(request: StaffRequest, evidence: Evidence | None) -> list[dict[str, Any]]:
    posting = evidence.posting if evidence else None
    return corrections_of([posting], request.person) if posting else []


def _forms(
    request: StaffRequest,
    row: ExceptionRow,
    ways: Sequence[Any],
    evidence: Evidence | None,
    sent: Sent,
) -> dict[str, Any]:
    """What single forms need besides: colleagues, open invoices, the posting's own facts."""
    keys = {each.key for each in ways}
    found: dict[str, Any] = {"team": [], "form": None, "posting": None, "held": 0, "companies": []}
    if "hand" in keys:
        found["team"] = list(
            User.objects.filter(is_active=True).exclude(staff_role="").order_by("name", "email")
        )
    if "release" in keys:
        found["held"] = count_held(row.subject_id)
    if "adopt_unknown" in keys:
        found["companies"] = list(LegalEntity.objects.order_by("name"))
        found["customer"] = str(request.POST.get("customer", ""))[:40]
        found["company"] = str(request.POST.get("company", ""))
    if evidence and evidence.posting:
        found["posting"] = evidence.posting
        if "allocate" in keys:
            found |= _split(evidence.posting, locale_for(request), sent.form)
    return found


def _split(posting: ErpPosting, locale: str, form: Form | None) -> dict[str, Any]:
    """The form that applies money to other invoices, and what its script needs to add up."""
    return {
        "form": form or form_of(posting, locale),
        "digits": minor_unit_digits(posting.currency),
        "point": decimal_point(locale),
        "pattern": pattern(posting.currency, locale),
    }


def _gateway_of(evidence: Evidence | None) -> str:
    account = evidence.payment.gateway_account if evidence else None
    return account.name if account else _("Gateway")


def _done(query: Mapping[str, Any]) -> str:
    words = _DONE.get(str(query.get("done", "")))
    return _(words) if words else ""
