"""What payments here have settled of disputed invoices, so that it is taken for no credit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from uuid import UUID

from django.db.models import Sum

from quittance.disputes.watching import look_at_the_erp
from quittance.payments.models import Allocation, Payment, Reversal
from quittance.payments.owed import SETTLES
from quittance.payments.reflect import is_in_the_ledger
from quittance.payments.told import K, standing
from quittance.posting.queue import lines_of
from quittance.receivables.models import Invoice

L = Allocation.Status


def settled_of(invoice_ids: Collection[UUID], *, shown: bool = False) -> Mapping[UUID, int]:
    """Return what payments have settled of each invoice, in a transaction of the caller.

    The transaction sees all of the organization. With ``shown`` only what the ERP shows already,
    else also what it does not yet. What went back, and what the ERP owes again for it, is off.
    """
    status = [L.REFLECTED] if shown else [L.REFLECTED, L.CONSUMED]
    rows = Allocation.objects.filter(invoice_id__in=list(invoice_ids), status__in=status)
    sums = rows.order_by().values("invoice_id").annotate(sum=Sum(SETTLES))
    settled = Counter(dict(sums.values_list("invoice_id", "sum")))
    settled.subtract(_reopened(settled, shown=shown))
    return settled


def look_at_disputes() -> int:
    """Tell disputes what their invoices have become in the ERP; return how many have ended."""
    return look_at_the_erp(settled_of)


def _reopened(invoice_ids: Collection[UUID], *, shown: bool) -> Counter[UUID]:
    """Return how much of each invoice is owed again in the ERP, since money had gone back.

    What a won dispute brought pays once more; like a payment it counts before the ERP shows it.
    """
    known = Invoice.objects.filter(pk__in=list(invoice_ids))
    ids = {
        (entity, erp_id): pk
        for pk, entity, erp_id in known.values_list("pk", "legal_entity_id", "erp_id")
    }
    again: Counter[UUID] = Counter()
    gone = Reversal.objects.filter(status=Reversal.Status.SUCCEEDED)
    paid = Payment.objects.filter(allocations__invoice_id__in=list(invoice_ids), reversals__in=gone)
    for payment in paid.distinct():
        for posting in standing(payment):
            if posting.source_kind != K.REVERSAL:
                continue
            won = posting.facts.get("why") == "dispute_won"
            if not is_in_the_ledger(posting) and (shown or not won):
                continue
            for line in lines_of(posting):
                invoice_id = ids.get((posting.legal_entity_id, line.invoice_erp_id))
                if invoice_id is not None:
                    again[invoice_id] += -line.amount.minor if won else line.amount.minor
    return again
