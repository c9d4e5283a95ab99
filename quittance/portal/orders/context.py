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
from quittance.portal.invoices.detail import price
from quittance.portal.invoices.rows import found_of, row_of
from quittance.portal.invoices.table import Tab
from quittance.receivables.models import Invoice
from quittance.receivables.orders import MOST, InvoicedOrder, OrderShown

PAGE: Final = 50
INVOICED: Final = "invoiced"
_TABS: Final = {"open": noop("Open"), "shipped": noop("Shipped"), INVOICED: noop("Invoiced")}


def tab_of(text: str) -> str:
    """Return the tab that an address names."""
    return text if text in _TABS else "open"


def tabs(current: str) -> list[Tab]:
    """Return all tabs."""
    path = reverse("portal:orders")
    return [
        Tab(_(word), f"{path}?tab={key}", key == current, None, False)
        for key, word in _TABS.items()
    ]


def kept_context(found: list[OrderRecord] | None, tab: str, *, answers: bool) -> dict[str, Any]:
    """Return the orders that the ERP keeps: shipped wholly, or not yet."""
    wanted = [each for each in found or () if each.is_shipped == (tab == "shipped")]
    shown = ngettext("%(n)s order", "%(n)s orders", len(wanted)) % {"n": len(wanted)}
    if found is not None and len(found) >= MOST:
        shown = _("Of the newest %(most)s orders: %(shown)s") % {"most": MOST, "shown": shown}
    return {
        "rows": [_kept_row(each) for each in wanted],
        "answers": answers,
        "shows": found is not None or not answers,
        "codes": len({each.total.currency for each in wanted}) > 1,
        "shown": shown,
        "newer": "",
        "older": "",
    }


def invoiced_context(found: Sequence[InvoicedOrder], *, below: str) -> dict[str, Any]:
    """Return one page of the orders that invoices name."""
    path, rows = reverse("portal:orders"), found[:PAGE]
    further = {"tab": INVOICED, "below": rows[-1].number} if len(found) > PAGE else {}
    return {
        "rows": [_invoiced_row(each) for each in rows],
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
        "invoices": rows,
        "invoiced": total((each for each in totals if each.currency == currency), currency),
    }  # fmt: skip


def _state(order: OrderRecord | None, shown: OrderShown | None, invoices: Sequence[Invoice]) -> str:
    """Return a key of ui/statuses.py; "" when nobody can tell now."""
    if order:
        part = "part_shipped" if shown and shown.shipments else "ordered"
        return "shipped" if order.is_shipped else part
    if shown and invoices:
        return "invoiced"
    return "shipped" if shown and shown.shipments else ""


def _purchase_order(invoices: Sequence[Invoice]) -> str:
    return next((each.purchase_order for each in invoices if each.purchase_order), "")


def _address(number: str) -> str:
    return reverse("portal:order", kwargs={"number": number})


def _kept_row(order: OrderRecord) -> dict[str, Any]:
    return {
        "address": _address(order.number),
        "number": order.number,
        "purchase_order": order.purchase_order,
        "day": order.ordered_date,
        "wanted": order.wanted_date,
        "status": "shipped" if order.is_shipped else "ordered",
        "total": order.total,
    }


def _invoiced_row(order: InvoicedOrder) -> dict[str, Any]:
    return {
        "address": _address(order.number),
        "number": order.number,
        "purchase_order": order.purchase_order,
        "day": order.last_date,
        "wanted": None,
        "status": "invoiced",
        "total": ngettext("%(n)s invoice", "%(n)s invoices", order.invoices)
        % {"n": order.invoices},
    }
