"""The bound actions of sales documents: post, send, cancel, correct, ship and invoice.

Refusals are those of BCApps, pages 30012, 30038 and 30028 and the codeunits that they call. Mail is
set up and goes nowhere.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial

from sandbox.business_central import application, documents, ledger, unapplying
from sandbox.business_central.database import Session
from sandbox.business_central.documents import Order
from sandbox.business_central.errors import dialog
from sandbox.business_central.ledger import Document
from sandbox.business_central.sales import amounts, headers, lines, posting, shipping
from sandbox.business_central.sales.kinds import CREDIT_MEMO, INVOICE, Kind
from sandbox.business_central.webhooks.changes import changed

Place = tuple[str, str]  # the set and the id that an action's answer leads to
Act = Callable[[Session, sqlite3.Row], Place]


def _post(kind: Kind, session: Session, row: sqlite3.Row) -> Place:
    posting.post(session, kind, row)
    return kind.set, row["id"]


def _send(kind: Kind, session: Session, row: sqlite3.Row) -> Place:
    if not row["posted"]:
        posting.lines_to_post(session, kind, row)
    email = session.value("SELECT email FROM customer WHERE id = ?", (row["customerId"],))
    if not email:
        raise dialog(
            "The send-to email is empty. Specify email either for the customer or for the"
            f" {kind.word} in email preview."
        )
    return kind.set, row["id"]


def _cancel_invoice(session: Session, row: sqlite3.Row) -> Place:
    _need_posted(INVOICE, row)
    if row["status"] == "Canceled":
        raise dialog("The invoice cannot be canceled because it has already been canceled.")
    number = f"CM-{session.take('series:CM-')}"
    documents.cancel_invoice(
        session, row, number=number, posting_date=session.today, status="Canceled"
    )
    return INVOICE.set, row["id"]


def _make_corrective(session: Session, row: sqlite3.Row) -> Place:
    """Copy a posted invoice into a draft credit memo that will be applied to it."""
    _need_posted(INVOICE, row)
    entry = session.row(
        "SELECT entryNumber, open FROM customer_ledger_entry WHERE documentNumber = ?"
        " AND documentType = 'Invoice' AND customerNumber = ?",
        (row["number"], row["billToCustomerNumber"]),
    )
    left = ledger.remaining(session, entry["entryNumber"])[0] if entry is not None else 0
    if left != row["totalAmountIncludingTax"]:
        if entry is None or not entry["open"]:
            raise dialog(
                "The invoice is closed. The corrective credit memo will not be applied to the"
                " invoice."
            )
        raise dialog(
            "The invoice is partially paid or credited. The corrective credit memo may not be"
            " fully closed by the invoice."
        )
    values = {
        "customerId": row["customerId"],
        "billToCustomerId": row["billToCustomerId"],
        "currencyId": row["currencyId"],
        "paymentTermsId": row["paymentTermsId"],
        "externalDocumentNumber": row["externalDocumentNumber"],
        "discountAmount": row["discountAmount"],
        "invoiceId": row["id"],
    }
    memo = headers.create(CREDIT_MEMO, session, values)
    for line in session.rows(
        "SELECT * FROM sales_invoice_line WHERE documentId = ? ORDER BY sequence", (row["id"],)
    ):
        lines.copy(session, CREDIT_MEMO, line, memo)
    amounts.add_up(session, CREDIT_MEMO, memo)
    return CREDIT_MEMO.set, memo


def _cancel_memo(session: Session, row: sqlite3.Row) -> Place:
    """Cancel a corrective credit memo: it is unapplied, and a corrective invoice undoes it.

    The invoice that it had cancelled is owed again (BCApps, codeunit 1339 and table 1900).
    """
    _need_posted(CREDIT_MEMO, row)
    if row["status"] == "Canceled":
        raise dialog("The credit memo cannot be cancelled because it has already been canceled.")
    if row["status"] != "Corrective":
        raise dialog(
            "You cannot cancel this posted sales credit memo because it is not a corrective"
            " document."
        )
    entry = session.rows(
        "SELECT * FROM customer_ledger_entry WHERE documentNumber = ?"
        " AND documentType = 'Credit_x0020_Memo'",
        (row["number"],),
    )[0]
    number, total = entry["entryNumber"], row["totalAmountIncludingTax"]
    if -ledger.remaining(session, number)[0] not in {0, total}:
        raise dialog(
            "You cannot cancel this posted sales credit memo because it is not fully applied to an"
            " invoice."
        )
    while unapplying.unapply(session, number, posting_date=session.today):
        pass
    _undo_memo(session, row, number, total)
    _owe_again(session, row["invoiceNumber"])
    return CREDIT_MEMO.set, row["id"]


def _owe_again(session: Session, number: str) -> None:
    invoice = session.row(
        "SELECT id FROM sales_invoice WHERE number = ? AND status = 'Canceled'", (number,)
    )
    if invoice is None:
        return
    session.update(
        "sales_invoice", {"status": "Open", **session.touched()}, key="id", is_=invoice["id"]
    )
    changed(session, INVOICE.set, invoice["id"], "updated")


def _undo_memo(session: Session, row: sqlite3.Row, credit: int, amount: int) -> None:
    sold, billed = (
        session.rows("SELECT * FROM customer WHERE id = ?", (row[column],))[0]
        for column in ("customerId", "billToCustomerId")
    )
    order = Order(
        customer=sold,
        billed=billed,
        number=f"INV-{session.take('series:INV-')}",
        issued=session.today,
        lines=documents.lines_of(session, "sales_credit_memo_line", row["id"]),
        due_date=session.today,
    )
    invoice = documents.post_invoice(session, order)
    session.update("sales_invoice", {"status": "Corrective"}, key="id", is_=invoice)
    session.update(
        "sales_credit_memo", {"status": "Canceled", **session.touched()}, key="id", is_=row["id"]
    )
    debit = session.value(
        "SELECT entryNumber FROM customer_ledger_entry WHERE documentNumber = ?"
        " AND documentType = 'Invoice'",
        (order.number,),
    )
    document = Document(
        type="Invoice",
        number=order.number,
        posting_date=session.today,
        description=f"Cancellation of {row['number']}",
    )
    application.settle(session, document, credit=credit, debit=debit, amount=amount)
    changed(session, "salesCreditMemos", row["id"], "updated")


def _ship_and_invoice(session: Session, row: sqlite3.Row) -> Place:
    posted = shipping.ship_and_invoice(session, row)
    if posted.invoice:
        return INVOICE.set, posted.invoice
    return "salesOrders", row["id"]


def _need_posted(kind: Kind, row: sqlite3.Row) -> None:
    if not row["posted"]:
        raise dialog(f"The action can be applied to a posted {kind.word} only.")


def _named(name: str) -> str:
    return f"Microsoft.NAV.{name}"


# Sending comes after the commit: a missing address leaves the document posted [AL].
ACTIONS: dict[tuple[str, str], tuple[Act, ...]] = {
    (INVOICE.set, _named("cancel")): (_cancel_invoice,),
    (INVOICE.set, _named("cancelAndSend")): (_cancel_invoice, partial(_send, INVOICE)),
    (INVOICE.set, _named("makeCorrectiveCreditMemo")): (_make_corrective,),
    (CREDIT_MEMO.set, _named("cancel")): (_cancel_memo,),
    (CREDIT_MEMO.set, _named("cancelAndSend")): (_cancel_memo, partial(_send, CREDIT_MEMO)),
    ("salesOrders", _named("shipAndInvoice")): (_ship_and_invoice,),
}
for _kind in (INVOICE, CREDIT_MEMO):
    ACTIONS[_kind.set, _named("post")] = (partial(_post, _kind),)
    ACTIONS[_kind.set, _named("postAndSend")] = (partial(_post, _kind), partial(_send, _kind))
    ACTIONS[_kind.set, _named("send")] = (partial(_send, _kind),)
