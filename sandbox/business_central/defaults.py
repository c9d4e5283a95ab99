"""Default dimensions of customers and items."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.business_central.database import Session
from sandbox.business_central.errors import dialog, same_key
from sandbox.business_central.facts import EMPTY_GUID

_PARENTS = {"Customer": "customer", "Item": "item"}


def create(session: Session, values: dict[str, Any]) -> str:
    """Give a customer or an item a default dimension; returns its id."""
    parent, table = values.get("parentId", EMPTY_GUID), _PARENTS.get(values.get("parentType", ""))
    if table is None or session.row(f"SELECT 1 FROM {table} WHERE id = ?", (parent,)) is None:  # noqa: S608
        raise dialog("You must get to the parent first to get to the default dimensions.")
    dimension = values.get("dimensionId", EMPTY_GUID)
    if session.row("SELECT 1 FROM dimension WHERE id = ?", (dimension,)) is None:
        raise dialog('The "dimensionId" does not match to a Dimension.')
    _refuse_wrong_value(session, dimension, values.get("dimensionValueId", EMPTY_GUID))
    taken = session.row(
        "SELECT 1 FROM default_dimension WHERE parentId = ? AND dimensionId = ?",
        (parent, dimension),
    )
    if taken is not None:
        raise same_key("Default Dimension", f"No.='{parent}',Dimension Code='{dimension}'")
    row = dict(values)
    if row.get("id", EMPTY_GUID) == EMPTY_GUID:
        row["id"] = session.new_id()
    session.insert("default_dimension", row | session.touched())
    return str(row["id"])


def patch(session: Session, row: sqlite3.Row, values: dict[str, Any]) -> None:
    """Change the value or how it is checked; parent and dimension stay."""
    for name in ("parentId", "parentType", "dimensionId"):
        if values.get(name, row[name]) != row[name]:
            raise dialog(f"You cannot change the value of the key field {name}.")
    if "dimensionValueId" in values:
        _refuse_wrong_value(session, row["dimensionId"], values["dimensionValueId"])
    session.update("default_dimension", values | session.touched(), key="id", is_=row["id"])


def delete(session: Session, row: sqlite3.Row) -> None:
    """Take the default away; documents keep what they have."""
    session.db.execute("DELETE FROM default_dimension WHERE id = ?", (row["id"],))


def _refuse_wrong_value(session: Session, dimension: str, value: str) -> None:
    if value == EMPTY_GUID:
        return
    found = session.row(
        "SELECT 1 FROM dimension_value WHERE id = ? AND dimensionId = ?", (value, dimension)
    )
    if found is None:
        raise dialog('The "dimensionValueId" does not match to a Dimension Value.')
