"""Writes what is around the posted invoices: shipments, orders, dimensions, attached files."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.business_central import attachments, decimals, pdf
from sandbox.business_central.database import Session
from sandbox.business_central.documents import item_id
from sandbox.business_central.sales import headers, lines, shipping
from sandbox.business_central.sales.kinds import ORDER
from sandbox.business_central.seed.words import ALPINE, HARBORLINE

_FIRST_SHIPMENT = 20_000
# Orders of which a part was shipped and invoiced: the latest invoices of these customers.
_HALF_DONE = ((HARBORLINE, 3), (ALPINE, 1))
_STILL_TO_COME = (("NW-7012", 6), ("NW-5131", 4))
# Number, customer, status, items: nothing of these was shipped yet.
_OPEN_ORDERS = (
    ("SO-102211", HARBORLINE, "Open", (("NW-1042", 24), ("NW-2210", 12))),
    ("SO-102212", HARBORLINE, "Draft", (("NW-5104", 10),)),
    ("SO-102213", "C-10144", "Open", (("NW-4418", 20), ("NW-4425", 20))),
    ("SO-102214", ALPINE, "Open", (("NW-5138", 8),)),
    ("SO-102215", "C-30012", "In_x0020_Review", (("NW-7044", 14),)),
)
_SHIPPED = ("SO-102216", "C-10277", "Open", (("NW-1048", 10), ("NW-3305", 6)))
LAST_ORDER = 102_216


def add(session: Session) -> None:
    """Write all of it, after the last invoice."""
    present = session.now
    _dimensions(session)
    _shipments(session)
    for customer, count in _HALF_DONE:
        for invoice in session.rows(
            "SELECT * FROM sales_invoice WHERE customerNumber = ? AND status = 'Open'"
            " AND orderNumber <> '' ORDER BY number DESC LIMIT ?",
            (customer, count),
        ):
            _half_done(session, invoice)
    for number, customer, status, items in _OPEN_ORDERS:
        _order(session, number, customer, status, items)
    shipped = _order(session, *_SHIPPED)
    row = session.rows("SELECT * FROM sales_order WHERE id = ?", (shipped,))[0]
    session.insert("counter", {"name": "series:SH-", "value": _next_shipment(session) - 1})
    shipping.ship(session, row, _lines(session, "sales_order_line", shipped))
    _files(session)
    session.now = present


def _dimensions(session: Session) -> None:
    """Posted documents have the default dimensions that their customers had."""
    for table, kind in (
        ("sales_invoice", "Sales_x0020_Invoice"),
        ("sales_credit_memo", "Sales_x0020_Credit_x0020_Memo"),
    ):
        session.db.execute(
            "INSERT INTO dimension_set_line (id, code, parentId, parentType, valueId, rowVersion)"  # noqa: S608
            " SELECT d.dimensionId, m.code, i.id, ?, d.dimensionValueId, i.rowVersion"
            f" FROM {table} AS i JOIN default_dimension AS d ON d.parentId = i.customerId"
            " JOIN dimension AS m ON m.id = d.dimensionId",
            (kind,),
        )
        for column, code in (
            ("shortcutDimension1Code", "DEPARTMENT"),
            ("shortcutDimension2Code", "REGION"),
        ):
            session.db.execute(
                f"UPDATE {table} SET {column} = COALESCE((SELECT v.code FROM dimension_set_line AS"  # noqa: S608
                " s JOIN dimension_value AS v ON v.id = s.valueId WHERE s.code = ?"
                f" AND s.parentId = {table}.id), '')",
                (code,),
            )


def _shipments(session: Session) -> None:
    """One shipment for each invoice that came from an order; freight is not shipped."""
    invoices = session.rows(
        "SELECT * FROM sales_invoice WHERE posted = 1 AND orderNumber <> '' ORDER BY number"
    )
    for place, invoice in enumerate(invoices, start=1):
        goods = [
            line
            for line in _lines(session, "sales_invoice_line", invoice["id"])
            if line["lineType"] == "Item"
        ]
        session.now = f"{invoice['postingDate']}T07:30:00.000Z"
        shipping.write_shipment(
            session,
            invoice,
            goods,
            shipment_id=session.new_id(),
            number=f"SH-{_FIRST_SHIPMENT + place}",
        )


def _next_shipment(session: Session) -> int:
    count: int = session.value("SELECT COUNT(*) FROM sales_shipment")
    return _FIRST_SHIPMENT + count + 1


def _lines(session: Session, table: str, document: str) -> list[sqlite3.Row]:
    return session.rows(
        f"SELECT * FROM {table} WHERE documentId = ? ORDER BY sequence",  # noqa: S608
        (document,),
    )


def _half_done(session: Session, invoice: sqlite3.Row) -> None:
    """The order that an invoice was made from, with things in it that are still to come."""
    session.now = f"{invoice['postingDate']}T07:30:00.000Z"
    order = headers.create(
        ORDER,
        session,
        {
            "id": invoice["orderId"],
            "customerId": invoice["customerId"],
            "orderDate": invoice["invoiceDate"],
            "externalDocumentNumber": invoice["externalDocumentNumber"],
        },
    )
    for line in _lines(session, "sales_invoice_line", invoice["id"]):
        lines.copy(session, ORDER, line, order)
    session.db.execute(
        "UPDATE sales_order_line SET shippedQuantity = quantity, invoicedQuantity = quantity"
        " WHERE documentId = ?",
        (order,),
    )
    _add_items(session, order, _STILL_TO_COME)
    session.update(
        "sales_order",
        {"number": invoice["orderNumber"], "status": "Open", "shipToName": invoice["shipToName"]},
        key="id",
        is_=order,
    )


def _order(
    session: Session, number: str, customer: str, status: str, items: tuple[tuple[str, int], ...]
) -> str:
    order = headers.create(
        ORDER,
        session,
        {"customerNumber": customer, "externalDocumentNumber": number.replace("SO-10", "PO-8")},
    )
    _add_items(session, order, items)
    session.update("sales_order", {"number": number, "status": status}, key="id", is_=order)
    return order


def _add_items(session: Session, order: str, items: tuple[tuple[str, int], ...]) -> None:
    for number, quantity in items:
        values: dict[str, Any] = {
            "documentId": order,
            "itemId": item_id(number),
            "quantity": decimals.scaled(quantity),
        }
        lines.create(ORDER, session, values)


def _files(session: Session) -> None:
    """A packing list and an order confirmation on one invoice, a form on a customer's card."""
    invoice = session.rows("SELECT * FROM sales_invoice WHERE number = 'INV-204391'")[0]
    shipment = session.rows(
        "SELECT * FROM sales_shipment WHERE orderNumber = ?", (invoice["orderNumber"],)
    )[0]
    memo = session.rows("SELECT * FROM sales_credit_memo WHERE number = 'CM-1187'")[0]
    packing = pdf.draw(session, "Sales_x0020_Shipment", shipment["id"])
    for place, (table, kind, parent, name, content, media) in enumerate(
        (
            ("document_attachment", "Sales_x0020_Invoice", invoice["id"], "Packing list.pdf",
             packing, "application/pdf"),
            ("document_attachment", "Customer", invoice["customerId"], "Resale certificate.txt",
             b"Resale certificate of Harborline Hotels, Washington.\n", "text/plain"),
            ("document_attachment", "Sales_x0020_Credit_x0020_Memo", memo["id"], "RMA-3381.txt",
             b"RMA-3381: returned goods, received in good order.\n", "text/plain"),
            ("attachment", "Sales_x0020_Invoice", invoice["id"], "PO-77191.txt",
             b"Purchase order PO-77191 of Harborline Hotels.\n", "text/plain"),
        ),
        start=1,
    ):  # fmt: skip
        row = {
            "id": session.new_id(),
            "parentId": parent,
            "parentType": kind,
            "fileName": name,
        }
        if table == "document_attachment":
            row["lineNumber"] = place * 10_000
        attachments.add(session, table, row, content, media)
