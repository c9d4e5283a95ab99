"""Whose account a page is about, by the row that its address names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from quittance.approvals.models import ApprovalRequest
from quittance.disputes.models import InvoiceDispute
from quittance.payments.models import Basket, Payment, PaymentAccount
from quittance.receivables.models import Contact, Credit, FormerContact, Invoice
from quittance.transfers.models import Announcement
from quittance.wallet.models import KeptMethod, Saving


def _of(model: Any) -> Callable[[UUID], Iterable[UUID]]:
    return lambda row_id: model.objects.filter(pk=row_id).values_list(
        "customer_account_id", flat=True
    )


def _of_basket(basket_id: UUID) -> set[UUID]:
    """All whose invoices it pays: who pays must be allowed to for each of them."""
    found = Basket.objects.filter(pk=basket_id)
    rows = list(found.values_list("customer_account_id", "account_ids"))
    return {one for own, others in rows for one in (own, *map(UUID, others))}


def _of_payment(payment_id: UUID) -> set[UUID]:
    also = PaymentAccount.objects.filter(payment_id=payment_id)
    return {*_of(Payment)(payment_id), *also.values_list("customer_account_id", flat=True)}


def _of_approval(approval_id: UUID) -> set[UUID]:
    rows = ApprovalRequest.objects.filter(pk=approval_id).values_list("account_ids", flat=True)
    return {UUID(each) for found in rows for each in found}


_ROWS: Final[dict[str, Callable[[UUID], Iterable[UUID]]]] = {
    "invoice_id": _of(Invoice),
    "contact_id": _of(Contact),
    "former_id": _of(FormerContact),
    "credit_id": _of(Credit),
    "dispute_id": _of(InvoiceDispute),
    "basket_id": _of_basket,
    "payment_id": _of_payment,
    "announcement_id": _of(Announcement),
    "approval_id": _of_approval,
    "saving_id": _of(Saving),
    "method_id": _of(KeptMethod),
}


def accounts_named(arguments: Mapping[str, Any]) -> set[UUID]:
    """Return the customer accounts of the rows that an address names, in a transaction.

    Empty: it names none, or one that the reader may not see.
    """
    return {
        account_id
        for name, row_id in arguments.items()
        if name in _ROWS
        for account_id in _ROWS[name](row_id)
    }
