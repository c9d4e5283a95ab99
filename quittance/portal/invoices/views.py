"""The list of invoices and the choice of what to pay."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from quittance.core.clock import today
from quittance.core.errors import OutsideError, RuleBroken
from quittance.exports.ask import MOST as MOST_DOCUMENTS
from quittance.identity.permissions import BuyerPermission
from quittance.payments.baskets import MOST, new_baskets
from quittance.payments.owed import free_to_pay
from quittance.payments.payers import told
from quittance.portal.access import BuyerRequest, account_of, for_buyer
from quittance.portal.exports.asking import begin
from quittance.portal.invoices import picks
from quittance.portal.invoices.detail import invoice_context, read_invoice
from quittance.portal.invoices.export import csv_of, xlsx_of
from quittance.portal.invoices.filters import Filters, read_filters
from quittance.portal.invoices.listing import all_ids, counts, find, payable_ids
from quittance.portal.invoices.table import list_context
from quittance.portal.invoices.unfinished import unfinished_basket
from quittance.receivables.documents import lines_of, pdf_of
from quittance.receivables.models import Invoice
from quittance.receivables.people import MayNot
from quittance.tenancy.rows import reading
from quittance.ui.errors import NO_DOCUMENT, error_page
from quittance.ui.files import csv_answer, pdf_answer, xlsx_answer
from quittance.ui.htmx import hx_redirect, is_part
from quittance.ui.pages import locale_for, page
from quittance.ui.sentences import sentence_for
from quittance.ui.tables import TooManyRows


@require_GET
@for_buyer(BuyerPermission.SEE)
def invoices(request: BuyerRequest) -> HttpResponse:
    """The buyer's invoices: one page of what the filters let through."""
    return _list(request, _filters(request))


@require_GET
@for_buyer(BuyerPermission.SEE)
def invoices_csv(request: BuyerRequest) -> HttpResponseBase:
    """All pages of the list as a table."""
    filters, day = _filters(request), today(request.account.zone)
    return csv_answer(csv_of(request.account, filters, today=day), name=_name(request, filters))


@require_GET
@for_buyer(BuyerPermission.SEE)
def invoices_xlsx(request: BuyerRequest) -> HttpResponseBase:
    """The same as an Excel workbook."""
    filters, day = _filters(request), today(request.account.zone)
    try:
        file = xlsx_of(request.account, filters, today=day)
    except TooManyRows as error:
        return _list(request, filters, sentence=sentence_for(error), status=413)
    return xlsx_answer(file, name=_name(request, filters))


@require_GET
@for_buyer(BuyerPermission.SEE)
def invoice(request: BuyerRequest, invoice_id: UUID) -> HttpResponse:
    """One invoice: what was billed, what is owed, and what pays it."""
    with reading():
        found = read_invoice(invoice_id)
    if found is None:
        raise Http404
    account = account_of(request, found.invoice.customer_account_id)
    context = invoice_context(
        found, found.lines or lines_of(found.invoice), account=account,
        being_paid=told(found.reserved, reader=request.person.pk),
        person_id=request.person.pk, today=today(request.zone), locale=locale_for(request),
        seller=request.look.name,
    )  # fmt: skip
    return page(
        request, "portal/invoices/invoice.html", nav="invoices", errors=[],
        accounts=request.accounts, account=request.account,
        freshness=account, **context,
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.SEE)
def invoice_pdf(request: BuyerRequest, invoice_id: UUID) -> HttpResponse:
    """The ERP's own PDF, by way of us: the file's name is made from the number we know."""
    with reading():
        found = Invoice.objects.filter(pk=invoice_id).first()
    if found is None:
        raise Http404
    try:
        content = pdf_of(found)
    except OutsideError:
        return error_page(request, 503, words=NO_DOCUMENT)
    return pdf_answer(content, name=found.number)


@require_POST
@for_buyer(BuyerPermission.SEE)
def pick(request: BuyerRequest) -> HttpResponseBase:
    """Keep the ticks of a page, and do what the pressed button says."""
    sent = request.POST
    filters = read_filters(QueryDict(sent.get("query", "")[:1000]), locale_for(request))
    if "only" in sent:
        return _pay(request, picks.read_ids(sent.getlist("only")), filters)
    _keep(request, filters)
    if "files" in sent:
        return _files(request, filters, sent["files"])
    if "pay" in sent:
        return _pay(request, _picked(request), filters, currency=sent["pay"])
    if is_part(request):
        with reading():
            bar = picks.bar_of(_picked(request), request.accounts)
        codes = len({each.currency for each in bar.totals}) > 1
        return page(request, "portal/invoices/_paybar.html", bar=bar, codes=codes)
    return hx_redirect(request, _next(sent.get("then", ""), filters))


def _filters(request: BuyerRequest) -> Filters:
    return read_filters(request.GET, locale_for(request))


def _files(request: BuyerRequest, filters: Filters, what: str) -> HttpResponseBase:
    """Answer with PDFs: of what is ticked, or of the whole list."""
    kind, ids = what if what in MOST_DOCUMENTS else "zip", _picked(request)
    if what == "all":
        most = MOST_DOCUMENTS[kind] + 1  # one more than can be had: that is said
        with reading():
            ids = all_ids(request.account.id, filters, today=today(request.zone), at_most=most)
    try:
        return begin(request, kind, ids)
    except RuleBroken as error:
        return _list(request, filters, sentence=sentence_for(error), status=409)


def _name(request: BuyerRequest, filters: Filters) -> str:
    """Return what a download of the list is called."""
    account = request.account
    return f"invoices-{account.number}-{filters.tab}-{today(account.zone)}"


def _accounts(request: BuyerRequest) -> list[UUID]:
    """Return the person's accounts, the one that is looked at first."""
    others = [each.id for each in request.accounts if each.id != request.account.id]
    return [request.account.id, *others]


def _picked(request: BuyerRequest) -> list[UUID]:
    return picks.picked_of(request.session, _accounts(request))


def _keep(request: BuyerRequest, filters: Filters) -> None:
    """Merge what was sent with what was ticked before. Raises ``Http404`` for a stranger's id.

    A page may be older than the choice of another account, so each tick goes to its own account.
    """
    sent, here = request.POST, request.account.id
    shown, ticked = (picks.read_ids(sent.getlist(name)) for name in ("shown", "invoice"))
    with reading():
        found = free_to_pay(ticked)
        if len(found) != len(set(ticked)):
            raise Http404
        day = today(request.account.zone)
        whole = (
            payable_ids(request.account, filters, today=day, at_most=MOST)
            if "all" in sent
            else None
        )
    for account_id in _accounts(request):
        before = picks.picked(request.session, account_id)
        own = [id_ for id_ in ticked if found[id_].invoice.customer_account_id == account_id]
        ids = picks.merged(before, shown=set(shown), ticked=own)
        if account_id == here and whole is not None:
            ids = whole
        ids = [] if "clear" in sent else ids[:MOST]
        if ids != before:
            picks.keep(request.session, account_id, ids)


def _pay(
    request: BuyerRequest, ids: list[UUID], filters: Filters, *, currency: str = ""
) -> HttpResponse:
    """Begin a checkout of what is picked, of ``currency`` first; each currency is a payment."""
    with reading():
        ids = picks.payable(ids, request.accounts)
    try:
        baskets = new_baskets(
            account_ids=_accounts(request), user_id=request.person.pk, invoice_ids=ids,
            first=currency,
        )  # fmt: skip
    except MayNot:
        raise  # said on a page of its own
    except RuleBroken as error:
        return _list(request, filters, sentence=sentence_for(error), status=409)
    return hx_redirect(request, reverse("portal:amounts", kwargs={"basket_id": baskets[0].pk}))


def _next(then: str, filters: Filters) -> str:
    """Where to go after keeping the ticks: to another page of the list, never anywhere else."""
    path = reverse("portal:invoices")
    return then if then == path or then.startswith(f"{path}?") else filters.address(path)


def _list(
    request: BuyerRequest, filters: Filters, *, sentence: str = "", status: int = 200
) -> HttpResponse:
    day, account = today(request.account.zone), request.account
    ids = _picked(request)
    with reading():
        counted = counts(account.id, today=day)
        listing = find(account.id, filters, today=day)
        bar = picks.bar_of(ids, request.accounts)
        unfinished = None if bar.count else unfinished_basket(account.id, request.person.pk)
    context = list_context(request, filters, counted, listing, bar, today=day)
    errors = [("", sentence)] if sentence else []
    return page(
        request, "portal/invoices/list.html", status=status, nav="invoices", errors=errors,
        unfinished=unfinished, **context,
    )  # fmt: skip
