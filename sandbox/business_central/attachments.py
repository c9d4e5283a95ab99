"""Files that hang on documents, journal lines, customers and items."""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import Any

from sandbox.business_central.database import Session
from sandbox.business_central.errors import dialog
from sandbox.business_central.facts import BLANK, EMPTY_GUID

_TABLES = {
    "Sales_x0020_Invoice": "sales_invoice",
    "Sales_x0020_Credit_x0020_Memo": "sales_credit_memo",
    "Sales_x0020_Order": "sales_order",
    "Sales_x0020_Shipment": "sales_shipment",
    "Journal": "journal_line",
    "Customer": "customer",
    "Item": "item",
}
# BCApps, page 30039: these have documentAttachments only.
_NO_INCOMING = {"Employee", "Job", "Item", "Customer", "Vendor"}
_BAD_NAME = set('"*/:<>?\\|')


def create(table: str, session: Session, values: dict[str, Any]) -> str:
    """Write what is known of a file and return its id; the content comes by the media link.

    A name that no file can have becomes ``filename.txt``. Raises 400 for a parent that is not
    there, and for a kind of parent that has no such files.
    """
    parent, kind = values.get("parentId", EMPTY_GUID), values.get("parentType", BLANK)
    if table == "attachment":
        _refuse_kind(kind)
    if parent != EMPTY_GUID:
        _refuse_missing_parent(session, parent, kind)
    elif table == "document_attachment":
        raise dialog("You must specify a parentId in the request body.")
    name = values.get("fileName", "")
    row = dict(values) | {
        "id": values.get("id", EMPTY_GUID),
        "fileName": name if _is_file_name(name) else "filename.txt",
        "byteSize": 0,
        **session.touched(),
    }
    if row["id"] == EMPTY_GUID:
        row["id"] = session.new_id()
    session.insert(table, row)
    return str(row["id"])


def patch(table: str, session: Session, row: sqlite3.Row, values: dict[str, Any]) -> None:
    """Rename a file, or change its line; where it hangs stays."""
    for name in ("parentId", "parentType"):
        if values.get(name, row[name]) != row[name]:
            raise dialog(f"You cannot change the value of the key field {name}.")
    new = {name: value for name, value in values.items() if name != "byteSize"}
    session.update(table, new | session.touched(), key="id", is_=row["id"])


def delete(table: str, session: Session, row: sqlite3.Row) -> None:
    """Delete a file with its content."""
    session.db.execute("DELETE FROM stream WHERE owner = ?", (row["id"],))
    session.db.execute(f"DELETE FROM {table} WHERE id = ?", (row["id"],))  # noqa: S608


def add(session: Session, table: str, row: dict[str, Any], content: bytes, kind: str) -> None:
    """Write a file with its content, as a person attaches it in the client."""
    session.insert(table, row | {"byteSize": len(content)} | session.touched())
    session.insert(
        "stream",
        {
            "owner": row["id"],
            "name": "attachmentContent",
            "contentType": kind,
            "content": content,
        },
    )


def _refuse_kind(kind: str) -> None:
    if kind in _NO_INCOMING:
        raise dialog(f"Parent type {kind} is not supported. Use documentAttachments API instead.")


def _refuse_missing_parent(session: Session, parent: str, kind: str) -> None:
    if kind == BLANK:
        raise dialog("You must specify a parentType in the request body.")
    table = _TABLES.get(kind)
    row = None
    if table is not None:
        row = session.row(f"SELECT 1 FROM {table} WHERE id = ?", (parent,))  # noqa: S608
    if row is None:
        raise dialog(f"The parent {kind.replace('_x0020_', ' ')} {parent} does not exist.")


def _is_file_name(name: str) -> bool:
    return bool(name.strip()) and not set(name) & _BAD_NAME


_TABLE_OF = {"attachments": "attachment", "documentAttachments": "document_attachment"}
CREATE = {name: partial(create, table) for name, table in _TABLE_OF.items()}
PATCH = {name: partial(patch, table) for name, table in _TABLE_OF.items()}
DELETE = {name: partial(delete, table) for name, table in _TABLE_OF.items()}


def delete_picture(session: Session, row: sqlite3.Row) -> None:
    """Take a picture away; the card that it was on stays."""
    session.db.execute(
        "DELETE FROM stream WHERE owner = ? AND name = 'pictureContent'", (row["id"],)
    )
