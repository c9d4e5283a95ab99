"""Rows as Business Central sends them; a test names only what it is about."""

from __future__ import annotations

import json
from typing import Any

INVOICE_ID = "33333333-3333-3333-3333-333333333333"
CUSTOMER_ID = "44444444-4444-4444-4444-444444444444"


def invoice_row(**changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "@odata.etag": 'W/"JzIwOzEyMzQ1Njc4OTAxMjM0NTY3ODkwMTswMDsn"',
        "id": INVOICE_ID,
        "number": "PS-INV103001",
        "billToCustomerId": CUSTOMER_ID,
        "status": "Open",
        "customerPurchaseOrderReference": "PO 7",
        "orderNumber": "S-ORD101",
        "invoiceDate": "2026-08-01",
        "postingDate": "2026-08-02",
        "dueDate": "2026-08-31",
        "currencyCode": "EUR",
        "totalAmountIncludingTax": 119.0,
        "totalTaxAmount": 19.0,
        "remainingAmount": 100.5,
        "lastModifiedDateTime": "2026-08-01T10:00:00.123Z",
    }
    return row | changes


def customer_row(**changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "@odata.etag": 'W/"1"',
        "id": CUSTOMER_ID,
        "number": "10000",
        "displayName": "Adatum Corporation",
        "email": "robert@example.com",
        "currencyCode": "EUR",
        "blocked": "_x0020_",
        "lastModifiedDateTime": "2026-08-01T10:00:00Z",
    }
    return row | changes


def page(*rows: dict[str, Any], next_link: str = "") -> bytes:
    body: dict[str, Any] = {"@odata.context": "…", "value": list(rows)}
    if next_link:
        body["@odata.nextLink"] = next_link
    return json.dumps(body).encode()


def error_body(code: str, message: str) -> bytes:
    tail = "  CorrelationId:  6b3a2f5e-9c1d-4e7f-8a2b-1c3d5e7f9a0b."
    return json.dumps({"error": {"code": code, "message": message + tail}}).encode()
