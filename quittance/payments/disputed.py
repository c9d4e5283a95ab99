"""What payments here have settled of disputed invoices, so that it is taken for no credit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db.models import Sum

from quittance.disputes.watching import look_at_the_erp
from quittance.payments.models import Allocation
from quittance.payments.owed import SETTLES

L = Allocation.Status


def settled_of(invoice_ids: Collection[UUID], *, shown: bool = False) -> Mapping[UUID, int]:
    """Return what payments have settled of each invoice, in a transaction of the caller.

    With ``shown`` only what the ERP shows already, else also what it does not yet.
    """
    status = [L.REFLECTED] if shown else [L.REFLECTED, L.CONSUMED]
    rows = Allocation.objects.filter(invoice_id__in=list(invoice_ids), status__in=status)
    sums = rows.order_by().values("invoice_id").annotate(sum=Sum(SETTLES))
    return dict(sums.values_list("invoice_id", "sum"))


def look_at_disputes() -> int:
    """Tell disputes what their invoices have become in the ERP; return how many have ended."""
    return look_at_the_erp(settled_of)
