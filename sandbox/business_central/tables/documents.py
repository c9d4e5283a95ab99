"""Sales documents, their lines, and the files that hang on them."""

# ruff: noqa: S608 every part of the SQL is a constant
from __future__ import annotations

from sandbox.business_central.tables.shape import CURRENCY, NO_ID, Shape

_LINES_NEED_A_PARENT = "You must specify an id or a Document Id to get the lines."
_LINE_ORDER = ("documentId", "sequence")
# Facts, section 1: what a printed document can be of; each is rendered per call.
_PRINTED = " UNION ALL ".join(
    f"SELECT id, id AS parentId, '{kind}' AS parentType, rowVersion FROM {table}"
    for kind, table in (
        ("Sales_x0020_Invoice", "sales_invoice"),
        ("Sales_x0020_Credit_x0020_Memo", "sales_credit_memo"),
        ("Sales_x0020_Order", "sales_order"),
        ("Sales_x0020_Shipment", "sales_shipment"),
        ("Customer_x0020_Statement", "contact"),
    )
)
_PICTURED = " UNION ALL ".join(
    f"SELECT p.id, '{kind}' AS parentType, 0 AS width, 0 AS height,"
    " COALESCE((SELECT s.contentType FROM stream AS s WHERE s.owner = p.id"
    " AND s.name = 'pictureContent'), '') AS contentType, p.rowVersion"
    f" FROM {table} AS p"
    for kind, table in (("Customer", "customer"), ("Contact", "contact"), ("Item", "item"))
)

SHAPES: dict[str, Shape] = {
    "salesCreditMemos": Shape(
        table="sales_credit_memo",
        order=("number", "posted"),
        computed={
            "currencyCode": CURRENCY,
            "invoiceId": "COALESCE((SELECT i.id FROM sales_invoice AS i WHERE i.posted = 1"
            f" AND i.number = t.invoiceNumber AND t.invoiceNumber <> ''), {NO_ID})",
        },
    ),
    "salesCreditMemoLines": Shape(
        table="sales_credit_memo_line",
        order=_LINE_ORDER,
        parents=("documentId", "id"),
        parent_missing=_LINES_NEED_A_PARENT,
    ),
    "salesOrders": Shape(
        table="sales_order", order=("number",), computed={"currencyCode": CURRENCY}
    ),
    "salesOrderLines": Shape(
        table="sales_order_line",
        order=_LINE_ORDER,
        parents=("documentId", "id"),
        parent_missing=_LINES_NEED_A_PARENT,
    ),
    "salesShipments": Shape(
        table="sales_shipment", order=("number",), computed={"currencyCode": CURRENCY}
    ),
    # A table of its own, no buffer: flat it gives all lines (BCApps, page 30063).
    "salesShipmentLines": Shape(table="sales_shipment_line", order=_LINE_ORDER),
    "pdfDocument": Shape(
        table=f"({_PRINTED})",
        order=("id",),
        parents=("parentId", "id"),
        parent_missing="You must specify a parentId in the request body.",
    ),
    # BCApps, page 30039: without a parent the incoming files that hang on nothing.
    "attachments": Shape(
        table="attachment", order=("id",), parents=("parentId", "id"), orphans=True
    ),
    "documentAttachments": Shape(table="document_attachment", order=("id",)),
    "pictures": Shape(
        table=f"({_PICTURED})",
        order=("id",),
        parents=("id",),
        parent_missing="You must get to the parent first to get to the picture.",
    ),
}

HIDDEN: dict[str, dict[str, str]] = {
    "sales_credit_memo": {"posted": "INTEGER NOT NULL DEFAULT 0"},
}
