"""Who a document is for: sell-to, bill-to, their addresses, terms, currency and dimensions."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.business_central import moments
from sandbox.business_central.customers import currency
from sandbox.business_central.database import Session
from sandbox.business_central.errors import dialog
from sandbox.business_central.facts import EMPTY_DATE, EMPTY_GUID
from sandbox.business_central.sales.kinds import CREDIT_MEMO, ORDER, Kind

_ADDRESS = {
    "AddressLine1": "addressLine1",
    "AddressLine2": "addressLine2",
    "City": "city",
    "Country": "country",
    "State": "state",
    "PostCode": "postalCode",
}


def sell_to(session: Session, values: dict[str, Any]) -> sqlite3.Row:
    """The customer that is sold to, by id or number. Raises 400 for none or two."""
    given_id = values.get("customerId", EMPTY_GUID)
    number = values.get("customerNumber", "")
    if given_id == EMPTY_GUID and not number:
        raise dialog('A "customerNumber" or a "customerId" must be provided.')
    return _customer(session, given_id, number, who="sell-to")


def bill_to(session: Session, values: dict[str, Any], sold_to: sqlite3.Row) -> sqlite3.Row:
    """The customer that owes: the one that is named, else who is sold to."""
    given_id = values.get("billToCustomerId", EMPTY_GUID)
    number = values.get("billToCustomerNumber", "")
    if given_id == EMPTY_GUID and not number:
        return sold_to
    return _customer(session, given_id, number, who="bill-to")


def _customer(session: Session, given_id: str, number: str, *, who: str) -> sqlite3.Row:
    column, wanted = ("id", given_id) if given_id != EMPTY_GUID else ("number", number)
    row = session.row(f"SELECT * FROM customer WHERE {column} = ?", (wanted,))  # noqa: S608
    if row is None:
        raise dialog(f"The {who} customer cannot be found.")
    if number and row["number"] != number:
        raise dialog(f"The {who} customer values do not match to a specific Customer.")
    return row


def refuse_blocked(customer: sqlite3.Row, kind: Kind, *, act: str) -> None:
    """All stops every document, Invoice invoices and orders, Ship orders only."""
    blocked = customer["blocked"]
    stopped = (
        blocked == "All"
        or (blocked == "Invoice" and kind is not CREDIT_MEMO)
        or (blocked == "Ship" and kind is ORDER)
    )
    if stopped:
        raise dialog(
            f"You cannot {act} this type of document when Customer {customer['number']} is"
            f" blocked with type {blocked}"
        )


def columns_of(sold: sqlite3.Row, billed: sqlite3.Row) -> dict[str, Any]:
    """Names and addresses, copied into the document when it is made."""
    found: dict[str, Any] = {
        "customerId": sold["id"],
        "customerNumber": sold["number"],
        "customerName": sold["displayName"],
        "billToCustomerId": billed["id"],
        "billToCustomerNumber": billed["number"],
        "billToName": billed["displayName"],
        "shipToName": sold["displayName"],
        "email": sold["email"],
        "phoneNumber": sold["phoneNumber"],
        "salesperson": sold["salespersonCode"],
        "shipmentMethodId": sold["shipmentMethodId"],
    }
    for who, customer in (("sellTo", sold), ("billTo", billed), ("shipTo", sold)):
        found |= {f"{who}{name}": customer[column] for name, column in _ADDRESS.items()}
    return found


def currency_of(session: Session, values: dict[str, Any], billed: sqlite3.Row) -> dict[str, Any]:
    """The document's currency: what is given, else that of who is billed."""
    if "currencyId" in values or "currencyCode" in values:
        return currency(session, values)
    return {"currencyId": billed["currencyId"], "currencyCode": billed["currencyCode"]}


def terms_of(session: Session, terms_id: str, billed: sqlite3.Row) -> sqlite3.Row:
    """The payment terms: those that are given, else those of who is billed."""
    wanted = terms_id if terms_id != EMPTY_GUID else billed["paymentTermsId"]
    row = session.row("SELECT * FROM payment_term WHERE id = ?", (wanted,))
    if row is None and terms_id != EMPTY_GUID:
        raise dialog('The "paymentTermsId" does not match to a Payment Terms.')
    return row or session.rows("SELECT * FROM payment_term WHERE code = 'NET30'")[0]


def due_date(terms: sqlite3.Row, document_date: str) -> str:
    """When a document of a date is due by its terms."""
    return moments.plus_days(document_date, terms["dueDays"])


def discount_date(terms: sqlite3.Row, document_date: str) -> str:
    """Until when the terms' discount may be taken; an empty date when there is none."""
    if not terms["discountDays"]:
        return EMPTY_DATE
    return moments.plus_days(document_date, terms["discountDays"])
