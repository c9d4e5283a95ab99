"""What a receipt says; the page and the PDF take it from here."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from quittance.branding.look import Look
from quittance.core.money import Money
from quittance.payments.models import Allocation
from quittance.portal.payments.records import Whole
from quittance.posting.models import ErpPosting
from quittance.ui.amounts import format_money
from quittance.ui.days import day_of, format_clock, format_long_day

_IN_THE_BOOKS = frozenset({ErpPosting.Status.POSTED, ErpPosting.Status.CONFIRMED})


def left_to_pay(allocation: Allocation) -> Money:
    """Return what stays open: the ERP's own word once it shows the payment, else our reckoning."""
    if allocation.open_after_minor is not None:
        return Money(allocation.open_after_minor, allocation.currency)
    before = allocation.open_seen_minor - allocation.in_flight_seen_minor
    return Money(before - allocation.amount_minor, allocation.currency)


def document_number(posting: ErpPosting | None) -> str:
    """Return the ERP's document number, once the ERP has it."""
    return posting.document_number if posting and posting.status in _IN_THE_BOOKS else ""


def receipt_data(
    whole: Whole, *, look: Look, paid_by: str, locale: str, zone: str, site: str
) -> dict[str, Any]:
    """Return the words of the PDF: plain text only. Source: features.md, 5.11."""
    payment, account = whole.payment, whole.payment.customer_account
    at = payment.succeeded_at or payment.created_at
    when = _("%(day)s at %(clock)s, %(zone)s") % {
        "day": format_long_day(day_of(at, zone), locale),
        "clock": format_clock(at, locale, zone),
        "zone": zone,
    }
    document = document_number(whole.posting) or _("being posted; named here once it is")
    facts = [
        (_("Receipt"), payment.number),
        (_("Type"), _("Payment of invoices")),
        (_("Date"), when),
        (_("Paid by"), f"{paid_by}, {account.name} ({account.number})"),
        (_("Method"), payment.method_label or payment.method),
        (_("Seller’s document"), document),
    ]
    return {
        "seller": look.name,
        "address": look.postal_address,
        "contact": " · ".join(
            each for each in (look.contact_email, look.contact_phone, site) if each
        ),
        "accent": look.accent,
        "title": _("Receipt"),
        "amount": format_money(payment.amount, locale),
        "currency": payment.currency,
        "facts": facts,
        "heads": [_("Invoice"), _("Your PO"), _("Left to pay"), _("Paid")],
        "lines": [
            [
                each.invoice.number, each.invoice.purchase_order,
                format_money(left_to_pay(each), locale), format_money(each.amount, locale),
            ]
            for each in whole.allocations
        ],
        "total": [_("Total"), format_money(payment.amount, locale)],
        "note": _note(payment.method),
    }  # fmt: skip


def _note(method: str) -> str:
    if method == "bank_debit":
        return _(
            "A bank debit can be returned by the bank. If that happens, the invoices open again."
        )
    return _("No fee or surcharge was charged.")
