"""The form that applies a payment to other invoices: what is open, and what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.core.errors import RuleBroken
from quittance.core.money import Money, total
from quittance.payments.models import Allocation
from quittance.payments.owed import free_to_pay
from quittance.posting.models import ErpPosting
from quittance.receivables.models import Invoice
from quittance.ui.amounts import format_for_input, format_money, read_amount
from quittance.ui.sentences import sentence_for

_MOST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One invoice that can take some of the money."""

    invoice_id: UUID
    number: str
    due: date
    free: Money
    typed: str
    amount: Money | None  # ``None`` when it is wrong
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The open invoices of the account, with what was typed beside each."""

    whole: Money
    lines: Sequence[Line]
    error: str = ""

    @property
    def amounts(self) -> dict[UUID, Money]:
        """What goes to which invoice."""
        return {each.invoice_id: each.amount for each in self.lines if each.amount}

    @property
    def applied(self) -> Money:
        """What is typed so far, without what is wrong."""
        return total(self.amounts.values(), self.whole.currency)

    @property
    def rest(self) -> Money:
        """What goes on account; below zero when too much is typed."""
        return self.whole - self.applied

    @property
    def errors(self) -> list[tuple[str, str]]:
        """What is wrong, each with the field that has it."""
        found = [(f"to-{each.invoice_id}", each.error) for each in self.lines if each.error]
        return [*found, ("", self.error)] if self.error else found


def form_of(posting: ErpPosting, locale: str, typed: Mapping[str, str] | None = None) -> Form:
    """Return the form, as it is first shown or as it was sent, in a transaction of the caller.

    First shown it fills the oldest invoices, as far as the money goes.
    """
    whole = posting.amount
    invoices = list(
        Invoice.objects.filter(
            customer_account=posting.customer_account_id, currency=posting.currency,
            erp_status=Invoice.ErpStatus.OPEN, open_minor__gt=0,
        ).order_by("due_date", "number")[:_MOST]
    )  # fmt: skip
    owed = free_to_pay([each.pk for each in invoices])
    own = _own(posting)
    lines, left = [], whole
    for invoice in invoices:
        free = owed[invoice.pk].free + own.get(invoice.pk, Money(0, whole.currency))
        free = min(free, invoice.open_amount)
        if not free.minor:
            continue
        if typed is None:
            amount = min(free, left)
            left -= amount
            words = format_for_input(amount, locale) if amount.minor else ""
        else:
            words = typed.get(f"to-{invoice.pk}", "")
        lines.append(_line(invoice, free, words, locale))
    form = Form(whole=whole, lines=lines)
    if form.rest.minor < 0:
        error = _("These make %(sum)s, and %(whole)s came.") % {
            "sum": format_money(form.applied, locale), "whole": format_money(whole, locale)
        }  # fmt: skip
        return Form(whole=whole, lines=lines, error=error)
    return form


def _own(posting: ErpPosting) -> dict[UUID, Money]:
    """What this very posting's payment reserves of each invoice: it may be used again."""
    living = Allocation.objects.filter(payment=posting.source_id, status=Allocation.Status.CONSUMED)
    return {each.invoice_id: Money(each.settles_minor, each.currency) for each in living}


def _line(invoice: Invoice, free: Money, typed: str, locale: str) -> Line:
    amount, error = None, ""
    if typed.strip():
        try:
            amount = read_amount(typed[:40], free.currency, locale)
        except RuleBroken as broken:
            error = sentence_for(broken)
    if amount and amount.minor < 0:
        amount, error = None, _("Enter an amount above zero, or leave it empty.")
    if amount and amount > free:
        error = _("Of %(number)s only %(free)s is free.") % {
            "number": invoice.number, "free": format_money(free, locale)
        }  # fmt: skip
    return Line(
        invoice_id=invoice.pk, number=invoice.number, due=invoice.due_date, free=free,
        typed=typed[:40], amount=amount if amount and amount.minor else None, error=error,
    )  # fmt: skip
