"""What the ERP is told about a payment, and the one function that brings it there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from quittance.core import clock
from quittance.core.money import Money
from quittance.payments.applications import advance_application, tell_of_credits
from quittance.payments.models import Allocation, GatewayAttempt, Payment, Reversal
from quittance.payments.refit import refit
from quittance.payments.reflect import reflect
from quittance.payments.reversal_postings import advance_reversal, tell_of_reversal
from quittance.payments.told import K, S, next_document, standing
from quittance.posting.models import ErpPosting
from quittance.posting.post import advance as advance_posting
from quittance.posting.queue import PostingLine, PostingOrder, enqueue_posting
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.rows import because, reading

# One round may make what the next one sends: a posting that takes another's place. A world that
# changes faster than that is looked at again later.
_ROUNDS: Final = 3
_OVER: Final = frozenset({S.REJECTED, S.HANDLED})  # for us, until a person does something


def tell_erp(payment: Payment, attempt: GatewayAttempt | None) -> None:
    """Put what the ERP must be told in line, inside the transaction in which the money came.

    A posting for each customer account that money pays something of, and one for each whose credit
    is used. The payer's fee is no part of them: the ERP learns of it with the payout.
    """
    because("the money is ours")
    reference = (attempt.gateway_object or "") if attempt else ""
    for account in _accounts(payment):
        lines = _lines(payment, account.pk)
        if lines:
            enqueue_posting(_order(payment, account, lines, reference))
    for account in _accounts(payment):
        tell_of_credits(payment, account)


def tell_erp_of_reversal(reversal: Reversal) -> None:
    """Put in line what the ERP must be told of money that went back, inside its transaction.

    Or of money that came again, when a dispute was won. Nothing for money that the ERP was never
    told of: what came too much, and the payer's fee.
    """
    because("the money went back")
    tell_of_reversal(reversal)


def advance_postings(payment: Payment) -> datetime | None:
    """Bring everything about a payment into the ERP as far as it goes now; say when to look next.

    ``None``: there is nothing more to do, or only for a person. Raises ``OutsideError`` when the
    ERP's invoices cannot be read back.
    """
    seen: set[UUID] = set()
    for _ in range(_ROUNDS):
        postings = _standing(payment)
        turn = [each for each in postings if _has_work(each) and _is_next(each, seen)]
        if not turn:
            break
        for posting in turn:
            _advance(payment, posting)
        seen.update(each.pk for each in turn)
    else:
        postings = _standing(payment)
    reflect(payment, postings)
    return _next(postings)


def _standing(payment: Payment) -> list[ErpPosting]:
    with reading():
        return standing(payment)


def _advance(payment: Payment, posting: ErpPosting) -> None:
    if posting.source_kind == K.REVERSAL:
        advance_reversal(payment, posting)
    elif posting.source_kind == K.PAYMENT:
        advance_posting(posting, refit=partial(refit, payment))
    else:
        advance_application(payment, posting)


def _has_work(posting: ErpPosting) -> bool:
    """Say whether we may have something to do for a posting; else at most a person has."""
    tidied = posting.status == S.CONFIRMED and posting.next_at is None
    over = tidied or posting.status in {S.REJECTED, S.HANDLED}
    return posting.source_kind == K.REVERSAL or not over


def _is_next(posting: ErpPosting, seen: Collection[UUID]) -> bool:
    """Say whether it is a posting's turn: one that lies until another is settled has many."""
    waits = posting.status == S.QUEUED and posting.next_at is None
    return waits or posting.pk not in seen


def _next(postings: Sequence[ErpPosting]) -> datetime | None:
    """Return when to look next. What nobody has given back is looked at when its lease ends.

    Or at once when that is over: then its worker died, or a clock is ahead of the database's.
    """
    looks = [each.lease_until or each.next_at for each in postings if each.status not in _OVER]
    return min(filter(None, looks), default=None)


def _accounts(payment: Payment) -> list[CustomerAccount]:
    """Return the accounts that the payment is for, the payer's own first."""
    found = CustomerAccount.objects.filter(
        pk__in=payment.accounts.values("customer_account_id")
    ).select_related("legal_entity")
    return sorted(found, key=lambda each: (each.pk != payment.customer_account_id, each.number))


def _lines(payment: Payment, account_id: UUID) -> list[PostingLine]:
    paid = (
        payment.allocations.filter(customer_account_id=account_id, amount_minor__gt=0)
        .exclude(status=Allocation.Status.RELEASED)
        .select_related("invoice")
        .order_by("invoice__due_date", "invoice__number")
    )
    lines = [
        PostingLine(
            amount=allocation.amount, invoice_erp_id=allocation.invoice.erp_id,
            invoice_number=allocation.invoice.number, discount=allocation.discount_minor,
        )
        for allocation in paid
    ]  # fmt: skip
    if payment.on_account_minor and account_id == payment.customer_account_id:
        lines.append(PostingLine(amount=Money(payment.on_account_minor, payment.currency)))
    return lines


def _order(
    payment: Payment, account: CustomerAccount, lines: Sequence[PostingLine], reference: str
) -> PostingOrder:
    return PostingOrder(
        source_kind=K.PAYMENT,
        source_id=payment.pk,
        legal_entity_id=account.legal_entity_id,
        customer_account_id=account.pk,
        customer_erp_id=account.erp_id,
        customer_number=account.number,
        document_number=next_document(payment.number, payment.pk),
        external_reference=reference,
        posting_date=clock.today(account.legal_entity.zone),
        description=f"Portal payment {payment.number}",
        lines=lines,
        gateway_account_id=payment.gateway_account_id,
        method=payment.method,
    )
