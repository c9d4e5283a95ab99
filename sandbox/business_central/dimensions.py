"""Dimensions of documents, lines and journal lines, and the defaults that customers bring."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.business_central.database import Session
from sandbox.business_central.errors import ApiError, dialog
from sandbox.business_central.facts import EMPTY_GUID

_TYPES = {
    "salesInvoices": "Sales_x0020_Invoice",
    "salesInvoiceLines": "Sales_x0020_Invoice_x0020_Line",
    "salesCreditMemos": "Sales_x0020_Credit_x0020_Memo",
    "salesCreditMemoLines": "Sales_x0020_Credit_x0020_Memo_x0020_Line",
    "salesOrders": "Sales_x0020_Order",
    "salesOrderLines": "Sales_x0020_Order_x0020_Line",
    "salesShipments": "Sales_x0020_Shipment",
    "salesShipmentLines": "Sales_x0020_Shipment_x0020_Line",
}
_LINE_PARENTS = {
    "Sales_x0020_Invoice_x0020_Line": "sales_invoice_line",
    "Sales_x0020_Credit_x0020_Memo_x0020_Line": "sales_credit_memo_line",
    "Sales_x0020_Order_x0020_Line": "sales_order_line",
    "Journal_x0020_Line": "journal_line",
}
_HEADER_PARENTS = {
    "Sales_x0020_Invoice": "sales_invoice",
    "Sales_x0020_Credit_x0020_Memo": "sales_credit_memo",
    "Sales_x0020_Order": "sales_order",
}
SHORTCUTS = ("shortcutDimension1Code", "shortcutDimension2Code")


def create(session: Session, values: dict[str, Any]) -> str:
    """Give a draft or a line a dimension; returns the dimension's id, the key below its parent."""
    parent = values.get("parentId", EMPTY_GUID)
    if parent == EMPTY_GUID:
        raise dialog("You must get to the parent first to create a dimension set line.")
    _refuse_read_only(session, parent, values.get("parentType", ""))
    dimension = _dimension(session, values)
    value = _value(session, dimension, values)
    there = session.row(
        "SELECT 1 FROM dimension_set_line WHERE parentId = ? AND id = ?", (parent, dimension["id"])
    )
    if there is not None:
        raise dialog(
            "The dimension set line already exists. Check existing dimension set lines and the"
            " default dimension set lines on the parent."
        )
    _add(session, dimension, value, parent, values.get("parentType", ""))
    return str(dimension["id"])


def patch(session: Session, row: sqlite3.Row, values: dict[str, Any]) -> None:
    """Give a dimension of a parent another value."""
    if values.get("id", row["id"]) != row["id"] or values.get("code", row["code"]) != row["code"]:
        raise dialog('The "id" and "code" fields cannot be modified.')
    _refuse_read_only(session, row["parentId"], row["parentType"])
    dimension = session.rows("SELECT * FROM dimension WHERE id = ?", (row["id"],))[0]
    value = _value(session, dimension, values)
    session.db.execute(
        "UPDATE dimension_set_line SET valueId = ?, rowVersion = ? WHERE parentId = ? AND id = ?",
        (value["id"], session.take("rowVersion"), row["parentId"], row["id"]),
    )


def delete(session: Session, row: sqlite3.Row) -> None:
    """Take a dimension away from a draft or a line."""
    _refuse_read_only(session, row["parentId"], row["parentType"])
    session.db.execute(
        "DELETE FROM dimension_set_line WHERE parentId = ? AND id = ?", (row["parentId"], row["id"])
    )


def copy_defaults(session: Session, customer: str, entity_set: str, parent: str) -> None:
    """Give a new document or line the default dimensions of its customer."""
    defaults = session.rows(
        "SELECT dimensionId, dimensionValueId FROM default_dimension WHERE parentId = ?",
        (customer,),
    )
    for default in defaults:
        value = session.row(
            "SELECT * FROM dimension_value WHERE id = ?", (default["dimensionValueId"],)
        )
        dimension = session.row("SELECT * FROM dimension WHERE id = ?", (default["dimensionId"],))
        if value is not None and dimension is not None:
            _add(session, dimension, value, parent, _TYPES[entity_set])
    if defaults and not entity_set.endswith("Lines"):
        _set_shortcuts(session, parent, _HEADER_PARENTS[_TYPES[entity_set]])


def copy(session: Session, source: str, target: str, entity_set: str) -> None:
    """Give a posted document the dimensions of what it was posted from."""
    session.db.execute(
        "INSERT INTO dimension_set_line (id, code, parentId, parentType, valueId, rowVersion)"
        " SELECT id, code, ?, ?, valueId, rowVersion FROM dimension_set_line WHERE parentId = ?",
        (target, _TYPES[entity_set], source),
    )


def take_shortcuts(session: Session, entity_set: str, parent: str, values: dict[str, Any]) -> None:
    """Give a draft the global dimensions that its own two properties name; "" takes one away.

    Raises ``Internal_InvalidTableRelation`` for a value that the dimension has not.
    """
    setup = session.rows("SELECT * FROM general_ledger_setup")[0]
    for column in SHORTCUTS:
        if column not in values:
            continue
        dimension = session.row("SELECT * FROM dimension WHERE code = ?", (setup[column],))
        if dimension is None:
            continue
        session.db.execute(
            "DELETE FROM dimension_set_line WHERE parentId = ? AND id = ?",
            (parent, dimension["id"]),
        )
        if values[column]:
            value = _shortcut_value(session, dimension, values[column], column)
            _add(session, dimension, value, parent, _TYPES[entity_set])


def _shortcut_value(
    session: Session, dimension: sqlite3.Row, code: str, column: str
) -> sqlite3.Row:
    row = session.row(
        "SELECT * FROM dimension_value WHERE dimensionId = ? AND code = ?", (dimension["id"], code)
    )
    if row is None:
        raise ApiError(
            400,
            "Internal_InvalidTableRelation",
            f"The field Shortcut Dimension {column[17]} Code of table Sales Header contains a value"
            f" ({code}) that cannot be found in the related table (Dimension Value).",
        )
    return row


def forget(session: Session, parent: str) -> None:
    """Delete the dimensions of a parent that is deleted."""
    session.db.execute("DELETE FROM dimension_set_line WHERE parentId = ?", (parent,))


def _add(
    session: Session, dimension: sqlite3.Row, value: sqlite3.Row, parent: str, parent_type: str
) -> None:
    session.insert(
        "dimension_set_line",
        {
            "id": dimension["id"],
            "code": dimension["code"],
            "parentId": parent,
            "parentType": parent_type,
            "valueId": value["id"],
            "rowVersion": session.take("rowVersion"),
        },
    )


def _set_shortcuts(session: Session, parent: str, table: str) -> None:
    """The two global dimensions stand on the document too."""
    setup = session.rows("SELECT * FROM general_ledger_setup")[0]
    for column in SHORTCUTS:
        code = session.row(
            "SELECT v.code FROM dimension_set_line AS s JOIN dimension_value AS v"
            " ON v.id = s.valueId WHERE s.parentId = ? AND s.code = ?",
            (parent, setup[column]),
        )
        if code is not None:
            session.update(table, {column: code[0]}, key="id", is_=parent)


def _refuse_read_only(session: Session, parent: str, parent_type: str) -> None:
    """Posted documents and ledger entries keep the dimensions they have."""
    table = _HEADER_PARENTS.get(parent_type) or _LINE_PARENTS.get(parent_type)
    row = None
    if table is not None:
        row = session.row(f"SELECT * FROM {table} WHERE id = ?", (parent,))  # noqa: S608
    if row is not None and "documentId" in row.keys():  # noqa: SIM118 a row is no mapping
        header = table.removesuffix("_line") if table else ""
        row = session.row(f"SELECT * FROM {header} WHERE id = ?", (row["documentId"],))  # noqa: S608
    if row is None or ("posted" in row.keys() and row["posted"]):  # noqa: SIM118
        raise dialog(
            f"Parent with ID {parent} does not exist or dimension set lines are read only for"
            f" parent type {parent_type.replace('_x0020_', ' ')}."
        )


def _dimension(session: Session, values: dict[str, Any]) -> sqlite3.Row:
    given_id, code = values.get("id", EMPTY_GUID), values.get("code", "")
    if given_id == EMPTY_GUID and not code:
        raise dialog('The "id" or "code" field must be filled in.')
    name = "id" if given_id != EMPTY_GUID else "code"
    wanted = given_id if name == "id" else code
    row = session.row(f"SELECT * FROM dimension WHERE {name} = ?", (wanted,))  # noqa: S608
    if row is None:
        raise dialog(f'The "{name}" does not match to a Dimension.')
    if code and row["code"] != code:
        raise dialog("The dimension field values do not match to a specific Dimension.")
    return row


def _value(session: Session, dimension: sqlite3.Row, values: dict[str, Any]) -> sqlite3.Row:
    given_id, code = values.get("valueId", EMPTY_GUID), values.get("valueCode", "")
    if given_id == EMPTY_GUID and not code:
        raise dialog('The "valueId" or "valueCode" field must be filled in.')
    column = "id" if given_id != EMPTY_GUID else "code"
    row = session.row(
        f"SELECT * FROM dimension_value WHERE dimensionId = ? AND {column} = ?",  # noqa: S608
        (dimension["id"], given_id if column == "id" else code),
    )
    if row is None:
        name = "valueId" if column == "id" else "valueCode"
        raise dialog(f'The "{name}" does not match to a Dimension Value.')
    return row
