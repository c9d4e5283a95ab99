"""Posts sales invoices and credit memos: the document, its lines, its entries in the books."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.business_central import application, booking, decimals, ids, ledger, moments
from sandbox.business_central.booking import Sale
from sandbox.business_central.database import Session
from sandbox.business_central.errors import dialog
from sandbox.business_central.facts import EMPTY_DATE, EMPTY_GUID
from sandbox.business_central.ledger import Document
from sandbox.business_central.shapes import columns
from sandbox.business_central.webhooks.changes import changed

# BCApps, codeunit 1303; the backslashes are line ends in the client.
_IS_PAID = (
    "You cannot cancel this posted sales invoice because it is fully or partially paid.\\\\To"
    " reverse a paid sales invoice, you must manually create a sales credit memo."
)


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
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an invoice is made of. ``due_date`` "" means: by the terms of who is billed.

    ``billed`` is the customer that owes it, when that is another than ``customer``.
    """

    customer: sqlite3.Row
    number: str
    issued: str
    lines: Sequence[Line]
    purchase_order: str = ""
    order_number: str = ""
    due_date: str = ""
    terms_code: str = ""
    ship_to: str = ""
    billed: sqlite3.Row | None = None

    @property
    def debtor(self) -> sqlite3.Row:
        """Who owes it."""
        return self.billed if self.billed is not None else self.customer


def post_invoice(session: Session, order: Order) -> str:
    """Post an invoice: its row is Open, its entry is open, its sale is booked. Returns its id."""
    invoice = _write(session, order, posted=True, status="Open")
    document = Document(
        type="Invoice",
        number=order.number,
        posting_date=order.issued,
        description=f"Order {order.order_number}" if order.order_number else "Invoice",
        external_number=order.purchase_order,
    )
    terms = _terms(session, order)
    booking.book(
        session,
        document,
        _sale(order.debtor, order.lines),
        due_date=invoice["dueDate"],
        discount_date=invoice["discountDate"],
        discount_percent=terms["discountPercent"] if terms["discountDays"] else 0,
    )
    return str(invoice["id"])


def write_draft(session: Session, order: Order, *, status: str) -> str:
    """Write an unposted invoice. Status ``Open`` is a released draft, which looks payable."""
    return str(_write(session, order, posted=False, status=status)["id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What a credit memo is made of. ``invoice`` is the number of the one it undoes, or "".

    ``customer`` gets the money; ``of`` is the document whose names and addresses it takes over.
    """

    customer: sqlite3.Row
    document: Document
    lines: Sequence[Line]
    status: str = "Open"
    invoice: str = ""
    of: sqlite3.Row | None = None


def post_credit_memo(session: Session, credit: Credit) -> int:
    """Post a credit memo: its row, its lines and its entry, which stays open. Returns the entry."""
    document, (net, tax) = credit.document, _sum(credit.lines)
    memo = {
        "id": session.new_id(),
        "number": document.number,
        "posted": 1,
        "creditMemoDate": document.posting_date,
        "postingDate": document.posting_date,
        "dueDate": document.posting_date,
        "externalDocumentNumber": document.external_number,
        "paymentTermsId": credit.customer["paymentTermsId"],
        "invoiceNumber": credit.invoice,
        "totalAmountExcludingTax": net,
        "totalTaxAmount": tax,
        "totalAmountIncludingTax": net + tax,
        "status": credit.status,
        **_parties_of(credit),
        **session.touched(),
    }
    fitting = columns("sales_credit_memo")
    session.insert("sales_credit_memo", {n: v for n, v in memo.items() if n in fitting})
    for index, line in enumerate(credit.lines, start=1):
        session.insert("sales_credit_memo_line", _line(session, memo, index, line))
    changed(session, "salesCreditMemos", memo["id"], "created")
    sale = _sale(credit.customer, credit.lines, sign=-1)
    return booking.book(session, document, sale, due_date=document.posting_date)


def _parties_of(credit: Credit) -> dict[str, Any]:
    usual = parties(credit.customer)
    return {name: credit.of[name] for name in usual} if credit.of is not None else usual


def one_line(description: str, amount: int) -> Line:
    """A line of one piece without tax."""
    return Line(
        item="",
        description=description,
        quantity=decimals.SCALE,
        unit="",
        unit_price=amount,
        net=amount,
        tax=0,
        tax_percent=0,
    )


def cancel_invoice(
    session: Session, invoice: sqlite3.Row, *, number: str, posting_date: str, status: str
) -> None:
    """Cancel a posted invoice with a credit memo over all of it.

    ``status`` is Canceled (the memo is then Corrective), or Corrective for an invoice that undid a
    credit memo (which is then Canceled). One on which something was paid cannot be cancelled.
    """
    entry = session.row(
        "SELECT entryNumber FROM customer_ledger_entry WHERE documentNumber = ?"
        " AND documentType = 'Invoice' AND open = 1",
        (invoice["number"],),
    )
    if not invoice["posted"] or entry is None:
        raise dialog(_IS_PAID)
    owed = ledger.remaining(session, entry[0])[0]
    if owed != invoice["totalAmountIncludingTax"]:
        raise dialog(_IS_PAID)
    customer = session.rows(
        "SELECT * FROM customer WHERE number = ?", (invoice["billToCustomerNumber"],)
    )[0]
    document = Document(
        type="Credit_x0020_Memo",
        number=number,
        posting_date=posting_date,
        description=f"Cancellation of {invoice['number']}",
    )
    credit = Credit(
        customer=customer,
        document=document,
        lines=lines_of(session, "sales_invoice_line", invoice["id"]),
        status="Corrective" if status == "Canceled" else "Canceled",
        invoice=invoice["number"],
        of=invoice,
    )
    memo = post_credit_memo(session, credit)
    # The status first: settling would call the invoice paid.
    session.update(
        "sales_invoice", {"status": status, **session.touched()}, key="id", is_=invoice["id"]
    )
    application.settle(session, document, credit=memo, debit=entry[0], amount=owed)
    changed(session, "salesInvoices", invoice["id"], "updated")


def lines_of(session: Session, table: str, document: str) -> list[Line]:
    """The lines of a document, to be written into another that undoes it."""
    rows = session.rows(
        f"SELECT * FROM {table} WHERE documentId = ? ORDER BY sequence",  # noqa: S608
        (document,),
    )
    return [
        Line(
            item=row["lineObjectNumber"] if row["lineType"] == "Item" else "",
            account=row["lineObjectNumber"] if row["lineType"] == "Account" else "",
            description=row["description"],
            quantity=row["quantity"],
            unit=row["unitOfMeasureCode"],
            unit_price=row["unitPrice"],
            net=row["netAmount"],
            tax=row["netTaxAmount"],
            tax_percent=row["taxPercent"],
        )
        for row in rows
    ]


def _sale(customer: sqlite3.Row, lines: Sequence[Line], *, sign: int = 1) -> Sale:
    nets: dict[str, int] = {}
    for line in lines:
        account = line.account or ledger.SALES
        nets[account] = nets.get(account, 0) + line.net
    return Sale(
        customer=customer["number"],
        currency=customer["currencyCode"],
        nets=nets,
        tax=_sum(lines)[1],
        sign=sign,
    )


def _sum(lines: Sequence[Line]) -> tuple[int, int]:
    return sum(line.net for line in lines), sum(line.tax for line in lines)


def _terms(session: Session, order: Order) -> sqlite3.Row:
    code = order.terms_code or order.debtor["paymentTermsCode"]
    return session.rows("SELECT * FROM payment_term WHERE code = ?", (code,))[0]


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
        **parties(order.customer, order.debtor),
        "shipToName": order.ship_to or order.customer["displayName"],
        **session.touched(),
    }
    session.insert("sales_invoice", invoice)
    for index, line in enumerate(order.lines, start=1):
        session.insert("sales_invoice_line", _line(session, invoice, index, line))
    changed(session, "salesInvoices", invoice["id"], "created")
    return invoice


def parties(customer: sqlite3.Row, billed: sqlite3.Row | None = None) -> dict[str, Any]:
    """Names and addresses, copied into the document; who is sold to is also billed, if not said."""
    billed = billed if billed is not None else customer
    found = {
        "customerId": customer["id"],
        "customerNumber": customer["number"],
        "customerName": customer["displayName"],
        "billToCustomerId": billed["id"],
        "billToCustomerNumber": billed["number"],
        "billToName": billed["displayName"],
        "currencyId": billed["currencyId"],
        "currencyCode": billed["currencyCode"],
        "shipmentMethodId": customer["shipmentMethodId"],
        "email": customer["email"],
        "phoneNumber": customer["phoneNumber"],
    }
    for who, row in (("sellTo", customer), ("billTo", billed), ("shipTo", customer)):
        found |= {
            f"{who}AddressLine1": row["addressLine1"],
            f"{who}AddressLine2": row["addressLine2"],
            f"{who}City": row["city"],
            f"{who}Country": row["country"],
            f"{who}State": row["state"],
            f"{who}PostCode": row["postalCode"],
        }
    return found


def item_id(number: str) -> str:
    """The id of an item of the demo company: the same in every one of them."""
    return ids.coded(number) if number else EMPTY_GUID


def unit_id(code: str) -> str:
    """The id of a unit of measure, in the same way."""
    return ids.coded("unit", code) if code else EMPTY_GUID


def _line(session: Session, document: Mapping[str, Any], index: int, line: Line) -> dict[str, Any]:
    gross = decimals.times(
        line.unit_price,
        decimals.decimal(line.quantity),
        ledger.precision(session, document["currencyCode"]),
    )
    discount = gross - line.net
    return {
        "id": session.new_id(),
        "documentId": document["id"],
        "sequence": index * 10000,
        "itemId": item_id(line.item),
        "accountId": _account_id(session, line.account),
        "lineType": "Item" if line.item else ("Account" if line.account else "Charge"),
        "lineObjectNumber": line.item or line.account,
        "description": line.description,
        "unitOfMeasureId": unit_id(line.unit),
        "unitOfMeasureCode": line.unit,
        "quantity": line.quantity,
        "unitPrice": line.unit_price,
        "discountAmount": discount,
        "discountPercent": decimals.scaled(Decimal(discount) * 100 / gross) if discount else 0,
        "amountExcludingTax": line.net,
        "taxCode": "TAXABLE" if line.tax_percent else "NONTAXABLE",
        "taxPercent": line.tax_percent,
        "totalTaxAmount": line.tax,
        "amountIncludingTax": line.net + line.tax,
        "netAmount": line.net,
        "netTaxAmount": line.tax,
        "netAmountIncludingTax": line.net + line.tax,
        "shipmentDate": document["postingDate"],
        "rowVersion": session.take("rowVersion"),
    }


def _account_id(session: Session, number: str) -> str:
    row = session.row("SELECT id FROM account WHERE number = ?", (number,)) if number else None
    return str(row[0]) if row is not None else EMPTY_GUID
