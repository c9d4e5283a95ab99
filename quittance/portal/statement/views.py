"""The buyer's statement: on a page, as a PDF, as a table."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from quittance.core.clock import today
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.statement.asked import Drawn, drawn, read_wish
from quittance.portal.statement.context import pdf_data, statement_context
from quittance.portal.statement.table import csv_of, xlsx_of
from quittance.receivables.statement import Statement
from quittance.ui.errors import NO_DOCUMENT, error_page
from quittance.ui.files import csv_answer, pdf_answer, xlsx_answer
from quittance.ui.pages import locale_for, page
from quittance.ui.print.draw import draw_pdf


@require_GET
@for_buyer
def statement(request: BuyerRequest) -> HttpResponse:
    """What came and went in a period, with the balance after each entry."""
    day = today(request.account.zone)
    wish = read_wish(request.GET, day)
    found = drawn(request.account, wish)
    return page(
        request, "portal/statement/statement.html", nav="statement", accounts=request.accounts,
        account=request.account, freshness=request.account,
        **statement_context(wish, found, today=day),
    )  # fmt: skip


@require_GET
@for_buyer
def statement_pdf(request: BuyerRequest) -> HttpResponse:
    """The same as a PDF: the same entries make the same bytes."""
    found = _drawn(request)
    if not found.answers:
        return error_page(request, 503, words=NO_DOCUMENT)
    data = pdf_data(
        found.statement, look=request.look, locale=locale_for(request), site=request.get_host()
    )
    return pdf_answer(draw_pdf("statement", data), name=_name(found.statement))


@require_GET
@for_buyer
def statement_csv(request: BuyerRequest) -> HttpResponseBase:
    """The same as a table."""
    found = _drawn(request)
    if not found.answers:
        return error_page(request, 503, words=NO_DOCUMENT)
    return csv_answer(csv_of(found.statement), name=_name(found.statement))


@require_GET
@for_buyer
def statement_xlsx(request: BuyerRequest) -> HttpResponseBase:
    """The same as an Excel workbook."""
    found = _drawn(request)
    if not found.answers:
        return error_page(request, 503, words=NO_DOCUMENT)
    return xlsx_answer(xlsx_of(found.statement), name=_name(found.statement))


def _drawn(request: BuyerRequest) -> Drawn:
    return drawn(request.account, read_wish(request.GET, today(request.account.zone)))


def _name(found: Statement) -> str:
    return f"statement-{found.account_number}-{found.currency}-{found.until}"
