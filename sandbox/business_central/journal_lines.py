"""Makes and changes journalLines of the General template: blank type, G/L or bank accounts."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.business_central import batches, decimals, dimensions
from sandbox.business_central.database import Session
from sandbox.business_central.errors import ApiError, dialog, same_key
from sandbox.business_central.facts import BLANK, EMPTY_DATE, EMPTY_GUID
from sandbox.business_central.payments import next_in_series

_TABLES = {batches.GL_ACCOUNT: "account", batches.BANK_ACCOUNT: "bank_account"}
_NAMES = {batches.GL_ACCOUNT: "G/L Account", batches.BANK_ACCOUNT: "Bank Account"}
_PLAIN = ("documentNumber", "externalDocumentNumber", "description", "comment", "taxCode")


def create(session: Session, values: dict[str, Any]) -> str:
    """Make a line and return its id. Posting checks amount, balance and dates, not this."""
    batch = batches.of_line(session, values, batches.GENERAL, by_id_any=True)
    line = _initialized(session, batch, values)
    line |= _given(session, values, {"accountType": batches.GL_ACCOUNT, **_balancing(batch)})
    line["id"] = values.get("id", EMPTY_GUID)
    if line["id"] == EMPTY_GUID:
        line["id"] = session.new_id()
    _refuse_taken(session, batch, line["lineNumber"])
    session.insert("journal_line", line | session.touched())
    return str(line["id"])


def patch(session: Session, row: sqlite3.Row, values: dict[str, Any]) -> None:
    """Change a line; its journal stays, another line number renames it."""
    batch = batches.of_line(
        session, {"journalId": row["journalId"]}, batches.GENERAL, by_id_any=True
    )
    if values.get("journalId", row["journalId"]) != row["journalId"]:
        raise dialog("The Journal Batch Id isn't editable.")
    if values.get("journalDisplayName", batch["code"]) != batch["code"]:
        raise dialog("The Journal Batch Display Name isn't editable.")
    before = {name: row[name] for name in row.keys()}  # noqa: SIM118 a row is no mapping
    new = _given(session, values, before)
    if values.get("lineNumber", row["lineNumber"]) != row["lineNumber"]:
        _refuse_taken(session, batch, values["lineNumber"])
        new["lineNumber"] = values["lineNumber"]
    session.update("journal_line", new | session.touched(), key="id", is_=row["id"])


def delete(session: Session, row: sqlite3.Row) -> None:
    """Delete a line."""
    session.db.execute("DELETE FROM journal_line WHERE id = ?", (row["id"],))
    dimensions.forget(session, row["id"])


def _initialized(session: Session, batch: sqlite3.Row, values: dict[str, Any]) -> dict[str, Any]:
    """A new line takes over date and document number from the last one before it."""
    number, before, _ = batches.place_of_line(session, batch, values)
    series = batch["noSeries"]
    return {
        "journalId": batch["id"],
        "lineNumber": number,
        "documentType": BLANK,
        "appliesToDocumentType": BLANK,
        "postingDate": before[-1]["postingDate"] if before else session.today,
        "documentNumber": before[-1]["documentNumber"]
        if before
        else (next_in_series(session, series) if series else ""),
    }


def _balancing(batch: sqlite3.Row) -> dict[str, str]:
    return {
        "balancingAccountType": batch["balancingAccountType"],
        "balancingAccountNumber": batch["balancingAccountNumber"],
    }


def _given(session: Session, values: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """The line's own values; an account by id or number brings the other, and its name."""
    kind = values.get("accountType", before["accountType"])
    other = values.get("balanceAccountType", before["balancingAccountType"])
    new: dict[str, Any] = {
        "accountType": _allowed(kind),
        "balancingAccountType": _allowed(other),
        "balancingAccountNumber": before["balancingAccountNumber"],
    }
    if values.keys() & {"accountId", "accountNumber"}:
        row = _account(session, kind, values, "accountId", "accountNumber")
        new |= {"accountId": EMPTY_GUID, "accountNumber": ""}
        if row is not None:
            new |= {"accountId": row["id"], "accountNumber": row["number"]}
            new["description"] = row["displayName"]
    if values.keys() & {"balancingAccountId", "balancingAccountNumber"}:
        row = _account(session, other, values, "balancingAccountId", "balancingAccountNumber")
        new["balancingAccountNumber"] = row["number"] if row is not None else ""
    new["balancingAccountId"] = _id_of(session, other, new["balancingAccountNumber"])
    new |= {
        name: values[name]
        for name in _PLAIN
        if values.get(name) or (name in values and before.get("id"))
    }
    if "amount" in values:
        new["amount"] = decimals.rounded(values["amount"], decimals.scaled("0.01"))
    if values.get("postingDate", EMPTY_DATE) != EMPTY_DATE:
        new["postingDate"] = values["postingDate"]
    return new


def _allowed(kind: str) -> str:
    if kind not in _TABLES:
        raise ApiError(
            400,
            "Application_FieldValidationException",
            "Account Type must be G/L Account or Bank Account in Gen. Journal Line.",
        )
    return kind


def _account(
    session: Session, kind: str, values: dict[str, Any], by_id: str, by_number: str
) -> sqlite3.Row | None:
    """The account that is named; None when it is named by nothing."""
    given_id, number = values.get(by_id, EMPTY_GUID), values.get(by_number, "")
    if given_id == EMPTY_GUID and not number:
        return None
    column, wanted = ("id", given_id) if given_id != EMPTY_GUID else ("number", number)
    row = session.row(f"SELECT * FROM {_TABLES[kind]} WHERE {column} = ?", (wanted,))  # noqa: S608
    if row is None:
        raise dialog(
            f'The "{by_id if column == "id" else by_number}" does not match to an Account.'
        )
    if number and row["number"] != number:
        raise dialog("The account values do not match to a specific Account.")
    if kind == batches.GL_ACCOUNT:
        batches.check_direct_posting(row)
    return row


def _id_of(session: Session, kind: str, number: str) -> str:
    row = session.row(f"SELECT id FROM {_TABLES[kind]} WHERE number = ?", (number,))  # noqa: S608
    return str(row[0]) if row is not None else EMPTY_GUID


def _refuse_taken(session: Session, batch: sqlite3.Row, number: int) -> None:
    taken = session.row(
        "SELECT 1 FROM journal_line WHERE journalId = ? AND lineNumber = ?", (batch["id"], number)
    )
    if taken is not None:
        raise same_key(
            "Gen. Journal Line",
            f"Journal Template Name='{batch['templateDisplayName']}',"
            f"Journal Batch Name='{batch['code']}',Line No.='{number}'",
        )
