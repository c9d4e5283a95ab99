"""The names of the ledger's accounts."""

from __future__ import annotations

from uuid import UUID


def gateway_clearing(gateway_account_id: UUID) -> str:
    """Debit: what a gateway has taken for us and not yet paid out."""
    return f"gateway:{gateway_account_id}"


def unposted_receipts(legal_entity_id: UUID) -> str:
    """Credit: money that came for a legal entity and that its ERP does not know yet."""
    return f"unposted:{legal_entity_id}"


def posted_receipts(legal_entity_id: UUID) -> str:
    """Credit: money that a legal entity's ERP has posted."""
    return f"posted:{legal_entity_id}"


def surplus(gateway_account_id: UUID) -> str:
    """Credit: money that came for a payment that was over, and must go back."""
    return f"surplus:{gateway_account_id}"
