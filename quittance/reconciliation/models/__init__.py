"""The tables of reconciliation, a file for each noun."""

from __future__ import annotations

from quittance.reconciliation.models.books import (
    BooksCursor,
    GatewayMovement,
    Payout,
    PayoutItem,
)
from quittance.reconciliation.models.finding import Assignment, Finding

__all__ = [
    "Assignment",
    "BooksCursor",
    "Finding",
    "GatewayMovement",
    "Payout",
    "PayoutItem",
]
