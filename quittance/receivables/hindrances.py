"""Why an invoice that is owed cannot be paid here: what the ERP could not book, or should not."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Hindrance(StrEnum):
    """The reasons; the portal has a sentence for each."""

    BLOCKED = "blocked"  # the ERP takes no payment of the customer
    CURRENCY = "currency"  # it books the customer's payments in another currency
    DISPUTED = "disputed"  # the seller has marked the invoice as disputed


def hindrance_of(
    *,
    said: str,
    currency: str,
    blocked: bool,
    pays_only: str,
    routed: Collection[str] = (),
) -> Hindrance | None:
    """Return why an invoice in ``currency`` cannot be paid, or ``None`` when it can.

    ``said`` is what the ERP says of the invoice itself; ``blocked`` and ``pays_only`` of its
    customer ("" for any currency). ``routed``: currencies that a rule of the seller's leads to a
    bank account of that currency; so they can be booked all the same.
    """
    if blocked:
        return Hindrance.BLOCKED
    if pays_only and pays_only != currency and currency not in routed:
        return Hindrance.CURRENCY
    return Hindrance(said) if said else None
