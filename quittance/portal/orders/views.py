"""The buyer's orders: the list, and one with its lines, shipments and invoices."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET

from quittance.core.clock import today
from quittance.core.errors import OutsideError
from quittance.identity.permissions import BuyerPermission
from quittance.portal.access import Account, BuyerRequest, for_buyer
from quittance.portal.brake import asks_the_erp
from quittance.portal.orders import context as words
from quittance.receivables.orders import (
    OrderShown,
    invoiced_orders,
    invoices_of_order,
    order_of,
    orders_of,
)
from quittance.tenancy.rows import reading
from quittance.ui.errors import Words, error_page
from quittance.ui.pages import locale_for, page

_NOT_NOW = Words(
    noop("The order cannot be shown just now"),
    noop("The accounting system that keeps it does not answer. You can still see and pay."),
    noop("Try again in a minute."),
)


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def orders(request: BuyerRequest) -> HttpResponse:
    """The account's orders: what the ERP still keeps, or what invoices of the mirror name."""
    tab = words.tab_of(request.GET.get("tab", ""))
    list_of = _invoiced if tab == words.INVOICED else _kept
    return page(
        request, "portal/orders/list.html", nav="orders", tab=tab, tabs=words.tabs(tab),
        accounts=request.accounts, account=request.account, freshness=request.account,
        **list_of(request, tab),
    )  # fmt: skip


@require_GET
@for_buyer(BuyerPermission.SEE)
@asks_the_erp
def order(request: BuyerRequest, number: str) -> HttpResponse:
    """One order by its number; foreign ones and those that never were are not found."""
    number, account = number.replace("\0", "")[:40], _account(request)
    with reading():
        invoices = invoices_of_order(account.id, number)
    shown = _shown(account, number)
    if shown is None and not invoices:
        return error_page(request, 503, words=_NOT_NOW)
    if shown and not invoices and shown.order is None and not shown.shipments:
        raise Http404
    context = words.order_context(
        number, shown, invoices, account=account, today=today(account.zone),
        locale=locale_for(request),
    )  # fmt: skip
    return page(
        request, "portal/orders/order.html", nav="orders", accounts=request.accounts,
        account=request.account, freshness=account, **context,
    )  # fmt: skip


def _kept(request: BuyerRequest, tab: str) -> dict[str, Any]:
    account = request.account
    try:
        found = orders_of(account.legal_entity_id, account.erp_id)
    except OutsideError:
        return words.kept_context(None, tab, account=account, answers=False)
    return words.kept_context(found, tab, account=account, answers=True)


def _invoiced(request: BuyerRequest, _tab: str) -> dict[str, Any]:
    below = request.GET.get("below", "").replace("\0", "")[:40]
    with reading():
        found = invoiced_orders(request.account.id, below=below, most=words.PAGE + 1)
    return words.invoiced_context(found, account=request.account, below=below)


def _account(request: BuyerRequest) -> Account:
    """Return the account that the address names, else the chosen one. Raises ``Http404``."""
    wanted = request.GET.get("account", "")
    if not wanted:
        return request.account
    for each in request.accounts:
        if str(each.id) == wanted:
            return each
    raise Http404


def _shown(account: Account, number: str) -> OrderShown | None:
    try:
        return order_of(account.legal_entity_id, account.erp_id, number)
    except OutsideError:
        return None
