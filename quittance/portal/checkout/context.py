"""What the three steps show of a basket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from quittance.core.currency import minor_unit_digits
from quittance.core.money import Money, total
from quittance.payments.baskets import Contents, Item
from quittance.payments.models import BasketItem
from quittance.portal.checkout.forms import Line
from quittance.portal.invoices.rows import found_of, status_of
from quittance.ui.amounts import decimal_point, format_for_input, pattern
from quittance.ui.pages import locale_for


def shared_context(request: HttpRequest, contents: Contents, *, step: int) -> dict[str, Any]:
    """Return what all three steps name."""
    return {
        "step": step,
        "basket_id": contents.basket.pk,
        "version": contents.basket.version,
        "total": contents.total,
        "count": len(contents.items),
        "pattern": pattern(contents.basket.currency, locale_for(request)),
        "errors": [],
    }


def amounts_context(
    request: HttpRequest, contents: Contents, lines: Sequence[Line], *, today: date
) -> dict[str, Any]:
    """Return what step 1 names; wrong lines come back as they were typed."""
    locale, currency = locale_for(request), contents.basket.currency
    right = [line.amount for line in lines if line.amount and not line.dropped]
    return shared_context(request, contents, step=1) | {
        "lines": [_line(line, today, locale) for line in lines],
        "total": total(right, currency),
        "count": len(right),
        "digits": minor_unit_digits(currency),
        "point": decimal_point(locale),
        "reasons": reasons(),
        "errors": [
            (f"amount-{line.item.invoice.pk}", f"{line.item.invoice.number}: {line.error}")
            for line in lines
            if line.error
        ],
    }


def review_lines(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Return the rows of step 3."""
    return [
        {
            "number": item.invoice.number,
            "purchase_order": item.invoice.purchase_order,
            "due": item.invoice.due_date,
            "amount": item.amount,
            "left": item.invoice.open_amount - item.amount,
        }
        for item in items
    ]


def reasons() -> list[tuple[str, str]]:
    """Return why somebody may pay less than the balance."""
    words = {
        BasketItem.Reason.IN_PARTS: _("Paying in parts"),
        BasketItem.Reason.SHORT_SHIPMENT: _("Short shipment"),
        BasketItem.Reason.PRICE: _("Wrong price"),
        BasketItem.Reason.DAMAGED: _("Damaged goods"),
        BasketItem.Reason.OTHER: _("Another reason"),
    }
    return [(key.value, word) for key, word in words.items()]


def _line(line: Line, today: date, locale: str) -> dict[str, Any]:
    item = line.item
    invoice, free = item.invoice, item.free
    in_flight = Money(invoice.open_minor - free.minor, free.currency)
    return {
        "id": invoice.pk,
        "number": invoice.number,
        "address": reverse("portal:invoice", kwargs={"invoice_id": invoice.pk}),
        "status": status_of(found_of(invoice, in_flight.minor), today=today),
        "open": invoice.open_amount,
        "free": free,
        "due": invoice.due_date,
        "typed": line.typed,
        "most": format_for_input(free, locale),
        "dropped": line.dropped,
        "reason": line.reason or BasketItem.Reason.IN_PARTS.value,
        "error": line.error,
        "partial": line.amount is not None and line.amount.minor < invoice.open_minor,
    }
