"""Ships orders and invoices what was shipped, in whole or in part."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from sandbox.business_central import decimals, dimensions, ledger
from sandbox.business_central.database import Session
from sandbox.business_central.errors import dialog
from sandbox.business_central.sales import amounts, headers, parties
from sandbox.business_central.sales import posting as drafts
from sandbox.business_central.sales.kinds import INVOICE, ORDER, names
from sandbox.business_central.webhooks.changes import changed

_SHIPPED_LINE = (
    "lineObjectNumber", "description", "description2", "unitOfMeasureCode", "unitPrice",
    "discountPercent", "taxPercent",
)  # fmt: skip
# How a line's type is called on a posted shipment.
_SHIPMENT_TYPES = {
    "Comment": "_x0020_",
    "Account": "G_x002F_L_x0020_Account",
    "Charge": "Charge_x0020__x0028_Item_x0029_",
}


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of an order; "" for what was not made."""

    shipment: str
    invoice: str


def ship_and_invoice(session: Session, order: sqlite3.Row) -> Posted:
    """Ship and invoice what the lines say; an order that is invoiced in full is gone then.

    Raises 400 when nothing is to ship or to invoice. The transaction is the caller's.
    """
    lines = drafts.lines_to_post(session, ORDER, order)
    drafts.check(session, ORDER, order)
    if not any(line["shipQuantity"] or line["invoiceQuantity"] for line in lines):
        raise dialog("There is nothing to post.")
    shipped = _ship(session, order, lines)
    invoiced = _invoice(session, order)
    _offer_the_rest(session, order["id"])
    _close(session, order)
    return Posted(shipped, invoiced)


def ship(session: Session, order: sqlite3.Row, lines: list[sqlite3.Row]) -> str:
    """Post a shipment of what is to ship and return its id; nothing is invoiced."""
    shipment = _ship(session, order, lines)
    _offer_the_rest(session, order["id"])
    return shipment


def _ship(session: Session, order: sqlite3.Row, lines: list[sqlite3.Row]) -> str:
    """Post a shipment of what is to ship and return its id, or "" when that is nothing."""
    going = [line for line in lines if line["shipQuantity"]]
    if not going:
        return ""
    number = f"SH-{session.take('series:SH-')}"
    shipment = session.new_id()
    write_shipment(session, order, going, shipment_id=shipment, number=number)
    for line in going:
        done = line["shippedQuantity"] + line["shipQuantity"]
        session.update(
            "sales_order_line",
            {"shippedQuantity": done, "rowVersion": session.take("rowVersion")},
            key="id",
            is_=line["id"],
        )
    session.update(
        "sales_order", {"status": "Open", **session.touched()}, key="id", is_=order["id"]
    )
    _mark_shipped(session, order["id"])
    changed(session, "salesOrders", order["id"], "updated")
    return shipment


def write_shipment(
    session: Session,
    order: sqlite3.Row | dict[str, Any],
    lines: list[sqlite3.Row],
    *,
    shipment_id: str,
    number: str,
) -> None:
    """Write a posted shipment with what its document and lines say."""
    given = {name: order[name] for name in order.keys() if name in names("sales_shipment")}  # noqa: SIM118
    session.insert(
        "sales_shipment",
        given
        | {
            "id": shipment_id,
            "number": number,
            "invoiceDate": order["postingDate"],
            "dueDate": order["postingDate"],
            "orderNumber": order["orderNumber"]
            if "orderNumber" in order.keys()  # noqa: SIM118
            else order["number"],
            "paymentTermsCode": _code(session, "payment_term", order["paymentTermsId"]),
            "shipmentMethodCode": _code(session, "shipment_method", order["shipmentMethodId"]),
            **session.touched(),
        },
    )
    dimensions.copy(session, order["id"], shipment_id, "salesShipments")
    for line in lines:
        quantity = line["shipQuantity"] if "shipQuantity" in line.keys() else line["quantity"]  # noqa: SIM118
        session.insert(
            "sales_shipment_line",
            {name: line[name] for name in _SHIPPED_LINE}
            | {
                "id": session.new_id(),
                "documentId": shipment_id,
                "documentNo": number,
                "sequence": line["sequence"],
                "lineType": _SHIPMENT_TYPES.get(line["lineType"], line["lineType"]),
                "quantity": quantity,
                "shipmentDate": order["postingDate"],
                "rowVersion": session.take("rowVersion"),
            },
        )


def _code(session: Session, table: str, wanted: str) -> str:
    row = session.row(f"SELECT code FROM {table} WHERE id = ?", (wanted,))  # noqa: S608
    return str(row[0]) if row is not None else ""


def _invoice(session: Session, order: sqlite3.Row) -> str:
    """Invoice what is to invoice of what is shipped; returns the invoice's id or ""."""
    lines = session.rows(
        "SELECT * FROM sales_order_line WHERE documentId = ? ORDER BY sequence", (order["id"],)
    )
    going = {}
    for line in lines:
        left = line["shippedQuantity"] - line["invoicedQuantity"]
        going[line["id"]] = min(line["invoiceQuantity"], left)
    if not any(going.values()):
        return ""
    invoice = session.new_id()
    _write_invoice(session, order, invoice)
    discount = sum(
        _write_line(session, order, line, invoice, going[line["id"]])
        for line in lines
        if going[line["id"]]
    )
    session.update("sales_invoice", {"discountAmount": discount}, key="id", is_=invoice)
    amounts.add_up(session, INVOICE, invoice)
    dimensions.copy(session, order["id"], invoice, "salesInvoices")
    row = session.rows("SELECT * FROM sales_invoice WHERE id = ?", (invoice,))[0]
    written = session.rows(
        "SELECT * FROM sales_invoice_line WHERE documentId = ? ORDER BY sequence", (invoice,)
    )
    drafts.book_invoice(session, row, written)
    changed(session, "salesInvoices", invoice, "created")
    return invoice


def _write_invoice(session: Session, order: sqlite3.Row, invoice: str) -> None:
    billed = session.rows("SELECT * FROM customer WHERE id = ?", (order["billToCustomerId"],))[0]
    terms = parties.terms_of(session, order["paymentTermsId"], billed)
    issued = max(order["postingDate"], order["orderDate"])
    given = {name: order[name] for name in order.keys() if name in names("sales_invoice")}  # noqa: SIM118
    session.insert(
        "sales_invoice",
        given
        | {
            "id": invoice,
            "number": f"INV-{session.take('series:INV-')}",
            "posted": 1,
            "status": "Open",
            "invoiceDate": issued,
            "dueDate": parties.due_date(terms, issued),
            "discountDate": parties.discount_date(terms, issued),
            "customerPurchaseOrderReference": order["externalDocumentNumber"],
            "orderId": order["id"],
            "orderNumber": order["number"],
            "discountAmount": 0,
            **session.touched(),
        },
    )


def _write_line(
    session: Session, order: sqlite3.Row, line: sqlite3.Row, invoice: str, quantity: int
) -> int:
    """Write what is invoiced of a line; returns its part of the order's discount."""
    precision = ledger.precision(session, order["currencyCode"])
    new = {name: line[name] for name in line.keys() if name in names("sales_invoice_line")}  # noqa: SIM118
    new |= {"id": session.new_id(), "documentId": invoice, "quantity": quantity}
    new |= amounts.line_amounts(new, precision)
    session.insert("sales_invoice_line", new | {"rowVersion": session.take("rowVersion")})
    done = line["invoicedQuantity"] + quantity
    session.update(
        "sales_order_line",
        {"invoicedQuantity": done},
        key="id",
        is_=line["id"],
    )
    share = decimals.decimal(quantity) / decimals.decimal(line["quantity"])
    return decimals.times(line["invoiceDiscountAllocation"], share, precision)


def _offer_the_rest(session: Session, order: str) -> None:
    """After posting, all that is left is to ship and to invoice next time."""
    session.db.execute(
        "UPDATE sales_order_line SET shipQuantity = quantity - shippedQuantity,"
        " invoiceQuantity = quantity - invoicedQuantity WHERE documentId = ?",
        (order,),
    )


def _mark_shipped(session: Session, order: str) -> None:
    left = session.row(
        "SELECT 1 FROM sales_order_line WHERE documentId = ? AND lineType <> 'Comment'"
        " AND shippedQuantity < quantity",
        (order,),
    )
    session.update("sales_order", {"fullyShipped": int(left is None)}, key="id", is_=order)


def _close(session: Session, order: sqlite3.Row) -> None:
    """An order that is invoiced in full is deleted, as in Business Central."""
    left = session.row(
        "SELECT 1 FROM sales_order_line WHERE documentId = ? AND lineType <> 'Comment'"
        " AND invoicedQuantity < quantity",
        (order["id"],),
    )
    if left is None:
        headers.delete(ORDER, session, order)
