"""Says of which account, and of which of its invoices, money goes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from quittance.core.money import Money
from quittance.payments.models import Payment, Reversal
from quittance.payments.told import K, S, standing
from quittance.posting.models import ErpPosting
from quittance.posting.queue import PostingLine, lines_of


def shares(reversal: Reversal) -> list[tuple[ErpPosting, Money]]:
    """Return how much goes back of each payment posting, in a transaction of the caller.

    The payer's fee is no part of it: the ERP never had it. What is more than an account still has
    comes from the next one; the payer's own is the first.
    """
    left = reversal.amount_minor - reversal.fee_minor
    result = []
    postings = [each for each in standing(reversal.payment) if each.source_kind == K.PAYMENT]
    for posted in postings:
        there = posted.amount_minor - sum(_taken(reversal, posted).values())
        part = min(left, there)
        if part > 0:
            result.append((posted, Money(part, reversal.currency)))
            left -= part
    return result


def standing_payment(payment: Payment, account_id: UUID) -> ErpPosting:
    """Return the posting by which the money came to an account, in a transaction of the caller."""
    return ErpPosting.objects.exclude(status=S.REPLACED).get(
        source_kind=K.PAYMENT, source_id=payment.pk, customer_account_id=account_id
    )


def lines_to_take(reversal: Reversal, posted: ErpPosting, amount: Money) -> list[PostingLine]:
    """Return the invoices that are owed again, and how much of each; the rest names no invoice.

    Money that paid no invoice goes back first. Then what pays the invoices that are due last, so
    that the oldest debts stay paid. Nothing is owed again when the debt itself is gone.
    """
    taken = _taken(reversal, posted)
    paid = lines_of(posted)
    left = amount.minor
    free = [line for line in paid if not line.invoice_erp_id]
    on_account = max(0, min(left, sum(line.amount.minor for line in free) - taken[""]))
    if not reversal.reopens:
        on_account = left
    left -= on_account
    lines = []
    for line in reversed([line for line in paid if line.invoice_erp_id]):
        part = min(left, line.amount.minor - taken[line.invoice_erp_id])
        if part > 0:
            lines.append(_line(line, part))
            left -= part
    rest = on_account + left
    lines.reverse()
    return [*lines, *([PostingLine(amount=Money(rest, amount.currency))] if rest else [])]


def _line(line: PostingLine, amount_minor: int) -> PostingLine:
    return PostingLine(
        amount=Money(amount_minor, line.amount.currency), invoice_erp_id=line.invoice_erp_id,
        invoice_number=line.invoice_number,
    )  # fmt: skip


def _taken(reversal: Reversal, posted: ErpPosting) -> Counter[str]:
    """Return what earlier reversals took of an account's invoices, by the invoices' ids."""
    earlier = _earlier(reversal, posted.customer_account_id)
    taken: Counter[str] = Counter()
    for posting in earlier:
        sign = -1 if posting.facts.get("why") == "dispute_won" else 1
        for line in lines_of(posting):
            taken[line.invoice_erp_id] += sign * line.amount.minor
    return taken


def _earlier(reversal: Reversal, account_id: UUID) -> Sequence[ErpPosting]:
    """Return what was told before of the same account; in this order it stays for good.

    Another refund that came back to us takes nothing: a person brings that in order in the ERP.
    """
    came_back = Q(status=Reversal.Status.FAILED) & ~Q(pk=reversal.pk)
    all_ = Reversal.objects.filter(payment_id=reversal.payment_id).exclude(came_back)
    told = ErpPosting.objects.filter(
        source_kind=K.REVERSAL,
        source_id__in=all_.values("pk"),
        customer_account_id=account_id,
    )
    firsts = told.filter(ordinal=1).exclude(source_id=reversal.pk)
    own = told.filter(source_id=reversal.pk, ordinal=1).first()
    if own:
        firsts = firsts.filter(created_at__lt=own.created_at)
    return list(told.filter(source_id__in=firsts.values("source_id")).exclude(status=S.REPLACED))
