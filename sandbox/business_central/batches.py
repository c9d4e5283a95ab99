"""Makes and changes journal batches: customerPaymentJournals and journals are the same table."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from sandbox.business_central.database import Session
from sandbox.business_central.errors import dialog, same_key
from sandbox.business_central.facts import BLANK, EMPTY_GUID
from sandbox.business_central.webhooks.changes import changed

CASH_RECEIPTS = "CASHRCPT"
GENERAL = "GENERAL"
GL_ACCOUNT = "G_x002F_L_x0020_Account"
BANK_ACCOUNT = "Bank_x0020_Account"
_STEP = 10_000  # between the numbers of lines that nobody chose
_SETS = {CASH_RECEIPTS: "customerPaymentJournals", GENERAL: "journals"}


def create_cash_receipts(session: Session, values: dict[str, Any]) -> str:
    """Make a cash receipt batch: no No. Series, no default balancing account (facts, 2.3)."""
    return create(session, values, template=CASH_RECEIPTS)


def create_general(session: Session, values: dict[str, Any]) -> str:
    """Make a batch of the template that is asked for, by default the General one."""
    return create(session, values, template=values.pop("templateDisplayName", "") or GENERAL)


def create(session: Session, values: dict[str, Any], *, template: str) -> str:
    """Make a batch and return its id. A taken code is ``Internal_EntityWithSameKeyExists``."""
    code = values.get("code", "")
    _refuse_taken(session, template, code)
    batch = {
        "id": values.pop("id", EMPTY_GUID),
        "code": code,
        "displayName": values.get("displayName", ""),
        "templateDisplayName": template,
        **_balancing(session, values),
        **session.touched(),
    }
    if batch["id"] == EMPTY_GUID:
        batch["id"] = session.new_id()
    session.insert("journal_batch", batch)
    changed(session, _SETS.get(template, "journals"), str(batch["id"]), "created")
    return str(batch["id"])


def patch(session: Session, row: sqlite3.Row, values: dict[str, Any]) -> None:
    """Change a batch's code, name or balancing account."""
    if values.get("code", row["code"]) != row["code"]:
        _refuse_taken(session, row["templateDisplayName"], values["code"])
    new: dict[str, Any] = {name: values[name] for name in ("code", "displayName") if name in values}
    session.update(
        "journal_batch",
        {**new, **_balancing(session, values), **session.touched()},
        key="id",
        is_=row["id"],
    )
    changed(session, _SETS.get(row["templateDisplayName"], "journals"), row["id"], "updated")


def delete(session: Session, row: sqlite3.Row) -> None:
    """Delete a batch and its lines."""
    session.db.execute("DELETE FROM journal_line WHERE journalId = ?", (row["id"],))
    session.db.execute("DELETE FROM journal_batch WHERE id = ?", (row["id"],))
    changed(session, _SETS.get(row["templateDisplayName"], "journals"), row["id"], "deleted")


def renew(session: Session, batch: sqlite3.Row) -> bool:
    """*Increment Batch Name*: the batch goes, and comes back under the next name and a new id.

    A name without a number stays; then nothing happens and the answer is false (facts, 2.5).
    """
    code = stepped(batch["code"])
    if not code:
        return False
    template = batch["templateDisplayName"]
    copy = {name: batch[name] for name in batch.keys()}  # noqa: SIM118 a row is no mapping
    copy |= {"id": session.new_id(), "code": code, **session.touched()}
    delete(session, batch)
    taken = session.row(
        "SELECT 1 FROM journal_batch WHERE templateDisplayName = ? AND code = ?", (template, code)
    )
    if taken is None:
        session.insert("journal_batch", copy)
        session.update("batch_rule", {"batchId": copy["id"]}, key="batchId", is_=batch["id"])
        changed(session, _SETS.get(template, "journals"), str(copy["id"]), "created")
    return True


def stepped(number: str) -> str:
    """AL's ``IncStr``: add one to the last number in a text; "" when there is none."""
    found = list(re.finditer(r"\d+", number))
    if not found:
        return ""
    last = found[-1]
    return number[: last.start()] + str(int(last[0]) + 1).zfill(len(last[0])) + number[last.end() :]


def set_bank(session: Session, batch_id: str, bank_account: str) -> None:
    """Give a batch a bank account to balance on: possible in the client only (facts, 2.3)."""
    session.update(
        "journal_batch",
        {
            "balancingAccountType": BANK_ACCOUNT,
            "balancingAccountNumber": bank_account,
            **session.touched(),
        },
        key="id",
        is_=batch_id,
    )


def add_empty_line(session: Session, batch: sqlite3.Row) -> None:
    """What posting leaves in a batch without No. Series: an empty line 10000 (facts, 2.5)."""
    session.insert(
        "journal_line",
        {
            "id": session.new_id(),
            "journalId": batch["id"],
            "lineNumber": 10000,
            "postingDate": session.today,
            "documentType": BLANK,
            "appliesToDocumentType": BLANK,
            **session.touched(),
        },
    )


def _refuse_taken(session: Session, template: str, code: str) -> None:
    taken = session.row(
        "SELECT 1 FROM journal_batch WHERE templateDisplayName = ? AND code = ?", (template, code)
    )
    if taken is not None:
        raise same_key("Gen. Journal Batch", f"Journal Template Name='{template}',Name='{code}'")


def _balancing(session: Session, values: dict[str, Any]) -> dict[str, str]:
    if "balancingAccountId" not in values:
        return {}
    if values["balancingAccountId"] == EMPTY_GUID:
        return {"balancingAccountType": GL_ACCOUNT, "balancingAccountNumber": ""}
    account = session.row("SELECT * FROM account WHERE id = ?", (values["balancingAccountId"],))
    if account is None:
        raise dialog('The "balancingAccountNumber" does not match to a G/L Account.')
    check_direct_posting(account)
    return {"balancingAccountType": GL_ACCOUNT, "balancingAccountNumber": account["number"]}


def check_direct_posting(account: sqlite3.Row) -> None:
    """A journal may name only accounts that allow Direct Posting and are not blocked."""
    if account["blocked"]:
        raise dialog(
            f"Blocked must be equal to 'No'  in G/L Account: No.={account['number']}."
            " Current value is 'Yes'."
        )
    if not account["directPosting"]:
        raise dialog(
            f"Direct Posting must be equal to 'Yes'  in G/L Account: No.={account['number']}."
            " Current value is 'No'."
        )


def of_line(
    session: Session, values: dict[str, Any], template: str, *, by_id_any: bool = False
) -> sqlite3.Row:
    """Return the batch that a new line names by id or name (facts, section 2.4).

    By its name only one of ``template``; by its id with ``by_id_any`` whatever its template is.
    """
    batch_id, name = values.get("journalId", EMPTY_GUID), values.get("journalDisplayName", "")
    if batch_id == EMPTY_GUID and not name:
        raise dialog("You must specify a journal batch ID or a journal ID to get a journal line.")
    column, key = ("code", name) if batch_id == EMPTY_GUID else ("id", batch_id)
    row = session.row(
        f"SELECT * FROM journal_batch WHERE {column} = ? AND (templateDisplayName = ? OR ?)",  # noqa: S608
        (key, template, by_id_any and column == "id"),
    )
    if row is None or (name and name != row["code"]):
        raise dialog("The Journal Id and Journal Display Name do not match.")
    return row


def place_of_line(
    session: Session, batch: sqlite3.Row, values: dict[str, Any]
) -> tuple[int, list[sqlite3.Row], list[sqlite3.Row]]:
    """Return the number of a new line, and the lines before and behind it."""
    lines = session.rows(
        "SELECT * FROM journal_line WHERE journalId = ? ORDER BY lineNumber", (batch["id"],)
    )
    last = lines[-1]["lineNumber"] if lines else 0
    number = values.get("lineNumber", 0) or (last // _STEP + 1) * _STEP
    before = [line for line in lines if line["lineNumber"] < number]
    return number, before, lines[len(before) :]
