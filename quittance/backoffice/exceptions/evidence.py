"""What the portal, the gateway and the ERP each say of one payment, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quittance.core.money import Money
from quittance.payments.models import Allocation, GatewayAttempt, Payment, Reversal
from quittance.payments.models.attempt import WITH_MONEY
from quittance.posting.models import ErpPosting
from quittance.receivables.models import Invoice
from quittance.reconciliation.exceptions import ExceptionRow
from quittance.reconciliation.models import GatewayMovement
from quittance.ui.statuses import STATUSES

E = ErpPosting.Status
IN_THE_BOOKS: Final = frozenset({E.POSTED, E.CONFIRMED, E.HANDLED})
_MOST: Final = 8  # invoices that are compared one by one
Cell = Money | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One line of the comparison; ``differs``: look here first."""

    name: str
    here: Cell
    gateway: Cell
    erp: Cell
    differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Every row of ours that speaks of one exception's payment."""

    payment: Payment
    attempt: GatewayAttempt | None
    charge: GatewayMovement | None  # the gateway's own entry, once its books were read
    reversal: Reversal | None
    given_back: GatewayMovement | None
    posting: ErpPosting | None  # of what the row is about: of the reversal, if there is one
    allocations: Sequence[Allocation]

    @property
    def closed(self) -> list[Invoice]:
        """Invoices of which the ERP has less open than this payment brings, and is not booked."""
        if self.posting is None or self.posting.status in IN_THE_BOOKS or self.reversal:
            return []
        return [
            each.invoice
            for each in self.allocations
            if each.status == Allocation.Status.CONSUMED
            and each.invoice.open_minor < each.settles_minor
        ]


def evidence_of(row: ExceptionRow) -> Evidence | None:
    """Read what speaks of the row's payment, in a transaction of the caller; or there is none."""
    found = Payment.objects.select_related("customer_account", "gateway_account")
    payment = found.filter(pk=row.payment_id).first() if row.payment_id else None
    if payment is None:
        return None
    attempt = payment.attempts.order_by("-ordinal").first()
    reversal = Reversal.objects.filter(pk=row.reversal_id).first() if row.reversal_id else None
    source_id = reversal.pk if reversal else payment.pk
    postings = ErpPosting.objects.filter(source_id=source_id).exclude(status=E.REPLACED)
    if row.posting_id:
        postings = postings.filter(pk=row.posting_id)
    return Evidence(
        payment=payment,
        attempt=attempt,
        charge=_movement(attempt, kind=GatewayMovement.Kind.CHARGE),
        reversal=reversal,
        given_back=_movement(attempt, subject=reversal.gateway_object) if reversal else None,
        posting=postings.order_by("-ordinal").first(),
        allocations=_allocations(payment),
    )


def _allocations(payment: Payment) -> list[Allocation]:
    """What it pays; what was released only where nothing pays that invoice instead."""
    found = payment.allocations.select_related("invoice", "customer_account")
    rows = list(found.order_by("invoice__due_date", "invoice__number"))
    living = {each.invoice_id for each in rows if each.status != Allocation.Status.RELEASED}
    released = Allocation.Status.RELEASED
    return [each for each in rows if each.status != released or each.invoice_id not in living]


def compared(evidence: Evidence) -> list[Compared]:
    """Return the table: whose, how much, when, how far, and what it pays."""
    rows = [_customer(evidence), _amount(evidence), _status(evidence)]
    if evidence.reversal:
        rows.append(_given_back(evidence, evidence.reversal))
        return rows
    shown, rest = evidence.allocations[:_MOST], evidence.allocations[_MOST:]
    rows += [_invoice(evidence, each) for each in shown]
    if rest:
        others = ngettext("%(n)s other", "%(n)s others", len(rest)) % {"n": len(rest)}
        rows.append(Compared(name=others, here=_("see the payment"), gateway="", erp=""))
    return rows


def _customer(evidence: Evidence) -> Compared:
    account = evidence.payment.customer_account
    erp = f"{account.number} {account.name}"
    if account.blocked:
        erp = _("%(customer)s, blocked") % {"customer": erp}
    return Compared(
        name=_("Customer"), here=account.name, gateway="", erp=erp, differs=account.blocked
    )


def _amount(evidence: Evidence) -> Compared:
    payment, posting = evidence.payment, None if evidence.reversal else evidence.posting
    gateway: Cell = _("Nothing came")
    if evidence.charge:
        gateway = Money(evidence.charge.gross_minor, evidence.charge.currency)
    elif evidence.attempt and evidence.attempt.misfit:
        gateway = evidence.attempt.misfit
    elif evidence.attempt and evidence.attempt.status in WITH_MONEY:
        gateway = evidence.attempt.came
    erp: Cell = ""
    if posting:
        erp = posting.amount if posting.status in IN_THE_BOOKS else _("Not posted")
    differs = any(each not in {payment.amount, ""} for each in (gateway, erp))
    return Compared(
        name=_("Amount"), here=payment.amount, gateway=gateway, erp=erp, differs=differs
    )


def _status(evidence: Evidence) -> Compared:
    attempt, posting = evidence.attempt, evidence.posting
    return Compared(
        name=_("Status"),
        here=_(STATUSES[evidence.payment.status].word),
        gateway=_(STATUSES[attempt.status].word) if attempt else "",
        erp=_(STATUSES[posting.status].word) if posting else _("Nothing to post"),
    )


def _invoice(evidence: Evidence, allocation: Allocation) -> Compared:
    invoice = allocation.invoice
    erp: Cell
    if invoice.erp_status == Invoice.ErpStatus.CANCELLED:
        erp = _("cancelled")
    elif invoice.erp_status == Invoice.ErpStatus.PAID:
        erp = _("paid, nothing open")
    else:
        erp = invoice.open_amount
    return Compared(
        name=invoice.number, here=allocation.amount, gateway="", erp=erp,
        differs=invoice in evidence.closed or allocation.status == Allocation.Status.RELEASED,
    )  # fmt: skip


def _given_back(evidence: Evidence, reversal: Reversal) -> Compared:
    movement, posting = evidence.given_back, evidence.posting
    gateway: Cell = _(STATUSES[reversal.status].word)
    if movement:
        gateway = Money(abs(movement.gross_minor), movement.currency)
    erp: Cell = ""
    if posting:
        erp = posting.amount if posting.status in IN_THE_BOOKS else _("Not posted")
    return Compared(
        name=f"{reversal.get_kind_display()} {reversal.number}",
        here=reversal.amount, gateway=gateway, erp=erp,
        differs=gateway != reversal.amount or erp not in {reversal.amount, ""},
    )  # fmt: skip


def _movement(attempt: GatewayAttempt | None, **wanted: str | None) -> GatewayMovement | None:
    if attempt is None or not attempt.gateway_object or None in wanted.values():
        return None
    movements = GatewayMovement.objects.filter(
        gateway_account=attempt.gateway_account_id, gateway_object=attempt.gateway_object
    )
    return movements.filter(**wanted).order_by("happened_at").first()
