"""What a clerk does with sales documents by hand: orders, shipments, drafts, files."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.business_central import asked, attachments, decimals, ledger
from sandbox.business_central.asked import Mistake
from sandbox.business_central.database import Session
from sandbox.business_central.sales import headers, lines, posting, shipping
from sandbox.business_central.sales.kinds import CREDIT_MEMO, INVOICE, KINDS, ORDER, Kind
from sandbox.business_central.webhooks.changes import changed

_STATUSES = {"Draft", "Open", "In_x0020_Review"}
_TYPES = {
    INVOICE.set: "Sales_x0020_Invoice",
    CREDIT_MEMO.set: "Sales_x0020_Credit_x0020_Memo",
    ORDER.set: "Sales_x0020_Order",
}


def make_order(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Take an order: ``customer``; ``items`` ([number, quantity] each), ``purchase_order``."""
    values = {
        "customerId": asked.customer(session, given)["id"],
        "externalDocumentNumber": str(given.get("purchase_order", "")),
    }
    order = headers.create(ORDER, session, values)
    for number, quantity in given.get("items") or [["NW-1042", 10]]:
        line = {
            "documentId": order,
            "lineType": "Item",
            "lineObjectNumber": str(number),
            "quantity": asked.amount(quantity),
        }
        lines.create(ORDER, session, line)
    session.update("sales_order", {"status": "Open"}, key="id", is_=order)
    number = session.value("SELECT number FROM sales_order WHERE id = ?", (order,))
    return {"id": order, "number": number}


def ship(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Ship what is left of an order and invoice nothing: ``order``; ``quantity`` of each line."""
    order, goods = _order(session, given)
    if not any(line["shipQuantity"] for line in goods):
        raise Mistake(f"Nothing of {order['number']} is left to ship.")
    shipment = shipping.ship(session, order, goods)
    number = session.value("SELECT number FROM sales_shipment WHERE id = ?", (shipment,))
    return {"id": shipment, "number": number}


def invoice_order(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Ship and invoice what is left of an order: ``order``; ``quantity`` of each line."""
    order, _ = _order(session, given)
    posted = shipping.ship_and_invoice(session, order)
    number = session.value("SELECT number FROM sales_invoice WHERE id = ?", (posted.invoice,))
    return {"id": posted.invoice, "number": number}


def make_draft(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Write an unposted invoice: ``customer``, ``amount``, ``status`` (Open: released)."""
    status = str(given.get("status", "Draft"))
    if status not in _STATUSES:
        raise Mistake(f"A draft is one of {', '.join(sorted(_STATUSES))}.")
    draft = headers.create(INVOICE, session, {"customerId": asked.customer(session, given)["id"]})
    account = session.value("SELECT id FROM account WHERE number = ?", (ledger.SALES,))
    line = {
        "documentId": draft,
        "accountId": account,
        "quantity": decimals.SCALE,
        "unitPrice": asked.amount(given.get("amount")),
    }
    lines.create(INVOICE, session, line)
    session.update("sales_invoice", {"status": status}, key="id", is_=draft)
    number = session.value("SELECT number FROM sales_invoice WHERE id = ?", (draft,))
    return {"id": draft, "number": number, "status": status}


def release(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Release a draft, or with ``reopen`` make it a draft again: ``document``."""
    kind, row = _document(session, given)
    if kind is not ORDER and row["posted"]:
        raise Mistake(f"{row['number']} is posted.")
    status = "Draft" if given.get("reopen") else "Open"
    session.update(kind.table, {"status": status, **session.touched()}, key="id", is_=row["id"])
    changed(session, kind.set, row["id"], "updated")
    return {"document": row["number"], "status": status}


def post(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Post a draft invoice or credit memo: ``document``; its id stays."""
    kind, row = _document(session, given)
    if kind is ORDER:
        raise Mistake("An order is shipped and invoiced.")
    return {"id": row["id"], "number": posting.post(session, kind, row)}


def attach(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Hang a file on a document: ``document``, ``name``, ``text``."""
    kind, row = _document(session, given)
    attachment = {
        "id": session.new_id(),
        "fileName": str(given.get("name", "Note.txt")),
        "parentId": row["id"],
        "parentType": _TYPES[kind.set],
    }
    content = str(given.get("text", "")).encode()
    attachments.add(session, "document_attachment", attachment, content, "text/plain")
    return {"id": attachment["id"], "bytes": len(content)}


def _document(session: Session, given: dict[str, Any]) -> tuple[Kind, sqlite3.Row]:
    number = str(given.get("document", ""))
    for kind in KINDS:
        row = session.row(f"SELECT * FROM {kind.table} WHERE number = ?", (number,))  # noqa: S608
        if row is not None:
            return kind, row
    raise Mistake(f"There is no document {number!r}.")


def _order(session: Session, given: dict[str, Any]) -> tuple[sqlite3.Row, list[sqlite3.Row]]:
    """An order and its lines, with what goes out now."""
    number = str(given.get("order", ""))
    found = session.row("SELECT * FROM sales_order WHERE number = ?", (number,))
    if found is None:
        raise Mistake(f"There is no order {number!r}.")
    if "quantity" in given:
        most = asked.amount(given["quantity"])
        session.db.execute(
            "UPDATE sales_order_line SET shipQuantity = MIN(?, quantity - shippedQuantity),"
            " invoiceQuantity = MIN(?, quantity - invoicedQuantity) WHERE documentId = ?",
            (most, most, found["id"]),
        )
    return found, posting.lines_to_post(session, ORDER, found)


ACTS = {
    "order": make_order,
    "ship": ship,
    "invoice-order": invoice_order,
    "draft": make_draft,
    "release": release,
    "post-document": post,
    "attach": attach,
}
