"""Makes and changes customerPayments: unposted lines, checked late (facts, section 2.4)."""

from __future__ import annotations

import sqlite3
from typing import Any

from sandbox.business_central import batches, decimals, ledger
from sandbox.business_central.batches import BANK_ACCOUNT, CASH_RECEIPTS
from sandbox.business_central.database import Session
from sandbox.business_central.errors import dialog, same_key
from sandbox.business_central.facts import EMPTY_GUID

_NOT_A_POSTED_INVOICE = (
    'The "appliesToInvoiceId" should be the ID of an Open, Paid, Corrective, or Canceled Invoice.'
)


def create(session: Session, values: dict[str, Any]) -> str:
    """Make a line and return its id.

    The applied invoice is not checked for being open, of this customer or of this currency, nor
    is the amount's sign: posting does that. ``journalId`` may come from the path.
    """
    applied = _applied_invoice(session, values)
    customer = _customer(session, values, applied)
    batch = batches.of_line(session, values, CASH_RECEIPTS)
    line = _initialized(session, batch, values)
    line |= _payment_values(session, batch, values, customer, applied)
    line["id"] = values.get("id", EMPTY_GUID)
    if line["id"] == EMPTY_GUID:
        line["id"] = session.new_id()
    _refuse_taken(session, batch, line["lineNumber"])
    session.insert("journal_line", line | session.touched())
    return str(line["id"])


def patch(session: Session, row: sqlite3.Row, values: dict[str, Any]) -> None:
    """Change a line. Its journal stays; another line number renames it."""
    if values.get("journalId", row["journalId"]) != row["journalId"]:
        raise dialog("The Journal Id cannot be changed.")
    batch = batches.of_line(session, {"journalId": row["journalId"]}, CASH_RECEIPTS)
    if values.get("journalDisplayName", batch["code"]) != batch["code"]:
        raise dialog("The Journal Batch Display Name cannot be changed.")
    merged = {name: row[name] for name in _SHARED} | _without_stale_twins(values, row)
    applied = _applied_invoice(session, merged)
    customer = _customer(session, merged, applied)
    line = _payment_values(session, batch, merged, customer, applied)
    if merged["lineNumber"] != row["lineNumber"]:
        _refuse_taken(session, batch, merged["lineNumber"])
        line["lineNumber"] = merged["lineNumber"]
    session.update("journal_line", line | session.touched(), key="id", is_=row["id"])


def delete(session: Session, row: sqlite3.Row) -> None:
    """Delete a line."""
    session.db.execute("DELETE FROM journal_line WHERE id = ?", (row["id"],))


_SHARED = (
    "lineNumber",
    "customerId",
    "customerNumber",
    "postingDate",
    "documentNumber",
    "externalDocumentNumber",
    "amount",
    "appliesToInvoiceId",
    "appliesToInvoiceNumber",
    "description",
    "comment",
)


def _without_stale_twins(values: dict[str, Any], row: sqlite3.Row) -> dict[str, Any]:
    """An id that is given alone must not meet the old number, nor the reverse."""
    twins = {
        "customerId": ("customerNumber", ""),
        "customerNumber": ("customerId", EMPTY_GUID),
        "appliesToInvoiceId": ("appliesToInvoiceNumber", ""),
        "appliesToInvoiceNumber": ("appliesToInvoiceId", EMPTY_GUID),
    }
    cleared = {
        twin: empty
        for name, (twin, empty) in twins.items()
        if name in values and twin not in values and values[name] != row[name]
    }
    return cleared | values


def _applied_invoice(session: Session, values: dict[str, Any]) -> sqlite3.Row | None:
    """The posted invoice that is named. A number alone that nobody has is silently accepted."""
    invoice_id = values.get("appliesToInvoiceId", EMPTY_GUID)
    number = values.get("appliesToInvoiceNumber", "")
    if invoice_id == EMPTY_GUID:
        return session.row(
            "SELECT * FROM sales_invoice WHERE number = ? AND posted = 1 AND number <> ''",
            (number,),
        )
    row = session.row("SELECT * FROM sales_invoice WHERE id = ? AND posted = 1", (invoice_id,))
    if row is None:
        raise dialog(_NOT_A_POSTED_INVOICE)
    if number and number != row["number"]:
        raise dialog("The Applies To Invoice values do not match to the same Invoice.")
    return row


def _customer(
    session: Session, values: dict[str, Any], applied: sqlite3.Row | None
) -> sqlite3.Row | None:
    """The customer of the line; of the invoice's bill-to only when none is given."""
    given_id = values.get("customerId", EMPTY_GUID)
    number = values.get("customerNumber", "")
    by_id = "SELECT * FROM customer WHERE id = ?"
    if given_id != EMPTY_GUID:
        row = session.row(by_id, (given_id,))
        if row is None:
            raise dialog('The "customerId" does not match to a Customer.')
        if number and number != row["number"]:
            raise dialog("The customer values do not match to a specific Customer.")
        return row
    if number:
        row = session.row("SELECT * FROM customer WHERE number = ?", (number,))
        if row is None:
            raise dialog('The "customerNumber" does not match to a Customer.')
        return row
    if applied is not None and "appliesToInvoiceId" in values:
        return session.row(by_id, (applied["billToCustomerId"],))
    return None


def _initialized(session: Session, batch: sqlite3.Row, values: dict[str, Any]) -> dict[str, Any]:
    """``InitializeLine``: what the line takes over from its neighbour, as in the client."""
    number, before, behind = batches.place_of_line(session, batch, values)
    neighbour = next(iter([*before[-1:], *behind]), None)
    line = {"journalId": batch["id"], "lineNumber": number}
    if neighbour is None:
        return line | {"postingDate": session.today, "documentNumber": _from_series(session, batch)}
    document = neighbour["documentNumber"]
    external = values.get("externalDocumentNumber", "")
    if external and external != neighbour["externalDocumentNumber"]:
        document = batches.stepped(document)
    return line | {"postingDate": neighbour["postingDate"], "documentNumber": document}


def _from_series(session: Session, batch: sqlite3.Row) -> str:
    return next_in_series(session, batch["noSeries"]) if batch["noSeries"] else ""


def next_in_series(session: Session, series: str) -> str:
    """The number that a No. Series gives next; posting uses it up."""
    row = session.row("SELECT value FROM counter WHERE name = ?", (f"series:{series}",))
    return f"{series}{(row[0] if row is not None else 0) + 1:06d}"


def _payment_values(
    session: Session,
    batch: sqlite3.Row,
    values: dict[str, Any],
    customer: sqlite3.Row | None,
    applied: sqlite3.Row | None,
) -> dict[str, Any]:
    """``SetPaymentsValues``: the line's own values, in the order of the page."""
    currency = _currency(session, batch, customer)
    line: dict[str, Any] = {
        "accountType": "Customer",
        "documentType": "Payment",
        "appliesToDocumentType": "Invoice",
        "customerId": customer["id"] if customer is not None else EMPTY_GUID,
        "customerNumber": customer["number"] if customer is not None else "",
        "currencyCode": currency,
        "externalDocumentNumber": values.get("externalDocumentNumber", ""),
        # Validating the amount rounds it to the currency's precision, without a word.
        "amount": decimals.rounded(values.get("amount", 0), ledger.precision(session, currency)),
        "appliesToInvoiceId": applied["id"] if applied is not None else EMPTY_GUID,
        "appliesToInvoiceNumber": values.get("appliesToInvoiceNumber", ""),
        "comment": values.get("comment", ""),
        "balancingAccountType": batch["balancingAccountType"],
        "balancingAccountNumber": batch["balancingAccountNumber"],
    }
    if applied is not None:
        line["appliesToInvoiceNumber"] = applied["number"]
    if values.get("postingDate", "0001-01-01") != "0001-01-01":
        line["postingDate"] = values["postingDate"]
    if values.get("documentNumber"):
        line["documentNumber"] = values["documentNumber"]
    default = customer["displayName"] if customer is not None else ""
    line["description"] = values.get("description") or default
    return line


def _currency(session: Session, batch: sqlite3.Row, customer: sqlite3.Row | None) -> str:
    """The balancing bank account's currency, else the customer's: never the invoice's (2.7)."""
    if batch["balancingAccountType"] == BANK_ACCOUNT:
        bank = session.row(
            "SELECT currencyCode FROM bank_account WHERE number = ?",
            (batch["balancingAccountNumber"],),
        )
        if bank is not None and bank[0]:
            return str(bank[0])
    return str(customer["currencyCode"]) if customer is not None else ""


def _refuse_taken(session: Session, batch: sqlite3.Row, line_number: int) -> None:
    taken = session.row(
        "SELECT 1 FROM journal_line WHERE journalId = ? AND lineNumber = ?",
        (batch["id"], line_number),
    )
    if taken is not None:
        raise same_key(
            "Gen. Journal Line",
            f"Journal Template Name='{CASH_RECEIPTS}',Journal Batch Name='{batch['code']}',"
            f"Line No.='{line_number}'",
        )
