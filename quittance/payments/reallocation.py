"""Lets a person decide where refused money goes: to other invoices, or on account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from quittance.core.errors import OutsideError, RuleBroken
from quittance.core.money import Money, total
from quittance.payments.models import Allocation, Payment
from quittance.payments.orders import AmountNotOwed, InvoiceNotPayable
from quittance.payments.owed import free_to_pay
from quittance.payments.refit import follow
from quittance.payments.told import document_instead
from quittance.payments.withdrawing import ErpSilent, withdrawn
from quittance.posting.models import ErpPosting
from quittance.posting.queue import PostingLine
from quittance.posting.replace import replace_posting
from quittance.receivables.models import Invoice
from quittance.receivables.pull import refresh_invoices
from quittance.tenancy.rows import reading, writing

_ERP_SECONDS: Final = 20.0
_CAUSE: Final = "allocated otherwise by a person"


class DoesNotAddUp(RuleBroken):
    """More is allocated than came."""


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a posting goes to one invoice."""

    invoice_id: UUID
    amount: Money


def allocate_anew(
    posting: ErpPosting,
    wanted: Sequence[Share],
    *,
    also: Callable[[ErpPosting], None],
) -> None:
    """Let another posting stand for a refused one: its money goes to these invoices.

    What is left goes on the customer's account; with nothing ``wanted``, all of it. The old one is
    surely not in the ERP. ``also`` runs with the new one in the same transaction. Raises
    ``DoesNotAddUp``, ``InvoiceNotPayable``, ``AmountNotOwed``, and what ``withdrawn`` raises.
    """
    _check(posting, wanted)
    with reading():
        ids = [share.invoice_id for share in wanted]
        erp_ids = list(Invoice.objects.filter(pk__in=ids).values_list("erp_id", flat=True))
    with withdrawn(posting):
        try:
            refresh_invoices(posting.legal_entity_id, erp_ids, seconds=_ERP_SECONDS)
        except OutsideError as error:
            raise ErpSilent from error
        with writing():
            also(_write(posting, wanted))


def _check(posting: ErpPosting, wanted: Sequence[Share]) -> None:
    if len({share.invoice_id for share in wanted}) != len(wanted):
        raise DoesNotAddUp("An invoice stands twice in this allocation. Name each one once.")
    if any(share.amount.minor <= 0 for share in wanted):
        raise DoesNotAddUp("Every amount must be above zero.")
    given = total((share.amount for share in wanted), posting.currency)
    if given.minor > posting.amount_minor:
        raise DoesNotAddUp(f"{given} is allocated, {posting.amount} came.")


def _write(posting: ErpPosting, wanted: Sequence[Share]) -> ErpPosting:
    """Lock in the order of the house, check against what is open now, and write it down."""
    paid = Allocation.objects.filter(payment_id=posting.source_id).values("invoice_id")
    ids = [share.invoice_id for share in wanted]
    touched = (Invoice.objects.filter(pk__in=paid) | Invoice.objects.filter(pk__in=ids)).distinct()
    keys = sorted(touched.values_list("pk", flat=True))
    list(Invoice.objects.filter(pk__in=keys).order_by("pk").select_for_update().values("pk"))
    payment = Payment.objects.select_for_update().get(pk=posting.source_id)
    lines = _lines(payment, posting, wanted)
    new = replace_posting(
        posting, lines, cause=_CAUSE, document_number=document_instead(posting),
        gateway_account_id=payment.gateway_account_id, method=payment.method,
    )  # fmt: skip
    follow(payment, posting, lines, cause=_CAUSE)
    return new


def _lines(payment: Payment, posting: ErpPosting, wanted: Sequence[Share]) -> list[PostingLine]:
    owed = free_to_pay([share.invoice_id for share in wanted])
    own = {
        each.invoice_id: each.settles_minor
        for each in payment.allocations.filter(
            customer_account_id=posting.customer_account_id, status=Allocation.Status.CONSUMED
        )
    }
    lines = []
    for share in wanted:
        found = owed.get(share.invoice_id)
        if found is None or found.invoice.customer_account_id != posting.customer_account_id:
            raise InvoiceNotPayable("This invoice is not one of the customer who paid.")
        invoice = found.invoice
        in_flight = found.in_flight_minor - own.get(invoice.pk, 0)
        free = Money(max(0, invoice.open_minor - in_flight), invoice.currency)
        if invoice.currency != posting.currency or free < share.amount:
            raise AmountNotOwed(
                f"{free} of invoice {invoice.number} can be paid now, not {share.amount}.",
                invoice=invoice.number,
            )
        lines.append(
            PostingLine(
                amount=share.amount, invoice_erp_id=invoice.erp_id, invoice_number=invoice.number
            )
        )
    rest = posting.amount - total((line.amount for line in lines), posting.currency)
    return [*lines, *([PostingLine(amount=rest)] if rest.minor else [])]
