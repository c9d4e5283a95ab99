"""The tables of receivables: the mirror, and how it is kept."""

from __future__ import annotations

from quittance.receivables.models.copies import InvoicePdf
from quittance.receivables.models.former import FormerContact
from quittance.receivables.models.mirror import (
    Contact,
    Credit,
    CustomerAccount,
    Invoice,
    InvoiceLine,
)
from quittance.receivables.models.sync import Comparison, HintSubscription, SyncCursor, SyncPart

__all__ = [
    "Comparison",
    "Contact",
    "Credit",
    "CustomerAccount",
    "FormerContact",
    "HintSubscription",
    "Invoice",
    "InvoiceLine",
    "InvoicePdf",
    "SyncCursor",
    "SyncPart",
]
