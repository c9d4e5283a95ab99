"""The names of the ledger's accounts. What moves between them: docs/explanation/the-ledger.md."""

from __future__ import annotations

from uuid import UUID


def gateway_clearing(gateway_account_id: UUID) -> str:
    """Debit: what a gateway owes us: taken for us, not given back and not yet paid out."""
    return f"gateway:{gateway_account_id}"


def disputed(gateway_account_id: UUID) -> str:
    """Debit: what payers' banks have taken for the time of a dispute that is not decided."""
    return f"disputed:{gateway_account_id}"


def surplus(gateway_account_id: UUID) -> str:
    """Credit: money that came for a payment that was over, and must go back."""
    return f"surplus:{gateway_account_id}"


def quarantine(gateway_account_id: UUID) -> str:
    """Credit: money that came and of which nobody has decided yet what it is."""
    return f"quarantine:{gateway_account_id}"


def gateway_fees(gateway_account_id: UUID) -> str:
    """Debit: what a gateway has kept for itself."""
    return f"gateway_fees:{gateway_account_id}"


def paid_out(gateway_account_id: UUID) -> str:
    """Debit: what a gateway has sent to our bank."""
    return f"paid_out:{gateway_account_id}"


def unposted_receipts(legal_entity_id: UUID) -> str:
    """Credit: money that came for a legal entity and that its ERP does not know yet."""
    return f"unposted:{legal_entity_id}"


def posted_receipts(legal_entity_id: UUID) -> str:
    """Credit: money that a legal entity's ERP has posted, less what it has taken back."""
    return f"posted:{legal_entity_id}"


def unposted_reversals(legal_entity_id: UUID) -> str:
    """Debit: money that went back and that the legal entity's ERP does not know yet.

    Credit: what the ERP has taken back and is not gone for good: a dispute that is not decided.
    """
    return f"unposted_reversals:{legal_entity_id}"


def fees_charged(legal_entity_id: UUID) -> str:
    """Credit: fees that payers paid on top, less what was given back of them."""
    return f"fees_charged:{legal_entity_id}"
