"""Makes, changes and deletes the lines of drafts; the document's totals follow."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from sandbox.business_central import batches, decimals, dimensions, ledger
from sandbox.business_central.database import Session
from sandbox.business_central.errors import ApiError, dialog, same_key
from sandbox.business_central.facts import EMPTY_DATE, EMPTY_GUID
from sandbox.business_central.sales import amounts
from sandbox.business_central.sales.kinds import KINDS, ORDER, Kind, names, refuse_posted
from sandbox.business_central.webhooks.changes import changed

TAX_PERCENT = decimals.scaled("8.5")
_STEP = 10_000
_WHOLE = 100 * decimals.SCALE


def create(kind: Kind, session: Session, values: dict[str, Any]) -> str:
    """Add a line and return its id. An item brings its text, unit, price and tax.

    Raises 400 for a document that is posted, an item or account that is not there, a sequence
    that is taken.
    """
    document = _document(session, kind, values.get("documentId", EMPTY_GUID))
    refuse_posted(kind, document)
    line = _empty(session, kind, document, values)
    line |= _object(session, values, document)
    line |= {
        name: value
        for name, value in values.items()
        if name in names(kind.line_table) and name not in {"id", "sequence", "itemId", "accountId"}
    }
    line = _complete(session, kind, document, line, values)
    line["id"] = values.get("id", EMPTY_GUID)
    if line["id"] == EMPTY_GUID:
        line["id"] = session.new_id()
    session.insert(kind.line_table, line | _version(session))
    dimensions.copy_defaults(session, document["customerId"], kind.lines, str(line["id"]))
    _touch(session, kind, document)
    return str(line["id"])


def patch(kind: Kind, session: Session, row: sqlite3.Row, values: dict[str, Any]) -> None:
    """Change a line. Its document, sequence and number stay."""
    document = _document(session, kind, row["documentId"])
    refuse_posted(kind, document)
    for name, refusal in (
        ("documentId", 'The value for "documentId" cannot be modified.'),
        ("sequence", ('The value for "sequence" cannot be modified. Delete and insert the line'
                     " again.")),
        ("lineObjectNumber", 'The value for "lineObjectNumber" cannot be modified.'),
    ):  # fmt: skip
        if values.get(name, row[name]) != row[name]:
            raise dialog(refusal)
    line = {name: row[name] for name in row.keys()}  # noqa: SIM118 a row is no mapping
    if values.keys() & {"itemId", "accountId"}:
        line |= _object(session, values, document)
    line |= {name: value for name, value in values.items() if name in line}
    line = _complete(session, kind, document, line, values)
    session.update(
        kind.line_table,
        line | _version(session),
        key="id",
        is_=row["id"],
    )
    _touch(session, kind, document)


def delete(kind: Kind, session: Session, row: sqlite3.Row) -> None:
    """Take a line out."""
    document = _document(session, kind, row["documentId"])
    refuse_posted(kind, document)
    session.db.execute(f"DELETE FROM {kind.line_table} WHERE id = ?", (row["id"],))  # noqa: S608
    dimensions.forget(session, row["id"])
    _touch(session, kind, document)


def copy(session: Session, kind: Kind, line: sqlite3.Row, document: str) -> None:
    """Write a line of another document into a draft, as it is; add up afterwards."""
    new = {name: line[name] for name in line.keys() if name in names(kind.line_table)}  # noqa: SIM118
    new |= {"id": session.new_id(), "documentId": document}
    session.insert(kind.line_table, new | _version(session))


def _document(session: Session, kind: Kind, document: str) -> sqlite3.Row:
    if document == EMPTY_GUID:
        raise dialog("You must specify an id or a Document Id to get the lines.")
    row = session.row(f"SELECT * FROM {kind.table} WHERE id = ?", (document,))  # noqa: S608
    if row is None:
        raise dialog(f"The {kind.word} cannot be found.")
    return row


def _empty(
    session: Session, kind: Kind, document: sqlite3.Row, values: dict[str, Any]
) -> dict[str, Any]:
    last: int = session.value(
        f"SELECT COALESCE(MAX(sequence), 0) FROM {kind.line_table} WHERE documentId = ?",  # noqa: S608
        (document["id"],),
    )
    sequence = values.get("sequence", 0) or (last // _STEP + 1) * _STEP
    taken = session.row(
        f"SELECT 1 FROM {kind.line_table} WHERE documentId = ? AND sequence = ?",  # noqa: S608
        (document["id"], sequence),
    )
    if taken is not None:
        raise same_key(
            "Sales Line",
            f"Document Type='{kind.type}',Document No.='{document['number']}',"
            f"Line No.='{sequence}'",
        )
    return {
        "documentId": document["id"],
        "sequence": sequence,
        "lineType": "Comment",
        "quantity": 0,
        "unitPrice": 0,
        "discountPercent": 0,
        "taxPercent": 0,
        "taxCode": "",
        "shipmentDate": session.today,
    }


def _object(session: Session, values: dict[str, Any], document: sqlite3.Row) -> dict[str, Any]:
    """What the line sells: an item or an account, by id or by type and number."""
    item = values.get("itemId", EMPTY_GUID)
    account = values.get("accountId", EMPTY_GUID)
    if EMPTY_GUID not in (item, account):
        raise dialog('Both "itemId" and "accountId" are specified. Specify only one of them.')
    kind, number = values.get("lineType", ""), values.get("lineObjectNumber", "")
    if item != EMPTY_GUID:
        return _item(session, document, "id", item)
    if account != EMPTY_GUID:
        return _account(session, "id", account)
    if number and kind in {"Item", ""}:
        return _item(session, document, "number", number)
    if number and kind == "Account":
        return _account(session, "number", number)
    return {}


def _item(session: Session, document: sqlite3.Row, column: str, wanted: str) -> dict[str, Any]:
    row = session.row(f"SELECT * FROM item WHERE {column} = ?", (wanted,))  # noqa: S608
    if row is None:
        raise dialog("Item does not exist.")
    code = document["currencyCode"]
    found = session.row("SELECT rate FROM currency WHERE code = ?", (code,))
    rate = Decimal(found[0]) if found is not None else Decimal(1)
    return {
        "itemId": row["id"],
        "accountId": EMPTY_GUID,
        "lineType": "Item",
        "lineObjectNumber": row["number"],
        "description": row["displayName"],
        "description2": row["displayName2"],
        "unitOfMeasureId": row["baseUnitOfMeasureId"],
        "unitOfMeasureCode": row["baseUnitOfMeasureCode"],
        "unitPrice": decimals.rounded(
            int(row["unitPrice"] / rate), ledger.precision(session, code)
        ),
        "taxCode": row["taxGroupCode"],
    }


def _account(session: Session, column: str, wanted: str) -> dict[str, Any]:
    row = session.row(f"SELECT * FROM account WHERE {column} = ?", (wanted,))  # noqa: S608
    if row is None:
        raise dialog("Account does not exist.")
    batches.check_direct_posting(row)
    return {
        "accountId": row["id"],
        "itemId": EMPTY_GUID,
        "lineType": "Account",
        "lineObjectNumber": row["number"],
        "description": row["displayName"],
        "taxCode": "",
    }


def _complete(
    session: Session,
    kind: Kind,
    document: sqlite3.Row,
    line: dict[str, Any],
    values: dict[str, Any],
) -> dict[str, Any]:
    """Tax, discount and amounts; of an order also what is still to ship and to invoice."""
    precision = ledger.precision(session, document["currencyCode"])
    line["unitPrice"] = decimals.rounded(line["unitPrice"], precision)
    line["taxPercent"] = _tax_percent(session, document, line["taxCode"])
    if values.keys() & {"unitOfMeasureId", "unitOfMeasureCode"}:
        line |= _unit(session, values)
    if "discountAmount" in values and "discountPercent" not in values:
        line["discountPercent"] = amounts.discount_percent(
            line, values["discountAmount"], precision
        )
    if not 0 <= line["discountPercent"] <= _WHOLE:
        raise dialog("The line discount must be between 0 and 100 percent.")
    found = amounts.line_amounts(line, precision)
    if "discountAmount" in values and "discountPercent" not in values:
        found = _with_discount(line, values["discountAmount"], precision, found)
    line |= found
    if line.get("shipmentDate") == EMPTY_DATE:
        line["shipmentDate"] = session.today
    return line | (_left_over(line, values) if kind is ORDER else {})


def _with_discount(
    line: dict[str, Any], discount: int, precision: int, found: dict[str, Any]
) -> dict[str, Any]:
    """The amount that was given counts, not what its rounded percentage comes to."""
    net = found["amountExcludingTax"] + found["discountAmount"] - discount
    tax = decimals.times(net, decimals.decimal(line["taxPercent"]) / 100, precision)
    return {
        "discountAmount": discount,
        "amountExcludingTax": net,
        "totalTaxAmount": tax,
        "amountIncludingTax": net + tax,
    }


def _left_over(line: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    done = {name: line.get(name, 0) for name in ("shippedQuantity", "invoicedQuantity")}
    if line["quantity"] < max(done.values()):
        raise dialog("Quantity must not be less than what is shipped or invoiced.")
    left = {
        "shipQuantity": line["quantity"] - done["shippedQuantity"],
        "invoiceQuantity": line["quantity"] - done["invoicedQuantity"],
    }
    for name, most in left.items():
        if values.get(name, 0) > most:
            raise dialog(f"You cannot handle more than {decimals.text(most)} units.")
    given = {name: values[name] for name in left if name in values}
    return done | left | given


def _unit(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    given_id = values.get("unitOfMeasureId", EMPTY_GUID)
    code = values.get("unitOfMeasureCode", "")
    column, wanted = ("id", given_id) if given_id != EMPTY_GUID else ("code", code)
    row = session.row(f"SELECT * FROM unit_of_measure WHERE {column} = ?", (wanted,))  # noqa: S608
    if row is None and wanted:
        raise _not_related("Unit of Measure Code", wanted, "Unit of Measure")
    return {
        "unitOfMeasureId": row["id"] if row is not None else EMPTY_GUID,
        "unitOfMeasureCode": row["code"] if row is not None else "",
    }


def _tax_percent(session: Session, document: sqlite3.Row, code: str) -> int:
    """8.5 % on taxable things for customers in local currency, as in the demo company."""
    if not code:
        return 0
    if session.row("SELECT 1 FROM tax_group WHERE code = ?", (code,)) is None:
        raise _not_related("Tax Group Code", code, "Tax Group")
    liable = session.value(
        "SELECT COALESCE(MAX(taxLiable), 0) FROM customer WHERE id = ?", (document["customerId"],)
    )
    taxed = code == "TAXABLE" and liable and not document["currencyCode"]
    return TAX_PERCENT if taxed else 0


def _not_related(field: str, value: str, table: str) -> ApiError:
    return ApiError(
        400,
        "Internal_InvalidTableRelation",
        f"The field {field} of table Sales Line contains a value ({value}) that cannot be found in"
        f" the related table ({table}).",
    )


def _version(session: Session) -> dict[str, Any]:
    return {"rowVersion": session.take("rowVersion")}


def _touch(session: Session, kind: Kind, document: sqlite3.Row) -> None:
    """A change of a line is a change of its document (facts, section 4)."""
    session.update(kind.table, session.touched(), key="id", is_=document["id"])
    amounts.add_up(session, kind, document["id"])
    changed(session, kind.set, document["id"], "updated")


_Write = Callable[..., Any]
CREATE: dict[str, _Write] = {kind.lines: partial(create, kind) for kind in KINDS}
PATCH: dict[str, _Write] = {kind.lines: partial(patch, kind) for kind in KINDS}
DELETE: dict[str, _Write] = {kind.lines: partial(delete, kind) for kind in KINDS}
