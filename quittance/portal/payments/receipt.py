"""What a receipt says; the page and the PDF take it from here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.branding.look import Look
from quittance.core.money import Money
from quittance.payments.models import Allocation, Payment
from quittance.portal.checkout.methods import method_of
from quittance.portal.payments.back import facts_of
from quittance.portal.payments.records import Whole
from quittance.posting.models import ErpPosting
from quittance.ui.amounts import format_money
from quittance.ui.days import day_of, format_clock, format_long_day
from quittance.ui.print.draw import house_of

_IN_THE_BOOKS = frozenset(
    {ErpPosting.Status.POSTED, ErpPosting.Status.CONFIRMED, ErpPosting.Status.HANDLED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One part of a payment; all rows together add up to what was paid."""

    name: str
    detail: str = ""
    left: Money | None = None  # of an invoice: what stays open
    amount: Money
    invoice_id: UUID | None = None


def rows_of(whole: Whole) -> list[Row]:
    """Return the invoices with what is settled of them, then what was not paid in money.

    A reader who may act for some of the accounts only sees the invoices of the others as one sum.
    """
    payment, currency = whole.payment, whole.payment.currency
    shown = [each for each in whole.allocations if _counts(each, payment)]
    rows = [_of_invoice(each) for each in shown]
    rows += [_of_discount(each) for each in shown if each.discount_minor]
    rows += _of_credits(whole)
    hidden = payment.amount_minor - payment.fee_minor - payment.on_account_minor
    hidden -= sum(each.amount_minor for each in shown)
    if hidden:
        rows.append(Row(name=_("Invoices of other accounts"), amount=Money(hidden, currency)))
    if payment.on_account_minor:
        on_account = Money(payment.on_account_minor, currency)
        rows.append(Row(name=_("On your account, for later"), amount=on_account))
    if payment.fee_minor:
        fee = Money(payment.fee_minor, currency)
        rows.append(Row(name=_("Fee"), detail=method_of(payment.method).title, amount=fee))
    return rows


def notes_of(whole: Whole, locale: str) -> list[str]:
    """Return a sentence for each discount that was taken off and that the ERP did not grant."""
    words = _(
        "The early-payment discount on %(number)s was not granted, because the money arrived after"
        " its last day. %(owed)s of it is still to be paid."
    )
    return [
        words % {"number": each.invoice.number, "owed": format_money(left_to_pay(each), locale)}
        for each in whole.allocations
        if each.discount_missed and _counts(each, whole.payment)
    ]


def left_to_pay(allocation: Allocation) -> Money:
    """Return what stays open: the ERP's own word once it shows the payment, else our reckoning."""
    if allocation.open_after_minor is not None:
        return Money(allocation.open_after_minor, allocation.currency)
    before = allocation.open_seen_minor - allocation.in_flight_seen_minor
    return Money(before - allocation.settles_minor, allocation.currency)


def document_numbers(postings: Iterable[ErpPosting]) -> str:
    """Return the ERP's document numbers of what it has in its books."""
    numbers = [each.document_number for each in postings if each.status in _IN_THE_BOOKS]
    return ", ".join(dict.fromkeys(numbers))


def receipt_data(
    whole: Whole,
    *,
    look: Look,
    paid_by: str,
    locale: str,
    zone: str,
    site: str,
    with_orders: bool = True,
) -> dict[str, Any]:
    """Return the words of the PDF: plain text only. Source: features.md, 5.11.

    ``with_orders``: beside each invoice stands the customer's own purchase order.
    """
    payment = whole.payment
    at = payment.succeeded_at or payment.created_at
    when = _("%(day)s at %(clock)s, %(zone)s") % {
        "day": format_long_day(day_of(at, zone), locale),
        "clock": format_clock(at, locale, zone),
        "zone": zone,
    }
    document = document_numbers(whole.postings) or _("being posted; named here once it is")
    facts = [
        (_("Receipt"), payment.number),
        (_("Type"), _("Payment of invoices")),
        (_("Date"), when),
        (_("Paid by"), paid_by),
        (_("Method"), payment.method_label or method_of(payment.method).title),
        (_("Seller’s document"), document),
        *facts_of(whole.reversals, locale=locale, zone=zone),
    ]
    return {
        **house_of(look, site=site),
        "title": _("Receipt"),
        "amount": format_money(payment.amount, locale),
        "currency": payment.currency,
        "facts": facts,
        "heads": [_("Invoice"), _("Your PO") if with_orders else "", _("Left to pay"), _("Paid")],
        "lines": [
            [
                each.name, each.detail if with_orders else "",
                format_money(each.left, locale) if each.left else "",
                format_money(each.amount, locale),
            ]
            for each in rows_of(whole)
        ],
        "total": [_("Total"), format_money(payment.amount, locale)],
        "note": " ".join([*notes_of(whole, locale), _note(payment)]),
    }  # fmt: skip


def _counts(allocation: Allocation, payment: Payment) -> bool:
    """What was released after the money came pays no invoice; before, it is what was wanted."""
    released = allocation.status == Allocation.Status.RELEASED
    return not (released and payment.status == Payment.Status.SUCCEEDED)


def _of_invoice(allocation: Allocation) -> Row:
    return Row(
        name=allocation.invoice.number,
        detail=allocation.invoice.purchase_order,
        left=left_to_pay(allocation),
        amount=Money(allocation.settles_minor, allocation.currency),
        invoice_id=allocation.invoice_id,
    )


def _of_discount(allocation: Allocation) -> Row:
    discount = Money(-allocation.discount_minor, allocation.currency)
    return Row(name=_("Early-payment discount"), detail=allocation.invoice.number, amount=discount)


def _of_credits(whole: Whole) -> Sequence[Row]:
    """One row for each credit, whatever invoices it pays."""
    counted = {each.invoice_id for each in whole.allocations if _counts(each, whole.payment)}
    sums: dict[str, int] = {}
    for use in whole.uses:
        if use.invoice_id in counted:
            sums[use.credit.number] = sums.get(use.credit.number, 0) + use.amount_minor
    return [
        Row(
            name=_("Credit %(number)s") % {"number": number},
            amount=Money(-minor, whole.payment.currency),
        )
        for number, minor in sums.items()
    ]


def _note(payment: Payment) -> str:
    if payment.method == "bank_debit":
        return _(
            "A bank debit can be returned by the bank. If that happens, the invoices open again."
        )
    if payment.fee_minor:
        return _("The fee pays for this way to pay. It is not applied to any invoice.")
    return _("No fee or surcharge was charged.")
