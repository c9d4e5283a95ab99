"""The buyer's statement: on a page, as a PDF, as a table."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from quittance.core.clock import today
from quittance.exports.statement.table import csv_of, xlsx_of
from quittance.exports.statement.words import pdf_data
from quittance.identity.permissions import BuyerPermission
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.brake import asks_the_erp
from quittance.portal.statement.asked import drawn, is_long, read_wish
from quittance.portal.statement.context import query_of, statement_context
from quittance.portal.statement.prepared import long_page
from quittance.receivables.statement import Statement
from quittance.ui.errors import NO_DOCUMENT, error_page
from quittance.ui.files import csv_answer, pdf_answer, xlsx_answer
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page
from quittance.ui.print.draw import draw_pdf


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def statement(request: BuyerRequest) -> HttpResponse:
    """What came and went in a period, with the balance after each entry."""
    day = today(request.account.zone)
    wish = read_wish(request.GET, day)
    if not (wish.fingerprint or "here" in request.GET) and is_long(request.account, wish):
        return long_page(request, wish, day)
    found = drawn(request.account, wish)
    return page(
        request, "portal/statement/statement.html", nav="statement", accounts=request.accounts,
        account=request.account, freshness=request.account,
        **statement_context(wish, found, today=day),
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def statement_pdf(request: BuyerRequest) -> HttpResponseBase:
    """The same as a PDF: on one day the same entries make the same bytes."""

    def answer(found: Statement) -> HttpResponseBase:
        site, locale = request.get_host(), locale_for(request)
        data = pdf_data(found, look=request.look, locale=locale, site=site)
        return pdf_answer(draw_pdf("statement", data), name=name_of(found))

    return _file(request, answer)


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def statement_csv(request: BuyerRequest) -> HttpResponseBase:
    """The same as a table."""
    return _file(request, lambda found: csv_answer(csv_of(found), name=name_of(found)))


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def statement_xlsx(request: BuyerRequest) -> HttpResponseBase:
    """The same as an Excel workbook."""
    return _file(request, lambda found: xlsx_answer(xlsx_of(found), name=name_of(found)))


def _file(
    request: BuyerRequest, answer: Callable[[Statement], HttpResponseBase]
) -> HttpResponseBase:
    """Answer with a file; while the ledger does not answer there is none.

    One of a long period is made by a worker: the statement's page leads to it.
    """
    wish = read_wish(request.GET, today(request.account.zone))
    if is_long(request.account, wish):
        query = query_of(wish.since, wish.until, wish.currency)
        return hx_redirect(request, f"{reverse('portal:statement')}?{query}")
    found = drawn(request.account, wish)
    if not found.answers:
        return error_page(request, 503, words=NO_DOCUMENT)
    return answer(found.statement)


def name_of(found: Statement) -> str:
    """Return what its file is called."""
    return f"statement-{found.account_number}-{found.currency}-{found.until}"
