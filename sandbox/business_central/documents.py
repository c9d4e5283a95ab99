"""Posts sales invoices and credit memos: the document, its lines, its entries in the books."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.business_central import application, decimals, ledger, moments
from sandbox.business_central.database import Session
from sandbox.business_central.errors import dialog
from sandbox.business_central.facts import EMPTY_DATE, EMPTY_GUID
from sandbox.business_central.ledger import Document, Terms
from sandbox.business_central.webhooks.changes import changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of an invoice. All numbers are scaled; ``net`` is quantity times price."""

    item: str
    description: str
    quantity: int
    unit: str
    unit_price: int
    net: int
    tax: int
    tax_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an invoice is made of. ``due_date`` "" means: by the customer's terms."""

    customer: sqlite3.Row
    number: str
    issued: str
    lines: Sequence[Line]
    purchase_order: str = ""
    order_number: str = ""
    due_date: str = ""
    terms_code: str = ""
    ship_to: str = ""


def post_invoice(session: Session, order: Order) -> str:
    """Post an invoice: its row is Open, its entry is open, its sale is booked. Returns its id."""
    invoice = _write(session, order, posted=True, status="Open")
    currency = order.customer["currencyCode"]
    document = Document(
        type="Invoice",
        number=order.number,
        posting_date=order.issued,
        description=f"Order {order.order_number}" if order.order_number else "Invoice",
        external_number=order.purchase_order,
    )
    net, tax = _sum(order.lines)
    local_net = ledger.to_local(session, net, currency)
    terms = _terms(session, order)
    ledger.open_entry(
        session,
        document,
        customer=order.customer["number"],
        currency=currency,
        amount=net + tax,
        terms=Terms(
            due_date=invoice["dueDate"],
            discount_date=invoice["discountDate"],
            discount_possible=_discount(session, terms, net + tax, currency),
            sales_lcy=local_net,
        ),
    )
    local_total = ledger.to_local(session, net + tax, currency)
    ledger.book(session, document, ledger.SALES, -local_net)
    if tax:
        ledger.book(session, document, ledger.SALES_TAX, local_net - local_total)
    return str(invoice["id"])


def write_draft(session: Session, order: Order, *, status: str) -> str:
    """Write an unposted invoice. Status ``Open`` is a released draft, which looks payable."""
    return str(_write(session, order, posted=False, status=status)["id"])


def post_credit_memo(
    session: Session,
    *,
    customer: sqlite3.Row,
    document: Document,
    amount: int,
) -> int:
    """Post a credit memo into the books and return its entry number (no API entity here yet)."""
    currency = customer["currencyCode"]
    local = ledger.to_local(session, amount, currency)
    entry = ledger.open_entry(
        session,
        document,
        customer=customer["number"],
        currency=currency,
        amount=-amount,
        terms=Terms(due_date=document.posting_date, sales_lcy=-local),
    )
    ledger.book(session, document, ledger.SALES, local)
    return entry


def cancel_invoice(
    session: Session, invoice: sqlite3.Row, *, number: str, posting_date: str, status: str
) -> None:
    """Cancel a posted invoice with a credit memo over all of it.

    ``status`` is Canceled, or Corrective for an invoice that undid a credit memo. An invoice on
    which something was paid cannot be cancelled.
    """
    entry = session.row(
        "SELECT entryNumber FROM customer_ledger_entry WHERE documentNumber = ?"
        " AND documentType = 'Invoice' AND open = 1",
        (invoice["number"],),
    )
    if not invoice["posted"] or entry is None:
        raise dialog("You cannot cancel this posted sales invoice because it is fully applied.")
    owed = ledger.remaining(session, entry[0])[0]
    if owed != invoice["totalAmountIncludingTax"]:
        raise dialog("You cannot cancel this posted sales invoice because it is partially paid.")
    customer = session.rows(
        "SELECT * FROM customer WHERE number = ?", (invoice["billToCustomerNumber"],)
    )[0]
    document = Document(
        type="Credit_x0020_Memo",
        number=number,
        posting_date=posting_date,
        description=f"Cancellation of {invoice['number']}",
    )
    memo = post_credit_memo(session, customer=customer, document=document, amount=owed)
    # The status first: settling would call the invoice paid.
    session.update(
        "sales_invoice", {"status": status, **session.touched()}, key="id", is_=invoice["id"]
    )
    application.settle(session, document, credit=memo, debit=entry[0], amount=owed)
    changed(session, "salesInvoices", invoice["id"], "updated")


def _sum(lines: Sequence[Line]) -> tuple[int, int]:
    return sum(line.net for line in lines), sum(line.tax for line in lines)


def _terms(session: Session, order: Order) -> sqlite3.Row:
    code = order.terms_code or order.customer["paymentTermsCode"]
    return session.rows("SELECT * FROM payment_term WHERE code = ?", (code,))[0]


def _discount(session: Session, terms: sqlite3.Row, total: int, currency: str) -> int:
    if not terms["discountDays"]:
        return 0
    share = decimals.decimal(terms["discountPercent"]) / 100
    return decimals.times(total, share, ledger.precision(session, currency))


def _write(session: Session, order: Order, *, posted: bool, status: str) -> dict[str, Any]:
    terms = _terms(session, order)
    net, tax = _sum(order.lines)
    discounted = posted and terms["discountDays"]
    invoice = {
        "id": session.new_id(),
        "number": order.number,
        "posted": int(posted),
        "invoiceDate": order.issued,
        "postingDate": order.issued,
        "dueDate": order.due_date or moments.plus_days(order.issued, terms["dueDays"]),
        "discountDate": moments.plus_days(order.issued, terms["discountDays"])
        if discounted
        else EMPTY_DATE,
        "customerPurchaseOrderReference": order.purchase_order,
        "externalDocumentNumber": order.purchase_order,
        "orderNumber": order.order_number,
        "orderId": session.new_id() if order.order_number else EMPTY_GUID,
        "paymentTermsId": terms["id"],
        "totalAmountExcludingTax": net,
        "totalTaxAmount": tax,
        "totalAmountIncludingTax": net + tax,
        "status": status,
        **parties(order.customer),
        "shipToName": order.ship_to or order.customer["displayName"],
        **session.touched(),
    }
    session.insert("sales_invoice", invoice)
    for index, line in enumerate(order.lines, start=1):
        session.insert("sales_invoice_line", _line(session, invoice["id"], index, line))
    changed(session, "salesInvoices", invoice["id"], "created")
    return invoice


def parties(customer: sqlite3.Row) -> dict[str, Any]:
    """The customer's name and addresses, copied into the document; sold to is also billed."""
    address = {
        "AddressLine1": customer["addressLine1"],
        "AddressLine2": customer["addressLine2"],
        "City": customer["city"],
        "Country": customer["country"],
        "State": customer["state"],
        "PostCode": customer["postalCode"],
    }
    return {
        "customerId": customer["id"],
        "customerNumber": customer["number"],
        "customerName": customer["displayName"],
        "billToCustomerId": customer["id"],
        "billToCustomerNumber": customer["number"],
        "billToName": customer["displayName"],
        "currencyId": customer["currencyId"],
        "currencyCode": customer["currencyCode"],
        "email": customer["email"],
        "phoneNumber": customer["phoneNumber"],
        **{
            f"{who}{name}": value
            for who in ("sellTo", "billTo", "shipTo")
            for name, value in address.items()
        },
    }


def _line(session: Session, document: str, index: int, line: Line) -> dict[str, Any]:
    return {
        "id": session.new_id(),
        "documentId": document,
        "sequence": index * 10000,
        "itemId": str(uuid.uuid5(uuid.NAMESPACE_OID, line.item)) if line.item else EMPTY_GUID,
        "lineType": "Item" if line.item else "Charge",
        "lineObjectNumber": line.item,
        "description": line.description,
        "unitOfMeasureCode": line.unit,
        "quantity": line.quantity,
        "unitPrice": line.unit_price,
        "amountExcludingTax": line.net,
        "taxPercent": line.tax_percent,
        "totalTaxAmount": line.tax,
        "amountIncludingTax": line.net + line.tax,
        "netAmount": line.net,
        "netTaxAmount": line.tax,
        "netAmountIncludingTax": line.net + line.tax,
        "rowVersion": session.take("rowVersion"),
    }
