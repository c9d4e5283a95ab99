"""A statement over years: a worker makes its file while the buyer goes on."""

from __future__ import annotations

import io
from datetime import date
from typing import Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_POST

from quittance.core.clock import today
from quittance.exports.ask_statement import (
    Order,
    Prepared,
    ask_for_statement,
    content_of,
    note_statement_seen,
    read_statement,
    try_statement_again,
)
from quittance.exports.models import StatementFile
from quittance.identity.permissions import BuyerPermission
from quittance.portal.access import BuyerRequest, for_buyer
from quittance.portal.statement.asked import Wish, read_wish
from quittance.portal.statement.context import periods_of, query_of
from quittance.portal.statement.rows import FORMS, statement_address, statement_row
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading
from quittance.ui.errors import NOT_YET, error_page
from quittance.ui.files import csv_answer, pdf_answer, xlsx_answer
from quittance.ui.htmx import hx_redirect
from quittance.ui.pages import locale_for, page

_FAILURES: Final[dict[str, str]] = {
    StatementFile.Failure.UNAVAILABLE: noop(
        "The accounting system did not answer. Try again in a while."
    ),
    StatementFile.Failure.REFUSED: noop(
        "The accounting system does not let its ledger be read. Ask the seller for a statement."
    ),
    StatementFile.Failure.NO_LEDGER: noop(
        "The seller’s books show no ledger. The statement’s page says what is open."
    ),
    StatementFile.Failure.TOO_LONG: noop(
        "It has more lines than one PDF takes. Take it as CSV or Excel, or a shorter period."
    ),
}
_TO_BE_TRIED: Final = frozenset({StatementFile.Failure.UNAVAILABLE})


def long_page(request: BuyerRequest, wish: Wish, day: date) -> HttpResponse:
    """Offer to have it made, and ask nobody outside."""
    with reading():
        rows = Invoice.objects.filter(customer_account_id=request.account.id).order_by()
        known = sorted(rows.values_list("currency", flat=True).distinct())
    currency = wish.currency or request.account.pays_only or next(iter(known), "USD")
    query = query_of(wish.since, wish.until, currency)
    return page(
        request, "portal/statement/long.html", nav="statement", since=wish.since,
        until=wish.until, currency=currency, currencies=known, forms=FORMS,
        periods=periods_of(wish.since, wish.until, currency, day),
        here=f"{reverse('portal:statement')}?{query}&here=1", accounts=request.accounts,
        account=request.account, freshness=request.account,
    )  # fmt: skip


@require_POST
@for_buyer(BuyerPermission.SEE)
def prepare_statement(request: BuyerRequest) -> HttpResponse:
    """Have a statement made as a file, and lead to the page that follows it."""
    wish = read_wish(request.POST, today(request.account.zone))
    form = request.POST.get("form", "")
    if form not in FORMS or not wish.currency:
        raise Http404
    order = Order(
        customer_account_id=request.account.id, form=form, since=wish.since, until=wish.until,
        currency=wish.currency, language=request.reader.language, locale=locale_for(request),
        site=request.get_host(),
    )  # fmt: skip
    made = ask_for_statement(order, user_id=request.person.pk)
    return hx_redirect(request, statement_address(made))


@require_GET
@for_buyer(BuyerPermission.SEE)
def statement_file(request: BuyerRequest, statement_id: UUID) -> HttpResponse:
    """One that was asked for: how far it is, or the way to take it away."""
    found = _found(statement_id)
    if found.is_over and not found.seen_at:
        note_statement_seen(found.id)
    return page(
        request, "portal/statement/prepared.html", nav="statement",
        file=statement_row(found, locale_for(request)), failure=_(_FAILURES.get(found.failure, "")),
        may_try=found.failure in _TO_BE_TRIED, accounts=request.accounts,
        account=request.account, freshness=request.account,
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.SEE)
def statement_download(request: BuyerRequest, statement_id: UUID) -> HttpResponseBase:
    """The file itself, for the person who asked for it."""
    found = _found(statement_id)
    if not found.is_here:
        return error_page(request, 409, words=NOT_YET)
    if not found.seen_at:
        note_statement_seen(found.id)
    name = f"statement-{found.currency}-{found.until}"
    content = content_of(found.id)
    if found.form == StatementFile.Form.PDF:
        return pdf_answer(content, name=name)
    answer = csv_answer if found.form == StatementFile.Form.CSV else xlsx_answer
    return answer(io.BytesIO(content), name=name)


@require_POST
@for_buyer(BuyerPermission.SEE)
def statement_again(request: BuyerRequest, statement_id: UUID) -> HttpResponse:
    """Ask once more for one that came to nothing."""
    if not try_statement_again(statement_id):
        raise Http404
    return hx_redirect(request, statement_address(statement_id))


def _found(statement_id: UUID) -> Prepared:
    found = read_statement(statement_id)
    if found is None:
        raise Http404
    return found
