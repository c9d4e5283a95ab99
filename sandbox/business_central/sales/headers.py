"""Makes, changes and deletes drafts of invoices, credit memos and orders."""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import Any

from sandbox.business_central import customers, dimensions
from sandbox.business_central.database import Session
from sandbox.business_central.errors import bad_request, dialog
from sandbox.business_central.facts import EMPTY_DATE, EMPTY_GUID
from sandbox.business_central.sales import amounts, parties
from sandbox.business_central.sales.kinds import (
    CREDIT_MEMO,
    INVOICE,
    KINDS,
    ORDER,
    Kind,
    names,
    refuse_posted,
)
from sandbox.business_central.webhooks.changes import changed

_PEOPLE = {"customerId", "customerNumber", "billToCustomerId", "billToCustomerNumber"}
_CURRENCY = {"currencyId", "currencyCode"}
_OPEN_AFTER_POSTING = {"dueDate", "promisedPayDate", "disputeStatus", "disputeStatusId"}


def create(kind: Kind, session: Session, values: dict[str, Any]) -> str:
    """Make a draft and return its id. It takes the customer's terms, currency and dimensions.

    Raises 400 without a customer, for one that is blocked, and for a relation that is not there.
    """
    sold = parties.sell_to(session, values)
    billed = parties.bill_to(session, values, sold)
    parties.refuse_blocked(sold, kind, act="create")
    _check(session, kind, values)
    given = {name: value for name, value in values.items() if name not in _PEOPLE | _CURRENCY}
    terms = parties.terms_of(session, values.get("paymentTermsId", EMPTY_GUID), billed)
    issued = _date(values, kind.date) or _date(values, "postingDate") or session.today
    draft = {
        "status": "Draft",
        "posted": 0,
        kind.date: issued,
        "postingDate": session.today,
        "dueDate": parties.due_date(terms, issued),
        **parties.columns_of(sold, billed),
        **parties.currency_of(session, values, billed),
        **_with_dates(given),
        "paymentTermsId": terms["id"],
        "number": f"{kind.draft_series}{session.take(f'series:{kind.draft_series}')}",
        **session.touched(),
    }
    draft |= _invoice_of(session, kind, values) | _dispute(session, kind, values)
    if draft.get("id", EMPTY_GUID) == EMPTY_GUID:
        draft["id"] = session.new_id()
    fitting = {name: value for name, value in draft.items() if name in names(kind.table)}
    session.insert(kind.table, fitting)
    dimensions.copy_defaults(session, sold["id"], kind.set, str(draft["id"]))
    dimensions.take_shortcuts(session, kind.set, str(draft["id"]), values)
    _keep_given_shortcuts(session, kind, str(draft["id"]), values)
    changed(session, kind.set, str(draft["id"]), "created")
    return str(draft["id"])


def patch(kind: Kind, session: Session, row: sqlite3.Row, values: dict[str, Any]) -> None:
    """Change a draft. A posted invoice takes four properties only, a posted credit memo none."""
    if kind is INVOICE and row["posted"]:
        _check(session, kind, values)
        customers.patch_invoice(session, row, values | _dispute(session, kind, values))
        return
    refuse_posted(kind, row)
    _check(session, kind, values)
    new = {name: value for name, value in values.items() if name not in _PEOPLE | _CURRENCY}
    billed = _billed(session, row)
    if values.keys() & _PEOPLE:
        sold = parties.sell_to(session, _changed_people(values, row))
        billed = parties.bill_to(session, values, sold)
        new = parties.columns_of(sold, billed) | parties.currency_of(session, {}, billed) | new
    if values.keys() & _CURRENCY:
        new |= parties.currency_of(session, values, billed)
    new |= _invoice_of(session, kind, values) | _dispute(session, kind, values)
    if "paymentTermsId" in values or (kind.date in values and "dueDate" not in values):
        terms = parties.terms_of(
            session, values.get("paymentTermsId", row["paymentTermsId"]), billed
        )
        new["paymentTermsId"] = terms["id"]
        new.setdefault("dueDate", parties.due_date(terms, values.get(kind.date, row[kind.date])))
    fitting = {name: value for name, value in new.items() if name in names(kind.table)}
    session.update(kind.table, fitting | session.touched(), key="id", is_=row["id"])
    dimensions.take_shortcuts(session, kind.set, row["id"], values)
    amounts.add_up(session, kind, row["id"])
    changed(session, kind.set, row["id"], "updated")


def delete(kind: Kind, session: Session, row: sqlite3.Row) -> None:
    """Delete a draft with its lines. What is posted stays."""
    if kind is not ORDER and row["posted"]:
        raise dialog(f"The {kind.word} has been posted and can no longer be modified.")
    for line in session.rows(
        f"SELECT id FROM {kind.line_table} WHERE documentId = ?",  # noqa: S608
        (row["id"],),
    ):
        dimensions.forget(session, line["id"])
    session.db.execute(f"DELETE FROM {kind.line_table} WHERE documentId = ?", (row["id"],))  # noqa: S608
    session.db.execute(f"DELETE FROM {kind.table} WHERE id = ?", (row["id"],))  # noqa: S608
    dimensions.forget(session, row["id"])
    changed(session, kind.set, row["id"], "deleted")


def _keep_given_shortcuts(
    session: Session, kind: Kind, document: str, values: dict[str, Any]
) -> None:
    """What the body says of the two global dimensions goes before the customer's defaults."""
    given = {name: values[name] for name in dimensions.SHORTCUTS if name in values}
    if given:
        session.update(kind.table, given, key="id", is_=document)


def _date(values: dict[str, Any], name: str) -> str:
    value = str(values.get(name, EMPTY_DATE))
    return "" if value == EMPTY_DATE else value


def _with_dates(given: dict[str, Any]) -> dict[str, Any]:
    """An empty date in a body leaves the default."""
    return {name: value for name, value in given.items() if value != EMPTY_DATE}


def _check(session: Session, kind: Kind, values: dict[str, Any]) -> None:
    method = values.get("shipmentMethodId", EMPTY_GUID)
    if method != EMPTY_GUID:
        known = session.row("SELECT 1 FROM shipment_method WHERE id = ?", (method,))
        if known is None:
            raise dialog('The "shipmentMethodId" does not match to a Shipment Method.')
    if kind is CREDIT_MEMO and values.get("customerReturnReasonId", EMPTY_GUID) != EMPTY_GUID:
        raise dialog('The "customerReturnReasonId" does not match to a Reason Code.')
    if values.get("pricesIncludeTax"):
        raise dialog(
            'The "pricesIncludeTax" cannot be set to true if VAT Calculation Type is Sales Tax.'
        )
    if values.get("discountAmount", 0) < 0:
        raise bad_request("The discount must not be below zero.", "Application_DialogException")


def _dispute(session: Session, kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
    """Dispute status by id or code: the one that is given brings the other."""
    if kind is not INVOICE or not values.keys() & {"disputeStatusId", "disputeStatus"}:
        return {}
    given_id = values.get("disputeStatusId", EMPTY_GUID)
    code = values.get("disputeStatus", "")
    if given_id == EMPTY_GUID and not code:
        return {"disputeStatusId": EMPTY_GUID, "disputeStatus": ""}
    column, wanted = ("id", given_id) if given_id != EMPTY_GUID else ("code", code)
    row = session.row(f"SELECT * FROM dispute_status WHERE {column} = ?", (wanted,))  # noqa: S608
    if row is None and column == "id":
        raise dialog('The "disputeStatusId" does not match to a Dispute Status.')
    if row is None:
        raise dialog("The dispute status cannot be found.")
    return {"disputeStatusId": row["id"], "disputeStatus": row["code"]}


def _invoice_of(session: Session, kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
    """The posted invoice that a credit memo applies to, by id, else by number unchecked."""
    if kind is not CREDIT_MEMO or values.get("invoiceId", EMPTY_GUID) == EMPTY_GUID:
        return {}
    row = session.row(
        "SELECT number FROM sales_invoice WHERE id = ? AND posted = 1", (values["invoiceId"],)
    )
    if row is None:
        raise dialog('The "invoiceId" does not match to an Invoice.')
    if values.get("invoiceNumber", row[0]) not in {"", row[0]}:
        raise dialog('The "invoiceId" and "invoiceNumber" do not match to a specific Invoice.')
    return {"invoiceNumber": row[0]}


def _billed(session: Session, row: sqlite3.Row) -> sqlite3.Row:
    return session.rows("SELECT * FROM customer WHERE id = ?", (row["billToCustomerId"],))[0]


def _changed_people(values: dict[str, Any], row: sqlite3.Row) -> dict[str, Any]:
    if values.keys() & {"customerId", "customerNumber"}:
        return values
    return {**values, "customerId": row["customerId"]}


CREATE = {kind.set: partial(create, kind) for kind in KINDS}
PATCH = {kind.set: partial(patch, kind) for kind in KINDS}
DELETE = {kind.set: partial(delete, kind) for kind in KINDS}
