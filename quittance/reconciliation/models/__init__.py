"""The tables of reconciliation, a file for each noun."""

from __future__ import annotations

from quittance.reconciliation.models.books import (
    BooksCursor,
    GatewayMovement,
    Payout,
    PayoutItem,
)
from quittance.reconciliation.models.finding import Assignment, Finding, Look

__all__ = [
    "Assignment",
    "BooksCursor",
    "Finding",
    "GatewayMovement",
    "Look",
    "Payout",
    "PayoutItem",
]
