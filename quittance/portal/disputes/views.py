"""A dispute is opened, answered and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.disputes.conversation import Said, say, withdraw
from quittance.disputes.evidence import MOST_AT_ONCE, MOST_BYTES_AT_ONCE, read_files
from quittance.disputes.held import alive
from quittance.disputes.models import DisputeFile
from quittance.disputes.opening import open_dispute
from quittance.disputes.rules import rules_of, word_of
from quittance.identity.permissions import BuyerPermission
from quittance.payments.disputed import settled_of
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.brake import sends_files
from quittance.portal.disputes.forms import Line, rows_of, wrong_of
from quittance.portal.disputes.records import the_dispute
from quittance.portal.disputes.words import sentence_of, steps_of
from quittance.receivables.documents import lines_of
from quittance.receivables.hindrances import Hindrance
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import widened
from quittance.ui.bodies import takes_files
from quittance.ui.files import any_answer
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page
from quittance.ui.sentences import sentence_for


@takes_files(MOST_BYTES_AT_ONCE)
@require_http_methods(["GET", "POST"])
@for_buyer(BuyerPermission.DISPUTE)
@sends_files
def new(request: BuyerRequest, invoice_id: UUID) -> HttpResponse:
    """Say which lines are wrong, how much of each, and why."""
    with reading():
        invoice = Invoice.objects.filter(pk=invoice_id).first()
        earlier = alive().filter(invoice_id=invoice_id).first()
    if invoice is None:
        raise Http404
    with widened(), reading():  # what went back stands in books that buyers do not see
        settled = settled_of([invoice_id], shown=True).get(invoice_id, 0)
    if earlier is not None:
        return _to(request, earlier.pk)
    sent = request.POST if request.method == "POST" else None
    rows = rows_of(invoice, lines_of(invoice) or (), sent, locale_for(request))
    if sent is None:
        return _form(request, invoice, rows, key=new_id())
    if any(row.error for row in rows):
        wrong = [(f"amount-{row.key}", row.error) for row in rows if row.error]
        return _form(request, invoice, rows, key=_key(request), errors=wrong, status=422)
    try:
        made = open_dispute(
            invoice_id, _said(request), reason=request.POST.get("reason", "")[:60],
            wrong=wrong_of(rows), settled_minor=settled,
        )  # fmt: skip
    except RuleBroken as error:
        said = [("", sentence_for(error))]
        return _form(request, invoice, rows, key=_key(request), errors=said, status=422)
    return _to(request, made.pk)


@require_GET
@for_buyer(BuyerPermission.SEE)
def dispute(request: BuyerRequest, dispute_id: UUID) -> HttpResponse:
    """One dispute: what is wrong, where it is, and everything that was said."""
    return _dispute(request, dispute_id)


@takes_files(MOST_BYTES_AT_ONCE)
@require_POST
@for_buyer(BuyerPermission.DISPUTE)
@sends_files
def answer(request: BuyerRequest, dispute_id: UUID) -> HttpResponse:
    """Say something more, with files or without."""
    _seen(dispute_id)
    try:
        say(dispute_id, _said(request))
    except RuleBroken as error:
        return _dispute(request, dispute_id, error=error)
    return _to(request, dispute_id)


@require_POST
@for_buyer(BuyerPermission.DISPUTE)
def take_back(request: BuyerRequest, dispute_id: UUID) -> HttpResponse:
    """Take it back: the invoice is owed as it stands."""
    _seen(dispute_id)
    try:
        withdraw(dispute_id, _said(request))
    except RuleBroken as error:
        return _dispute(request, dispute_id, error=error)
    return _to(request, dispute_id)


@require_GET
@for_buyer(BuyerPermission.SEE)
def evidence(request: BuyerRequest, dispute_id: UUID, file_id: UUID) -> HttpResponse:  # noqa: ARG001
    """A file that somebody put to their words, as a download."""
    with reading():
        found = DisputeFile.objects.filter(pk=file_id, dispute_id=dispute_id).first()
    if found is None:
        raise Http404
    return any_answer(bytes(found.content), name=f"{found.name}.{found.kind}")


def _form(
    request: BuyerRequest,
    invoice: Invoice,
    rows: Sequence[Line],
    *,
    key: UUID,
    errors: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    with reading():
        reasons = rules_of().reasons
    return page(
        request, "portal/disputes/new.html", status=status, nav="invoices", invoice=invoice,
        rows=rows, alone=len(rows) == 1, key=key, errors=list(errors),
        reasons=[(each, word_of(each)) for each in reasons],
        reason=request.POST.get("reason", ""), text=request.POST.get("text", "")[:2000],
        most_files=MOST_AT_ONCE, accounts=request.accounts, account=request.account,
    )  # fmt: skip


def _dispute(
    request: BuyerRequest, dispute_id: UUID, *, error: RuleBroken | None = None
) -> HttpResponse:
    with reading():
        found = the_dispute(dispute_id)
    if found is None:
        raise Http404
    seller, locale = request.look.name, locale_for(request)
    return page(
        request, "portal/disputes/dispute.html", status=409 if error else 200, nav="invoices",
        dispute=found, reason=word_of(found.reason), sentence=sentence_of(found, seller),
        steps=steps_of(found, seller, locale),
        marked=found.invoice.hindrance == Hindrance.DISPUTED, new_key=new_id,
        may_take_back=found.status in {"open", "waiting"}, most_files=MOST_AT_ONCE,
        errors=[("", sentence_for(error))] if error else [],
        text=request.POST.get("text", "")[:2000], accounts=request.accounts,
        account=request.account,
    )  # fmt: skip


def _said(request: BuyerRequest) -> Said:
    return Said(
        by=request.person, text=request.POST.get("text", ""), key=_key(request),
        files=read_files(request.FILES.getlist("files")),
    )  # fmt: skip


def _key(request: BuyerRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        raise Http404 from None


def _seen(dispute_id: UUID) -> None:
    """A stranger's id gets the same 404 as one that is not there."""
    with reading():
        if the_dispute(dispute_id) is None:
            raise Http404


def _to(request: BuyerRequest, dispute_id: UUID) -> HttpResponse:
    return hx_redirect(request, reverse("portal:dispute", kwargs={"dispute_id": dispute_id}))
