"""Checks a journal's lines before anything is posted, as ``Gen. Jnl.-Check Line`` does."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence

from sandbox.business_central import batches, decimals, ledger
from sandbox.business_central.database import Session
from sandbox.business_central.errors import ApiError, dialog, field_error
from sandbox.business_central.facts import EMPTY_DATE
from sandbox.business_central.payments import next_in_series
from sandbox.business_central.switches import Switches

CUSTOMER = "Customer"
_SIGNS = {"Payment": -1, "Credit_x0020_Memo": -1, "Invoice": 1, "Refund": 1}


def account_number(line: sqlite3.Row) -> str:
    """The number of the account that a line is on: a customer, a G/L or a bank account."""
    column = "customerNumber" if line["accountType"] == CUSTOMER else "accountNumber"
    return str(line[column])


def is_empty(line: sqlite3.Row) -> bool:
    """The line that posting leaves in a batch without No. Series."""
    return not account_number(line) and not line["amount"]


def check(
    session: Session, switches: Switches, batch: sqlite3.Row, lines: Sequence[sqlite3.Row]
) -> None:
    """Raise ``ApiError`` for the first thing that keeps these lines from being posted."""
    if switches.journal_approval:
        _check_approval(session, batch, lines)
    for line in lines:
        _check_line(session, batch, line)
    _check_balance(session, switches, lines)
    _check_series(session, batch, lines)


def _where(batch: sqlite3.Row, line: sqlite3.Row) -> str:
    return (
        f"Gen. Journal Line: Journal Template Name={batch['templateDisplayName']},"
        f" Journal Batch Name={batch['code']}, Line No.={line['lineNumber']}"
    )


def _check_approval(session: Session, batch: sqlite3.Row, lines: Sequence[sqlite3.Row]) -> None:
    """A workflow holds the lines until they are approved; a change holds them again [inf]."""
    for line in lines:
        approved = session.row(
            "SELECT 1 FROM approval WHERE lineId = ? AND rowVersion = ?",
            (line["id"], line["rowVersion"]),
        )
        if approved is None:
            raise dialog(
                f"You cannot use {_where(batch, line)} for this action. The restriction was"
                " imposed because the journal batch requires approval."
            )


def _check_line(session: Session, batch: sqlite3.Row, line: sqlite3.Row) -> None:
    where = _where(batch, line)
    _check_date(session, line, where)
    for value, name in (
        (line["documentNumber"], "Document No."),
        (account_number(line), "Account No."),
        (line["amount"], "Amount"),
    ):
        if not value:
            raise field_error(f"{name} must have a value in {where}. It cannot be zero or empty.")
    sign = _SIGNS.get(line["documentType"], 0) if line["accountType"] == CUSTOMER else 0
    if sign * line["amount"] < 0:
        raise field_error(
            f"Amount must be {'negative' if sign < 0 else 'positive'} in {where}. Current value is"
            f" '{decimals.text(line['amount'])}'."
        )
    _check_account(session, "Account No.", line["accountType"], account_number(line))
    if line["balancingAccountNumber"]:
        _check_account(
            session,
            "Bal. Account No.",
            line["balancingAccountType"],
            line["balancingAccountNumber"],
        )


def _check_date(session: Session, line: sqlite3.Row, where: str) -> None:
    if line["postingDate"] == EMPTY_DATE:
        raise field_error(f"Posting Date must have a value in {where}. It cannot be zero or empty.")
    setup = session.rows("SELECT allowPostingFrom, allowPostingTo FROM general_ledger_setup")[0]
    too_early = line["postingDate"] < setup[0]
    too_late = setup[1] != EMPTY_DATE and line["postingDate"] > setup[1]
    if too_early or too_late:
        raise field_error(
            f"Posting Date is not within your range of allowed posting dates in {where}."
        )


def _check_account(session: Session, field: str, kind: str, number: str) -> None:
    table, name = _TABLES.get(kind, ("", kind))
    if not table:
        raise dialog(f"This sandbox does not post lines of the account type {kind} yet.")
    row = session.row(f"SELECT * FROM {table} WHERE number = ?", (number,))  # noqa: S608 constants
    if row is None:
        raise ApiError(
            400,
            "Internal_InvalidTableRelation",
            f"The field {field} of table Gen. Journal Line contains a value"
            f" ({number}) that cannot be found in the related table ({name}).",
        )
    if kind == batches.GL_ACCOUNT:
        batches.check_direct_posting(row)
    if kind == CUSTOMER and row["blocked"] == "All":  # Ship and Invoice do not stop payments
        raise dialog(
            f"You cannot post this type of document when Customer {number} is blocked with type All"
        )


_TABLES = {
    CUSTOMER: ("customer", "Customer"),
    batches.GL_ACCOUNT: ("account", "G/L Account"),
    batches.BANK_ACCOUNT: ("bank_account", "Bank Account"),
}


def _check_balance(session: Session, switches: Switches, lines: Sequence[sqlite3.Row]) -> None:
    """Lines without a balancing account must balance each other, in local currency.

    With *Force Doc. Balance* by date, document type and number; else by date (facts, section 2.5).
    """
    sums: dict[tuple[str, ...], int] = defaultdict(int)
    for line in lines:
        if line["balancingAccountNumber"]:
            continue
        key: tuple[str, ...] = (line["postingDate"],)
        if switches.force_doc_balance:
            key = (line["postingDate"], line["documentType"], line["documentNumber"])
        sums[key] += ledger.to_local(
            session, line["amount"], line["currencyCode"], line["postingDate"]
        )
    for key, total in sums.items():
        if not total:
            continue
        of = f"Document No. {key[2]} is" if len(key) > 1 else f"As of {key[0]}, the lines are"
        raise dialog(
            f"{of} out of balance by {decimals.text(total)}. Please check that Posting Date,"
            " Document Type, Document No. and Amount are correct for each line."
        )


def _check_series(session: Session, batch: sqlite3.Row, lines: Sequence[sqlite3.Row]) -> None:
    """A No. Series without Manual Nos. wants its own next number and no other (facts, 2.5)."""
    series = batch["noSeries"]
    if not series:
        return
    rule = session.row("SELECT manualNumbers FROM batch_rule WHERE batchId = ?", (batch["id"],))
    for number in dict.fromkeys(line["documentNumber"] for line in lines):
        if number == next_in_series(session, series):
            session.take(f"series:{series}")
        elif rule is None or not rule[0]:
            raise dialog(
                "You may not enter numbers manually. If you want to enter numbers manually,"
                f" please activate Manual Nos. in No. Series {series}."
            )
