"""Debits of kept bank accounts that come back, in few words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import httpx

from quittance.gateways.charges import StartedBy
from quittance.payments.checkout import start_payment
from quittance.payments.models import Payment, Reversal
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading
from quittance.wallet.models import ConsentRecord, KeptMethod
from tests.ground import Ground
from tests.payments.backwards import reversals, with_payment
from tests.payments.people import new_user
from tests.wallet.wallets import DEBIT, Wallet

if TYPE_CHECKING:
    from uuid import UUID


def account_kept(ground: Ground, number: str = DEBIT, *, holder: str = "business") -> KeptMethod:
    """A bank account that the customer keeps."""
    return Wallet(ground, new_user()).save("bank_debit", number, holder=holder)


def debit(
    ground: Ground,
    method: KeptMethod,
    invoice: Invoice | None = None,
    *,
    amount: str = "100.00",
    by: StartedBy = StartedBy.PAYER,
    key: str = "",
) -> Payment:
    """Pay an invoice with a kept bank account; the bank has not settled it yet."""
    invoice = invoice or ground.bill(amount)
    order = ground.order((invoice, amount), method=method.method)
    order = replace(order, kept_method_id=method.pk, started_by=by, user_id=method.saved_by_id)
    return start_payment(order, key=key or f"debit:{invoice.pk}:{len(payments_for(invoice))}")


def payments_for(invoice: Invoice) -> list[Payment]:
    """What was begun for an invoice."""
    with reading():
        return list(Payment.objects.filter(allocations__invoice=invoice).distinct())


def settled(ground: Ground, payment: Payment) -> Payment:
    """Have the bank settle a debit; on a slow machine it has done so by itself already."""
    try:
        with_payment(ground, payment, "settle")
    except httpx.HTTPStatusError as error:
        if error.response.status_code != httpx.codes.CONFLICT:
            raise
    return ground.advance(payment)


def returned(ground: Ground, payment: Payment, code: str) -> Reversal:
    """Have the payer's bank take a settled debit back; a worker reads it in the books."""
    with_payment(ground, payment, "return", code=code)
    ground.advance(payment)
    return reversals(payment)[-1]


def gone_back(ground: Ground, method: KeptMethod, code: str) -> Reversal:
    """Debit a kept account for a new invoice, settle it, and have its bank return it."""
    payment = settled(ground, debit(ground, method))
    return returned(ground, payment, code)


def again(method: KeptMethod) -> KeptMethod:
    """Read a method again."""
    with reading():
        return KeptMethod.objects.get(pk=method.pk)


def consent_of(method: KeptMethod) -> ConsentRecord:
    """What was agreed to for a method."""
    return consent(method.consent_id)


def consent(consent_id: UUID) -> ConsentRecord:
    """Read what was agreed to."""
    with reading():
        return ConsentRecord.objects.get(pk=consent_id)
