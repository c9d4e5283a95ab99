"""What the three steps show of a basket."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from quittance.core.currency import minor_unit_digits
from quittance.core.money import Money
from quittance.payments.contents import WITHOUT_MONEY, Contents, Item, Offer
from quittance.payments.models import BasketItem
from quittance.portal.access import BuyerRequest
from quittance.portal.checkout.forms import CreditLine, Form, Line
from quittance.portal.invoices.rows import found_of, status_of
from quittance.receivables.models import Credit
from quittance.ui.amounts import decimal_point, format_for_input, pattern
from quittance.ui.pages import locale_for


def shared_context(
    request: HttpRequest, contents: Contents, waiting: Contents | None, *, step: int
) -> dict[str, Any]:
    """Return what all three steps name; ``waiting`` is the basket that comes after this one."""
    return {
        "step": step,
        "basket_id": contents.basket.pk,
        "version": contents.basket.version,
        "pattern": pattern(contents.basket.currency, locale_for(request)),
        "errors": [],
        "waiting": waiting,
        "is_second": contents.basket.follows is not None,
        "without_money": contents.method == WITHOUT_MONEY,
        "several": len({item.account.pk for item in contents.items}) > 1,
        **sums(contents),
    }


def sums(contents: Contents) -> dict[str, Any]:
    """Return the lines of the summary; all of them add up to the total."""
    return {
        "settled": contents.settled,
        "discount": contents.discount,
        "credit": contents.credit,
        "fee": contents.fee,
        "total": contents.total,
        "count": len(contents.items),
    }


def amounts_context(
    request: BuyerRequest,
    contents: Contents,
    waiting: Contents | None,
    form: Form,
    *,
    today: date,
) -> dict[str, Any]:
    """Return what step 1 names; wrong lines come back as they were typed."""
    locale, currency = locale_for(request), contents.basket.currency
    typed = contents.with_wishes(*form.wishes)
    groups = groupby(form.lines, key=lambda line: line.item.account)
    silent = {each.id for each in request.accounts if not each.tells_credit}
    return shared_context(request, contents, waiting, step=1) | {
        "groups": [
            {
                "id": account.pk,
                "name": account.name,
                "number": account.number,
                "lines": [_line(line, today, locale) for line in of_account],
                "tells_credit": account.pk not in silent,
                "credits": [
                    _credit(each, locale)
                    for each in form.credits
                    if each.offer.found.credit.customer_account_id == account.pk
                ],
            }
            for account, of_account in groups
        ],
        **sums(typed),
        "total": typed.money,  # a fee is known with the way to pay only
        "digits": minor_unit_digits(currency),
        "point": decimal_point(locale),
        "reasons": reasons(),
        "errors": _errors(form),
    }


def _errors(form: Form) -> list[tuple[str, str]]:
    return [
        (f"amount-{line.item.invoice.pk}", f"{line.item.invoice.number}: {line.error}")
        for line in form.lines
        if line.error
    ] + [
        (f"credit-{line.offer.found.credit.pk}", f"{_number(line.offer)}: {line.error}")
        for line in form.credits
        if line.error
    ]


def review_groups(contents: Contents) -> list[dict[str, Any]]:
    """Return the rows of step 3: for each account its invoices, then the credits it uses."""
    used = [offer for offer in contents.offers if offer.used.minor]
    return [
        {
            "name": account.name,
            "number": account.number,
            "lines": [_review_line(item) for item in items],
            "credits": [
                {"number": _number(offer), "used": offer.used, "left": offer.free - offer.used}
                for offer in used
                if offer.found.credit.customer_account_id == account.pk
            ],
        }
        for account, items in groupby(contents.items, key=lambda item: item.account)
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


def _review_line(item: Item) -> dict[str, Any]:
    currency = item.amount.currency
    return {
        "number": item.invoice.number,
        "purchase_order": item.invoice.purchase_order,
        "due": item.invoice.due_date,
        "amount": item.money + Money(item.part.credit_minor, currency),
        "left": item.invoice.open_amount - item.settles,
        "discount": Money(item.part.discount_minor, currency),
        "kept_back": Money(item.part.kept_back_minor, currency),
        "until": item.discount.until if item.discount else None,
    }


def _line(line: Line, today: date, locale: str) -> dict[str, Any]:
    item = line.item
    invoice, free = item.invoice, item.free
    in_flight = Money(invoice.open_minor - free.minor, free.currency)
    return {
        "id": invoice.pk,
        "number": invoice.number,
        "address": reverse("portal:invoice", kwargs={"invoice_id": invoice.pk}),
        "status": status_of(found_of(invoice, in_flight.minor, item.disputed.minor), today=today),
        "disputed": item.disputed,
        "open": invoice.open_amount,
        "free": free,
        "due": invoice.due_date,
        "typed": line.typed,
        "most": format_for_input(free, locale),
        "dropped": line.dropped,
        "reason": line.reason or BasketItem.Reason.IN_PARTS.value,
        "error": line.error,
        "partial": _is_partial(line),
        **_discount(item),
    }


def _discount(item: Item) -> dict[str, Any]:
    """Return what a row says of its discount; "off" counts for the running total."""
    if item.discount is None:
        return {"off": Money(0, item.amount.currency), "until": None, "sure": False}
    return {
        "off": Money(item.discount.minor, item.amount.currency),
        "until": item.discount.until,
        "sure": item.discount.is_sure,
    }


def _is_partial(line: Line) -> bool:
    """Whether to ask why it is less; who pays what a discount leaves pays in full."""
    off = line.item.discount.minor if line.item.discount else 0
    return line.amount is not None and line.amount.minor < line.item.invoice.open_minor - off


def _credit(line: CreditLine, locale: str) -> dict[str, Any]:
    credit = line.offer.found.credit
    return {
        "id": credit.pk,
        "number": credit.number,
        "what": _("Credit note")
        if credit.kind == Credit.Kind.CREDIT_NOTE
        else _("Payment that pays no invoice yet"),
        "issued": credit.issued_date,
        "free": line.offer.free,
        "most": format_for_input(line.offer.free, locale),
        "typed": line.typed,
        "ticked": line.ticked,
        "error": line.error,
    }


def _number(offer: Offer) -> str:
    return offer.found.credit.number
