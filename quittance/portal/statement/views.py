"""The buyer's statement: on a page, as a PDF, as a table."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from quittance.core.clock import today
from quittance.identity.permissions import BuyerPermission
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.brake import asks_the_erp
from quittance.portal.statement.asked import drawn, read_wish
from quittance.portal.statement.context import pdf_data, statement_context
from quittance.portal.statement.table import csv_of, xlsx_of
from quittance.receivables.statement import Statement
from quittance.ui.errors import NO_DOCUMENT, error_page
from quittance.ui.files import csv_answer, pdf_answer, xlsx_answer
from quittance.ui.pages import locale_for, page
from quittance.ui.print.draw import draw_pdf


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
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
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def statement_pdf(request: BuyerRequest) -> HttpResponseBase:
    """The same as a PDF: on one day the same entries make the same bytes."""

    def answer(found: Statement) -> HttpResponseBase:
        site, locale = request.get_host(), locale_for(request)
        data = pdf_data(found, look=request.look, locale=locale, site=site)
        return pdf_answer(draw_pdf("statement", data), name=_name(found))

    return _file(request, answer)


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def statement_csv(request: BuyerRequest) -> HttpResponseBase:
    """The same as a table."""
    return _file(request, lambda found: csv_answer(csv_of(found), name=_name(found)))


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def statement_xlsx(request: BuyerRequest) -> HttpResponseBase:
    """The same as an Excel workbook."""
    return _file(request, lambda found: xlsx_answer(xlsx_of(found), name=_name(found)))


def _file(
    request: BuyerRequest, answer: Callable[[Statement], HttpResponseBase]
) -> HttpResponseBase:
    """Answer with a file; while the ledger does not answer there is none."""
    found = drawn(request.account, read_wish(request.GET, today(request.account.zone)))
    if not found.answers:
        return error_page(request, 503, words=NO_DOCUMENT)
    return answer(found.statement)


def _name(found: Statement) -> str:
    return f"statement-{found.account_number}-{found.currency}-{found.until}"
