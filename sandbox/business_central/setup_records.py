"""Makes and changes what documents refer to: methods, areas, units, items, contacts, accounts."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sandbox.business_central import customers, decimals
from sandbox.business_central.database import Session
from sandbox.business_central.errors import dialog, field_error, same_key
from sandbox.business_central.facts import EMPTY_GUID
from sandbox.business_central.webhooks.changes import changed

_FORMULA = re.compile(r"(\d{1,4})([DWM])", re.IGNORECASE)
_DAYS = {"D": 1, "W": 7, "M": 30}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A table that the API may write: its key, how the ERP calls it, what it must have.

    ``series`` gives a number to a record that comes without one. ``used`` names columns
    of other tables in which a record's id keeps it from being deleted.
    """

    set: str
    table: str
    caption: str
    key: str = "code"
    series: str = ""
    named: bool = False
    used: tuple[tuple[str, str], ...] = ()


RECORDS = (
    Record(set="paymentMethods", table="payment_method", caption="Payment Method"),
    Record(set="shipmentMethods", table="shipment_method", caption="Shipment Method"),
    Record(
        set="paymentTerms",
        table="payment_term",
        caption="Payment Terms",
        used=(("customer", "paymentTermsId"),),
    ),
    Record(
        set="currencies",
        table="currency",
        caption="Currency",
        used=(("customer", "currencyId"), ("sales_invoice", "currencyId")),
    ),
    Record(set="taxAreas", table="tax_area", caption="Tax Area"),
    Record(set="taxGroups", table="tax_group", caption="Tax Group"),
    Record(set="countriesRegions", table="country_region", caption="Country/Region"),
    Record(set="disputeStatus", table="dispute_status", caption="Dispute Status"),
    Record(set="unitsOfMeasure", table="unit_of_measure", caption="Unit of Measure"),
    Record(set="bankAccounts", table="bank_account", caption="Bank Account", key="number",
           series="B-"),
    Record(set="items", table="item", caption="Item", key="number", series="IT-",
           used=(("sales_invoice_line", "itemId"), ("sales_order_line", "itemId"))),
    Record(set="contacts", table="contact", caption="Contact", key="number", series="CT-",
           named=True),
)  # fmt: skip


def create(record: Record, session: Session, values: dict[str, Any]) -> str:
    """Write a record and return its id. A taken key is ``Internal_EntityWithSameKeyExists``."""
    if record.named and not values.get("displayName"):
        raise dialog('A "displayName" must be provided.')
    row = dict(values) | _derived(session, record, values)
    if not row.get(record.key) and record.series:
        row[record.key] = f"{record.series}{session.take(f'series:{record.series}'):05d}"
    if not row.get(record.key):
        raise field_error(
            f"Code must have a value in {record.caption}: Code=. It cannot be zero or empty."
        )
    _refuse_taken(session, record, row[record.key])
    if row.get("id", EMPTY_GUID) == EMPTY_GUID:
        row["id"] = session.new_id()
    session.insert(record.table, row | _touched(session, record))
    changed(session, record.set, str(row["id"]), "created")
    return str(row["id"])


def patch(record: Record, session: Session, row: sqlite3.Row, values: dict[str, Any]) -> None:
    """Change a record; another code renames it."""
    if record.named and values.get("displayName", "x") == "":
        raise dialog('The blank "displayName" is not allowed.')
    if values.get(record.key, row[record.key]) != row[record.key]:
        _refuse_taken(session, record, values[record.key])
    new = dict(values) | _derived(session, record, values)
    session.update(record.table, new | _touched(session, record), key="id", is_=row["id"])
    changed(session, record.set, row["id"], "updated")


def delete(record: Record, session: Session, row: sqlite3.Row) -> None:
    """Delete a record that nothing refers to."""
    for table, column in record.used:
        used = session.row(f"SELECT 1 FROM {table} WHERE {column} = ?", (row["id"],))  # noqa: S608
        if used is not None:
            raise dialog(
                f"You cannot delete {record.caption} {row[record.key]} because it is used."
            )
    session.db.execute(f"DELETE FROM {record.table} WHERE id = ?", (row["id"],))  # noqa: S608
    changed(session, record.set, row["id"], "deleted")


def patch_customer_contact(session: Session, row: sqlite3.Row, values: dict[str, Any]) -> None:
    """Change a person of a customer: another view of a contact."""
    columns = {"professionalTitle": "jobTitle", "primaryPhoneNumber": "phoneNumber"}
    new = {columns.get(name, name): value for name, value in values.items() if name != "customerId"}
    if values.get("customerId", row["relatedId"]) != row["relatedId"]:
        customer = session.row(
            "SELECT displayName FROM customer WHERE id = ?", (values["customerId"],)
        )
        if customer is None:
            raise dialog("Customer with provided id - does not exist")
        new |= {"relatedId": values["customerId"], "companyName": customer[0]}
    session.update("contact", new | session.touched(), key="id", is_=row["id"])
    changed(session, "contacts", row["id"], "updated")


def delete_contact(session: Session, row: sqlite3.Row) -> None:
    """Delete a person of a customer."""
    session.db.execute("DELETE FROM contact WHERE id = ?", (row["id"],))
    changed(session, "contacts", row["id"], "deleted")


def _touched(session: Session, record: Record) -> dict[str, Any]:
    touched = session.touched()
    if record.set == "disputeStatus":  # it shows no date of its last change
        touched.pop("lastModifiedDateTime")
    return touched


def _refuse_taken(session: Session, record: Record, key: str) -> None:
    taken = session.row(f"SELECT 1 FROM {record.table} WHERE {record.key} = ?", (key,))  # noqa: S608
    if taken is not None:
        raise same_key(record.caption, f"{'No.' if record.series else 'Code'}='{key}'")


def _derived(session: Session, record: Record, values: dict[str, Any]) -> dict[str, Any]:
    """What follows from what is given: a formula's days, an id's code."""
    rule = _RULES.get(record.set)
    return rule(session, values) if rule is not None else {}


def _term_days(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """30D, 2W and 1M become days; a month counts 30, other formulas 30."""
    del session
    found = {}
    for name, column in (("dueDateCalculation", "dueDays"),
                         ("discountDateCalculation", "discountDays")):  # fmt: skip
        if name in values:
            match = _FORMULA.fullmatch(values[name])
            other = 30 if values[name] and column == "dueDays" else 0
            found[column] = int(match[1]) * _DAYS[match[2].upper()] if match else other
    return found


def _bank_currency(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    if not values.keys() & {"currencyId", "currencyCode"}:
        return {}
    code = customers.currency(session, values)["currencyCode"]
    values.pop("currencyId", None)
    return {"currencyCode": code}


def _item_relations(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if values.get("inventory"):
        raise dialog("Inventory cannot be changed during on insert.")
    for table, given_id, code, refusal in (
        ("tax_group", "taxGroupId", "taxGroupCode", '"taxGroupId" does not match to a Tax Group.'),
        (
            "unit_of_measure",
            "baseUnitOfMeasureId",
            "baseUnitOfMeasureCode",
            '"baseUnitOfMeasureId" does not match to a Unit of Measure.',
        ),
    ):
        column, wanted = ("id", values.get(given_id, EMPTY_GUID))
        if wanted == EMPTY_GUID:
            column, wanted = ("code", values.get(code, ""))
        if not wanted:
            continue
        row = session.row(f"SELECT id, code FROM {table} WHERE {column} = ?", (wanted,))  # noqa: S608
        if row is None:
            raise dialog(f"The {refusal}")
        found |= {given_id: row["id"], code: row["code"]}
    return found


def _precision(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    del session
    fresh = "code" in values and not values.get("amountRoundingPrecision")
    return {"amountRoundingPrecision": decimals.scaled("0.01")} if fresh else {}


_RULES: dict[str, Callable[[Session, dict[str, Any]], dict[str, Any]]] = {
    "paymentTerms": _term_days,
    "bankAccounts": _bank_currency,
    "items": _item_relations,
    "currencies": _precision,
}

CREATE = {record.set: partial(create, record) for record in RECORDS}
PATCH = {record.set: partial(patch, record) for record in RECORDS}
DELETE = {record.set: partial(delete, record) for record in RECORDS}
