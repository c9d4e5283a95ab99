"""What the templates of orders name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext

from quittance.core.money import total
from quittance.erp.documents import OrderRecord
from quittance.portal.access import Account
from quittance.portal.invoices.detail import order_address, price
from quittance.portal.invoices.rows import found_of, row_of
from quittance.portal.invoices.table import Tab, tabs_of
from quittance.receivables.models import Invoice
from quittance.receivables.orders import MOST, InvoicedOrder, OrderShown, OrdersShown, Told

PAGE: Final = 50
INVOICED: Final = "invoiced"
_TABS: Final = {"open": noop("Open"), "shipped": noop("Shipped"), INVOICED: noop("Invoiced")}


# Why there are no lines; where the ERP keeps the order there are.
_WHY: Final = {
    Told.CHANGING: noop(
        "The seller has opened this order again to change it. Its lines are shown when it is"
        " confirmed again."
    ),
    Told.GONE: noop(
        "The accounting system keeps this order no longer: it is wholly invoiced, or the seller has"
        " closed it. What was invoiced stands on its invoices."
    ),
    Told.NOTHING: noop(
        "The accounting system does not show us this order, so we cannot tell how far it is. What"
        " was invoiced stands on its invoices."
    ),
}


def tab_of(text: str) -> str:
    """Return the tab that an address names."""
    return text if text in _TABS else "open"


def tabs(current: str) -> list[Tab]:
    """Return all tabs."""
    return tabs_of(reverse("portal:orders"), _TABS, current)


def kept_context(
    found: OrdersShown | None, tab: str, *, account: Account, answers: bool
) -> dict[str, Any]:
    """Return the orders that the ERP keeps: shipped wholly, or not yet."""
    orders = found.orders if found else ()
    wanted = [each for each in orders if each.is_shipped == (tab == "shipped")]
    shown = ngettext("%(n)s order", "%(n)s orders", len(wanted)) % {"n": len(wanted)}
    cut = found is not None and not found.complete
    if cut:
        shown = _("Of the newest %(most)s orders: %(shown)s") % {"most": MOST, "shown": shown}
    in_part = found.shipped_in_part if found else frozenset()
    return {
        "rows": [
            _kept_row(each, account=account, in_part=each.number in in_part) for each in wanted
        ],
        "answers": answers,
        "shows": found is not None or not answers,
        "codes": len({each.total.currency for each in wanted}) > 1,
        "shown": shown,
        "cut": cut,
        "newer": "",
        "older": "",
    }


def invoiced_context(
    found: Sequence[InvoicedOrder], *, account: Account, below: str
) -> dict[str, Any]:
    """Return one page of the orders that invoices name."""
    path, rows = reverse("portal:orders"), found[:PAGE]
    further = {"tab": INVOICED, "below": rows[-1].number} if len(found) > PAGE else {}
    return {
        "rows": [_invoiced_row(each, account) for each in rows],
        "cut": False,
        "answers": True,
        "shows": True,
        "codes": False,
        "shown": ngettext("%(n)s order", "%(n)s orders", len(rows)) % {"n": len(rows)},
        "newer": f"{path}?tab={INVOICED}" if below else "",
        "older": f"{path}?{urlencode(further)}" if further else "",
    }


def order_context(
    number: str,
    shown: OrderShown | None,
    invoices: Sequence[Invoice],
    *,
    account: Account,
    today: date,
    locale: str,
) -> dict[str, Any]:
    """Return what ``portal/orders/order.html`` names, without the frame.

    ``shown`` is ``None`` while the ERP does not answer.
    """
    order = shown.order if shown else None
    rows = [
        row_of(found_of(each, 0), account=account, today=today, locale=locale) for each in invoices
    ]
    currency, totals = order.total.currency if order else "", [each.total for each in rows]
    return {
        "number": number,
        "order": order,
        "answers": shown is not None,
        "gone": _(_WHY[shown.told]) if shown and shown.told in _WHY else "",
        "state": _state(order, shown, invoices),
        "purchase_order": order.purchase_order if order else _purchase_order(invoices),
        "lines": [
            {
                "description": each.description, "item_number": each.item_number,
                "quantity": each.quantity, "unit": each.unit, "amount": each.amount,
                "unit_price": price(each.unit_price, each.amount.currency),
            }
            for each in (shown.lines if shown else ())
        ],
        "shipments": shown.shipments if shown else (),
        "no_shipments": _no_shipments(shown) if shown else "",
        "invoices": rows,
        "no_invoices": _("Nothing of it is invoiced yet.") if order else _("No invoice names it."),
        "invoiced": total((each for each in totals if each.currency == currency), currency),
    }  # fmt: skip


def _state(order: OrderRecord | None, shown: OrderShown | None, invoices: Sequence[Invoice]) -> str:
    """Return a key of ui/statuses.py; "" when nobody can tell now."""
    if order:
        part = "part_shipped" if shown and shown.shipments else "ordered"
        return "shipped" if order.is_shipped else part
    return "invoiced" if shown and shown.told is Told.GONE and invoices else ""


def _no_shipments(shown: OrderShown) -> str:
    """Say of an order without shipments what is surely so."""
    if shown.told is Told.NOTHING and not shown.all_shipments:
        return _("The accounting system shows us no shipment of it.")
    if not shown.all_shipments:
        return _("None of the newest %(most)s shipments is of this order.") % {"most": MOST}
    if shown.order:
        return _("Nothing of it is shipped yet.")
    return _("The accounting system has no shipment of it.")


def _purchase_order(invoices: Sequence[Invoice]) -> str:
    return next((each.purchase_order for each in invoices if each.purchase_order), "")


def _kept_row(order: OrderRecord, *, account: Account, in_part: bool) -> dict[str, Any]:
    part = "part_shipped" if in_part else "ordered"
    return {
        "address": order_address(order.number, account.id),
        "number": order.number,
        "purchase_order": order.purchase_order,
        "day": order.ordered_date,
        "wanted": order.wanted_date,
        "status": "shipped" if order.is_shipped else part,
        "total": order.total,
    }


def _invoiced_row(order: InvoicedOrder, account: Account) -> dict[str, Any]:
    return {
        "address": order_address(order.number, account.id),
        "number": order.number,
        "purchase_order": order.purchase_order,
        "day": order.last_date,
        "wanted": None,
        "status": "invoiced",
        "total": ngettext("%(n)s invoice", "%(n)s invoices", order.invoices)
        % {"n": order.invoices},
    }
