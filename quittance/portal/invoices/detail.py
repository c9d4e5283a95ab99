"""One invoice with its history: what was paid, what is being paid, by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from quittance.core.currency import minor_unit_digits
from quittance.core.money import Money
from quittance.disputes.held import Held, held_by
from quittance.disputes.models import InvoiceDispute
from quittance.disputes.rules import word_of
from quittance.einvoices.offer import is_offered, with_offer
from quittance.payments.models import Allocation, Payment, Reversal
from quittance.payments.owed import ALIVE
from quittance.payments.payers import Reserved, UnderWay
from quittance.portal.access import Account
from quittance.portal.disputes.records import disputes_of
from quittance.portal.disputes.words import events_of, sentence_of
from quittance.portal.invoices.picks import suggested
from quittance.portal.invoices.rows import found_of, row_of
from quittance.portal.money_back import event_of
from quittance.portal.timeline import Event
from quittance.receivables.documents import kept_lines
from quittance.receivables.models import Invoice, InvoiceLine
from quittance.ui.amounts import format_money


class BeingPaid(NamedTuple):
    """A payment under way for this invoice; of one that began at an account of others nothing."""

    amount: Money
    number: str
    by: str
    address: str


class Read(NamedTuple):
    """An invoice with everything that is kept about it."""

    invoice: Invoice
    allocations: list[Allocation]  # of payments that the reader may see, with them, by their age
    reserved: Reserved  # what is under way, also of payments that began at others' accounts
    lines: list[InvoiceLine]  # none before the first look
    disputes: list[InvoiceDispute]
    held: Held | None


def read_invoice(invoice_id: UUID) -> Read | None:
    """Return an invoice that the scope may see and what pays it, in the caller's transaction.

    One question tells what there is about it; only that is asked for.
    """
    invoice = (
        with_offer(Invoice.objects.select_related("customer_account", "legal_entity"))
        .annotate(
            is_paid_by=Exists(Allocation.objects.filter(invoice=OuterRef("pk"))),
            was_disputed=Exists(InvoiceDispute.objects.filter(invoice=OuterRef("pk"))),
        )
        .filter(pk=invoice_id)
        .first()
    )
    if invoice is None:
        return None
    allocations, reserved = _paid_by(invoice) if invoice.is_paid_by else ([], [])
    disputes = disputes_of(invoice_id) if invoice.was_disputed else []
    held = held_by(disputes).get(invoice_id)
    return Read(invoice, allocations, reserved, kept_lines(invoice), disputes, held)


def _paid_by(invoice: Invoice) -> tuple[list[Allocation], Reserved]:
    """Read what pays an invoice once; a payment that began at an account of others is not seen."""
    every = list(Allocation.objects.filter(invoice=invoice).order_by("pk"))
    reversals = Prefetch("reversals", Reversal.objects.order_by("created_at"))
    payments = Payment.objects.prefetch_related(reversals).in_bulk(
        {each.payment_id for each in every}
    )
    seen = []
    for each in every:
        if each.payment_id in payments:
            each.payment = payments[each.payment_id]
            seen.append(each)
    alive = [each for each in every if each.status in ALIVE]
    return (
        sorted(seen, key=lambda each: each.payment.created_at),
        [(each, payments.get(each.payment_id)) for each in alive],
    )


def invoice_context(
    read: Read,
    lines: list[InvoiceLine] | None,
    *,
    account: Account,
    being_paid: Sequence[UnderWay],
    person_id: UUID,
    today: date,
    locale: str,
    seller: str,
) -> dict[str, Any]:
    """Return what ``portal/invoices/invoice.html`` names, without the frame."""
    invoice, allocations, disputes = read.invoice, read.allocations, read.disputes
    in_flight_minor = sum(each.amount.minor for each in being_paid)
    living = next((each for each in disputes if each.is_alive), None)
    disputed = min(living.held_minor, invoice.open_minor) if living else 0
    found = found_of(invoice, in_flight_minor, disputed)
    row = row_of(found, account=account, today=today, locale=locale)
    return {
        "invoice": row,
        "free": row.free,
        "to_pay": suggested(row.free, read.held),
        "lines": None if lines is None else [_line(line, invoice) for line in lines],
        "net": Money(invoice.total_minor - invoice.tax_minor, invoice.currency),
        "tax": Money(invoice.tax_minor, invoice.currency),
        "paid_so_far": invoice.total - invoice.open_amount,
        "why": _why(invoice, allocations),
        "read_at": invoice.synced_at,
        "discount": _discount(invoice, row.free, today),
        "being_paid": [_being_paid(each, person_id) for each in being_paid],
        "details": _details(invoice),
        "has_e_invoice": is_offered(invoice),
        "dispute": _dispute(living, seller) if living else None,
        "may_dispute": living is None and found.open_minor > 0,
        "history": _history(invoice, allocations, disputes, seller, locale),
    }


def _line(line: InvoiceLine, invoice: Invoice) -> dict[str, Any]:
    return {
        "description": line.description,
        "item_number": line.item_number,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": price(line.unit_price, invoice.currency),
        "amount": Money(line.amount_minor, invoice.currency),
    }


def price(text: str, currency: str) -> str:
    """Fill a price up to the currency's decimals; what it has beyond them stays."""
    whole, point, cents = text.partition(".")
    if not whole.lstrip("-").isdigit() or (point and not cents.isdigit()):
        return text
    digits = minor_unit_digits(currency)
    cents = cents.ljust(digits, "0")
    return f"{int(whole):,}.{cents}" if cents else f"{int(whole):,}"


def order_address(number: str, account_id: UUID) -> str:
    """Return the address of an order's page: books of other accounts may use the same number."""
    path = reverse("portal:order", kwargs={"number": number})
    return f"{path}?{urlencode({'account': account_id})}"


def _being_paid(found: UnderWay, person_id: UUID) -> BeingPaid:
    payment = found.payment
    if payment is None:
        return BeingPaid(amount=found.amount, number="", by="", address="")
    return BeingPaid(
        amount=found.amount,
        number=payment.number,
        by=_("you") if payment.user_id == person_id else found.name,
        address=_payment_address(payment),
    )


def _discount(invoice: Invoice, free: Money, today: date) -> tuple[Money, date] | None:
    """Return what may be taken off for paying early, and until when."""
    until = invoice.discount_until
    if until is None or today > until or not 0 < invoice.discount_minor < free.minor:
        return None
    return Money(invoice.discount_minor, invoice.currency), until


def _details(invoice: Invoice) -> list[tuple[str, str, str]]:
    """Return names and values, and the address of what is a page of its own."""
    order = invoice.order_number
    rows = [
        (_("Purchase order"), invoice.purchase_order, ""),
        (_("Order"), order, order and order_address(order, invoice.customer_account_id)),
        (_("Bill to"), invoice.customer_account.name, ""),
        (_("Account"), invoice.customer_account.number, ""),
        (_("Currency"), invoice.currency, ""),
    ]
    return [row for row in rows if row[1]]


def _dispute(living: InvoiceDispute, seller: str) -> dict[str, Any]:
    held = Money(living.held_minor, living.currency)
    return {
        "amount": held, "reason": word_of(living.reason), "sentence": sentence_of(living, seller),
        "address": _dispute_address(living),
    }  # fmt: skip


def _dispute_address(dispute: InvoiceDispute) -> str:
    return reverse("portal:dispute", kwargs={"dispute_id": dispute.pk})


def _why(invoice: Invoice, allocations: list[Allocation]) -> list[tuple[str, str, Money, Any]]:
    """Return the entries that sum to what is open: a name, an address, an amount, and its day.

    Of our payments those count that the seller's books hold by what we read; what else was set off
    there is one entry.
    """
    rows: list[tuple[str, str, Money, Any]] = [
        (_("Invoice total"), "", invoice.total, invoice.issued_date)
    ]
    left = invoice.total
    for each in allocations:
        if each.status == Allocation.Status.REFLECTED:
            part = Money(each.settles_minor, each.currency)
            payment, left = each.payment, left - part
            rows.append((payment.number, _payment_address(payment), -part, payment.succeeded_at))
    if left != invoice.open_amount:
        rows.append((_("Set off in the seller’s books"), "", invoice.open_amount - left, None))
    return rows


def _history(
    invoice: Invoice,
    allocations: list[Allocation],
    disputes: Sequence[InvoiceDispute],
    look: str,
    locale: str,
) -> list[Event]:
    """Return what happened, the newest first."""
    events = [
        Event(title=_("Invoice issued"), at=invoice.issued_date, icon="file-invoice", tone="quiet")
    ]
    seller = invoice.legal_entity.name
    for each in allocations:
        events += [_of_payment(each, locale), *_gone_back(each.payment, seller, locale)]
    for dispute in disputes:
        notes, address = list(dispute.notes.all()), _dispute_address(dispute)
        events += events_of(dispute, notes, look, locale, address)
    if invoice.erp_status == Invoice.ErpStatus.CANCELLED:
        events.append(
            Event(title=_("Cancelled by the seller"), at=invoice.changed_at, icon="circle-x")
        )
    return sorted(events, key=_moment, reverse=True)


def _of_payment(allocation: Allocation, locale: str) -> Event:
    payment = allocation.payment
    titles = {
        Payment.Status.SUCCEEDED: (_("%(amount)s paid"), "circle-check", "good"),
        Payment.Status.FAILED: (_("Payment of %(amount)s failed"), "circle-x", "bad"),
        Payment.Status.CANCELLED: (_("Payment of %(amount)s cancelled"), "circle-x", "quiet"),
    }
    other = (_("Payment of %(amount)s started"), "progress", "info")
    title, icon, tone = titles.get(Payment.Status(payment.status), other)
    at = payment.succeeded_at or payment.ended_at or payment.created_at
    settled = Money(allocation.settles_minor, allocation.currency)
    amount = format_money(settled, locale)
    return Event(
        title=title % {"amount": amount}, detail=payment.number, at=at, icon=icon, tone=tone,
        address=_payment_address(payment),
    )  # fmt: skip


def _gone_back(payment: Payment, seller: str, locale: str) -> list[Event]:
    """What went back of a payment, and why: most often it is owed again."""
    among = list(payment.reversals.all())
    address = _payment_address(payment)
    return [
        replace(event, at=event.at or each.created_at, address=address)
        for each in among
        if (event := event_of(each, among, seller, locale))
    ]


def _payment_address(payment: Payment) -> str:
    return reverse("portal:payment", kwargs={"payment_id": payment.pk})


def _moment(event: Event) -> tuple[date, float]:
    if isinstance(event.at, datetime):
        return event.at.date(), event.at.timestamp()
    assert event.at is not None
    return event.at, 0.0
