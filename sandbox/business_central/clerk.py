"""What a clerk does in Business Central by hand, while the portal looks away."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from sandbox.business_central import (
    asked,
    batches,
    corrections,
    decimals,
    documents,
    journal_clerk,
    ledger,
    posting,
    values,
)
from sandbox.business_central.asked import Mistake
from sandbox.business_central.database import Session
from sandbox.business_central.documents import Order
from sandbox.business_central.facts import EMPTY_DATE, entities
from sandbox.business_central.ledger import Document
from sandbox.business_central.sales import clerk as sales_clerk
from sandbox.business_central.seed.lines import lines_for
from sandbox.business_central.webhooks.changes import changed


def post_payment(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Book a payment that came by bank: ``invoice``, ``amount`` (default: what is owed)."""
    invoice = asked.invoice(session, given)
    entry = session.row(
        "SELECT entryNumber FROM customer_ledger_entry WHERE documentNumber = ?"
        " AND documentType = 'Invoice'",
        (invoice["number"],),
    )
    if entry is None:
        raise Mistake(f"{invoice['number']} has no ledger entry.")
    owed = ledger.remaining(session, entry[0])[0]
    amount = asked.amount(given["amount"]) if "amount" in given else owed
    number = str(given.get("document") or f"CLERK-{session.take('series:CLERK-'):06d}")
    posting.receive(
        session,
        posting.Receipt(
            customer=invoice["billToCustomerNumber"],
            currency=invoice["currencyCode"],
            amount=amount,
            balancing_account=ledger.BANK,
            applies_to=invoice["number"],
            document=Document(
                type="Payment",
                number=number,
                posting_date=asked.day(given, "date", session.today),
                description=f"Cheque for {invoice['number']}",
            ),
        ),
    )
    return {"document": number, "amount": decimals.text(amount)}


def cancel_invoice(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Cancel a posted invoice with a credit memo: ``invoice``."""
    number = f"CM-{session.take('series:CM-')}"
    documents.cancel_invoice(
        session,
        asked.invoice(session, given),
        number=number,
        posting_date=session.today,
        status="Canceled",
    )
    return {"credit_memo": number}


def post_invoice(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Post a new invoice: ``customer``, ``amount``; also ``date``, ``due``, ``purchase_order``.

    ``bill_to`` is the customer that owes it, when that is another.
    """
    customer = asked.customer(session, given)
    billed = asked.customer(session, {"customer": given.get("bill_to", customer["number"])})
    number = f"INV-{session.take('series:INV-')}"
    rate = session.row("SELECT rate FROM currency WHERE code = ?", (billed["currencyCode"],))
    precision = ledger.precision(session, billed["currencyCode"])
    lines = lines_for(
        Random(number),  # noqa: S311 a demo, not a secret
        decimals.rounded(asked.amount(given.get("amount")), precision),
        precision=precision,
        rate=Decimal(rate[0]) if rate is not None else Decimal(1),
    )
    order = Order(
        customer=customer,
        number=number,
        issued=asked.day(given, "date", session.today),
        lines=lines,
        purchase_order=str(given.get("purchase_order", "")),
        due_date=asked.day(given, "due", "") if "due" in given else "",
        terms_code=str(given.get("terms", "")),
        billed=billed,
    )
    return {"id": documents.post_invoice(session, order), "number": number}


def post_credit_memo(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Post a credit memo that stays open: ``customer``, ``amount``; ``invoice``, which it names."""
    number = f"CM-{session.take('series:CM-')}"
    document = Document(
        type="Credit_x0020_Memo",
        number=number,
        posting_date=asked.day(given, "date", session.today),
        description=str(given.get("description", "Credit")),
    )
    line = documents.one_line(document.description, asked.amount(given.get("amount")))
    entry = documents.post_credit_memo(
        session,
        documents.Credit(
            customer=asked.customer(session, given),
            document=document,
            lines=[line],
            invoice=asked.invoice(session, given)["number"] if "invoice" in given else "",
        ),
    )
    memo = session.value("SELECT id FROM sales_credit_memo WHERE number = ?", (number,))
    return {"id": memo, "number": number, "entry": entry}


def block_customer(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Block a customer: ``customer``, ``blocked`` of "", Ship, Invoice, All."""
    customer = asked.customer(session, given)
    field = entities()["customers"].fields["blocked"]
    blocked = values.option(field, str(given.get("blocked", "All")))
    session.update(
        "customer", {"blocked": blocked, **session.touched()}, key="id", is_=customer["id"]
    )
    changed(session, "customers", customer["id"], "updated")
    return {"customer": customer["number"], "blocked": blocked}


def set_posting_range(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Allow posting ``from`` a day ``to`` a day; left out means no limit."""
    first, last = asked.day(given, "from", EMPTY_DATE), asked.day(given, "to", EMPTY_DATE)
    session.db.execute(
        "UPDATE general_ledger_setup SET allowPostingFrom = ?, allowPostingTo = ?", (first, last)
    )
    return {"from": first, "to": last}


def make_batch(session: Session, given: dict[str, Any]) -> dict[str, Any]:
    """Make a cash receipt batch as the client can: ``code``, ``bank_account``, ``no_series``."""
    code = str(given.get("code", "")).upper()[:10]
    if not code:
        raise Mistake("A batch needs a code.")
    batch = batches.create_cash_receipts(session, {"code": code, "displayName": code})
    bank = str(given.get("bank_account", ""))
    if bank:
        known = session.row("SELECT 1 FROM bank_account WHERE number = ?", (bank,))
        if known is None:
            raise Mistake(f"There is no bank account {bank}.")
        batches.set_bank(session, batch, bank)
    journal_clerk.set_up_batch(session, {"no_series": "", **given, "batch": code})
    return {"id": batch, "code": code}


ACTS = {
    "post-payment": post_payment,
    "cancel-invoice": cancel_invoice,
    "invoice": post_invoice,
    "credit-memo": post_credit_memo,
    "block-customer": block_customer,
    "posting-range": set_posting_range,
    "batch": make_batch,
    **corrections.ACTS,
    **sales_clerk.ACTS,
    **journal_clerk.ACTS,
}
