"""Makes and changes customers, and the few invoice fields that stay open after posting."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.business_central.database import Session
from sandbox.business_central.errors import dialog, same_key
from sandbox.business_central.facts import EMPTY_GUID
from sandbox.business_central.webhooks.changes import changed

_RELATIONS = (
    ("shipmentMethodId", "shipment_method", "Shipment Method"),
    ("paymentMethodId", "payment_method", "Payment Method"),
)
_DRAFTS = (("sales_invoice", "Invoice", "AND posted = 0"), ("sales_order", "Order", ""),
           ("sales_credit_memo", "Credit Memo", "AND posted = 0"))  # fmt: skip
_OPEN_AFTER_POSTING = {"dueDate", "promisedPayDate", "disputeStatus", "disputeStatusId"}


def create(session: Session, values: dict[str, Any]) -> str:
    """Write a customer and return its id. Without a number it gets the next one."""
    if not values.get("displayName"):
        raise dialog('A "displayName" must be provided.')
    number = values.get("number") or f"C-{60_000 + session.take('series:C-')}"
    if session.row("SELECT 1 FROM customer WHERE number = ?", (number,)) is not None:
        raise same_key("Customer", f"No.='{number}'")
    customer = _related(session, values) | {"number": number}
    if customer.get("id", EMPTY_GUID) == EMPTY_GUID:
        customer["id"] = session.new_id()
    customer.setdefault("paymentTermsCode", "NET30")
    session.insert("customer", customer | session.touched())
    changed(session, "customers", customer["id"], "created")
    return str(customer["id"])


def patch(session: Session, row: sqlite3.Row, values: dict[str, Any]) -> None:
    """Change a customer."""
    if values.get("displayName", "x") == "":
        raise dialog('The blank "displayName" is not allowed.')
    new = _related(session, values)
    session.update("customer", new | session.touched(), key="id", is_=row["id"])
    changed(session, "customers", row["id"], "updated")


def delete(session: Session, row: sqlite3.Row) -> None:
    """Delete a customer that has neither entries nor drafts."""
    entries = session.row(
        "SELECT 1 FROM customer_ledger_entry WHERE customerNumber = ?", (row["number"],)
    )
    if entries is not None:
        raise dialog(
            f"You cannot delete Customer {row['number']} because it has ledger entries in a fiscal"
            " year that has not been closed yet."
        )
    for table, word, where in _DRAFTS:
        draft = session.row(
            f"SELECT 1 FROM {table} WHERE ? IN (customerId, billToCustomerId) {where}",  # noqa: S608
            (row["id"],),
        )
        if draft is not None:
            raise dialog(
                f"You cannot delete Customer {row['number']} because there is at least one"
                f" outstanding Sales {word} for this customer."
            )
    session.db.execute("DELETE FROM default_dimension WHERE parentId = ?", (row["id"],))
    session.db.execute("DELETE FROM customer WHERE id = ?", (row["id"],))
    changed(session, "customers", row["id"], "deleted")


def _related(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """Follow currency and payment terms; an id and a code that are both given must agree."""
    new = {name: value for name, value in values.items() if name != "currencyCode"}
    if "currencyId" in values or "currencyCode" in values:
        new |= currency(session, values)
    if values.get("paymentTermsId", EMPTY_GUID) != EMPTY_GUID:
        terms = session.row(
            "SELECT code FROM payment_term WHERE id = ?", (values["paymentTermsId"],)
        )
        if terms is None:
            raise dialog('The "paymentTermsId" does not match to a Payment Terms.')
        new["paymentTermsCode"] = terms[0]
    for name, table, caption in _RELATIONS:
        wanted = values.get(name, EMPTY_GUID)
        if wanted == EMPTY_GUID:
            continue
        if session.row(f"SELECT 1 FROM {table} WHERE id = ?", (wanted,)) is None:  # noqa: S608
            raise dialog(f'The "{name}" does not match to a {caption}.')
    return new


def currency(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """The currency of an id or a code; the local currency is kept as no code at all."""
    code = values.get("currencyCode", "")
    given_id = values.get("currencyId", EMPTY_GUID)
    local = session.value("SELECT localCurrencyCode FROM general_ledger_setup")
    if given_id == EMPTY_GUID and code in {"", local}:
        return {"currencyId": EMPTY_GUID, "currencyCode": ""}
    if given_id == EMPTY_GUID:
        row = session.row("SELECT id, code FROM currency WHERE code = ?", (code,))
        if row is None:
            raise dialog('The "currencyCode" does not match to a Currency.')
    else:
        row = session.row("SELECT id, code FROM currency WHERE id = ?", (given_id,))
        if row is None:
            raise dialog('The "currencyId" does not match to a Currency.')
        if code and code != row["code"]:
            raise dialog("The currency values do not match to a specific Currency.")
    return {"currencyId": row["id"], "currencyCode": row["code"]}


def patch_invoice(session: Session, row: sqlite3.Row, values: dict[str, Any]) -> None:
    """A posted invoice takes four fields only (facts, section 1.2); its entry is due with it."""
    if not row["posted"] or set(values) - _OPEN_AFTER_POSTING:
        raise dialog("The invoice has been posted and can no longer be modified.")
    session.update("sales_invoice", values | session.touched(), key="id", is_=row["id"])
    if "dueDate" in values:
        session.db.execute(
            "UPDATE customer_ledger_entry SET dueDate = ? WHERE documentNumber = ?"
            " AND documentType = 'Invoice' AND customerNumber = ?",
            (values["dueDate"], row["number"], row["billToCustomerNumber"]),
        )
    changed(session, "salesInvoices", row["id"], "updated")


def patch_company_information(session: Session, row: sqlite3.Row, values: dict[str, Any]) -> None:
    """Change the company's own card."""
    session.update("company_information", values | session.touched(), key="id", is_=row["id"])
    changed(session, "companyInformation", row["id"], "updated")
