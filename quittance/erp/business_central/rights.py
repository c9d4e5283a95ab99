"""Which permission sets an application needs, and which one is missing.

Names are those of the base app; that these are enough is inferred and not tried on a tenant
(business-central.md, 5).
"""

from __future__ import annotations

from typing import Final

_PAGE: Final = "In Business Central, page Microsoft Entra Applications, give the application"
# What a set of entities needs, as far as we know.
_OF: Final = {
    "customers": "D365 CUSTOMER, VIEW",
    "contacts": "D365 CUSTOMER, VIEW",
    "customerFinancialDetails": "D365 ACC. RECEIVABLE",
    "salesInvoices": "read on Sales Header and Sales Invoice Header",
    "salesCreditMemos": "read on Sales Header and Sales Cr.Memo Header",
    "salesOrders": "read on Sales Header",
    "salesShipments": "read on Sales Shipment Header",
    "documentAttachments": "read on Document Attachment",
    "agedAccountsReceivables": "D365 ACC. RECEIVABLE",
    "generalLedgerEntries": "D365 ACC. RECEIVABLE",
    "generalLedgerSetup": "D365 BASIC",
    "accounts": "D365 BASIC",
    "disputeStatus": "D365 BASIC",
    "customerPaymentJournals": "D365 JOURNALS, EDIT",
    "customerPayments": "D365 JOURNALS, EDIT",
    "subscriptions": "D365 WEBHOOK SUBSCR",
    "webhooks": "D365 WEBHOOK SUBSCR",
}

PERMISSIONS: Final = (
    "D365 BASIC",
    "D365 CUSTOMER, VIEW",
    "D365 ACC. RECEIVABLE",
    "D365 JOURNALS, EDIT",
    "D365 JOURNALS, POST",
    "D365 WEBHOOK SUBSCR",
    "read on Sales Header and Sales Invoice Header (without one, invoices are left out silently)",
)


def cure(entity: str) -> str:
    """Return what to click when ``entity`` is not allowed."""
    return f"{_PAGE} {_OF.get(entity, 'the permission set for it')} (inferred)."
