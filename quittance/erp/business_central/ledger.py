"""Looks into the general ledger: the proof that something was posted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from quittance.core.errors import Misconfigured, Refused
from quittance.core.money import Money, total
from quittance.erp.base import PaymentInstruction, PostedPayment
from quittance.erp.business_central import limits
from quittance.erp.business_central.odata import Api, text, translated
from quittance.erp.business_central.translate import exact

_ENTITY = "generalLedgerEntries"


class _Number(msgspec.Struct, rename="camel"):
    entry_number: int


class _Entry(msgspec.Struct, rename="camel"):
    entry_number: int
    posting_date: date
    document_number: str
    document_type: str
    account_number: str
    debit_amount: Decimal
    credit_amount: Decimal

    SELECT = (
        "id,entryNumber,postingDate,documentNumber,documentType,accountNumber,debitAmount,"
        "creditAmount"
    )


class _Account(msgspec.Struct, rename="camel"):
    id: UUID
    number: str
    blocked: bool
    account_type: str
    direct_posting: bool


def position(api: Api) -> str:
    """Return the number of the last entry: it differs as soon as anything was posted."""
    # "$top" asks for one row on purpose here; nobody pages with it.
    last = api.page(
        f"{api.company}/{_ENTITY}",
        _Number,
        entity=_ENTITY,
        query={"$select": "id,entryNumber", "$orderby": "entryNumber desc", "$top": "1"},
    )
    return str(last.rows[0].entry_number) if last.rows else "0"


def posted_invoice_numbers(api: Api, numbers: Sequence[str]) -> frozenset[str]:
    """Return those of ``numbers`` that are numbers of posted invoices."""
    posted: set[str] = set()
    for start in range(0, len(numbers), limits.NUMBERS_PER_FILTER):
        some = numbers[start : start + limits.NUMBERS_PER_FILTER]
        entries = api.all(
            f"{api.company}/{_ENTITY}",
            _Entry,
            entity=_ENTITY,
            query={
                "$filter": " or ".join(f"documentNumber eq {text(number)}" for number in some),
                "$select": _Entry.SELECT,
            },
        )
        posted |= {entry.document_number for entry in entries if entry.document_type == "Invoice"}
    return frozenset(posted)


def find_posting(
    api: Api, instruction: PaymentInstruction, *, clearing_account: str, local_currency: str
) -> PostedPayment | None:
    """Look for the entries of ``instruction``; ``None`` when it is not posted at this moment.

    Every line of a payment writes one entry on the clearing account. The ledger is kept in the
    local currency: there the entries must add up to the instruction's total. In another currency
    only their count and the posting date can be compared. Raises ``Refused`` when they differ.
    """
    rows = api.all(
        f"{api.company}/{_ENTITY}",
        _Entry,
        entity=_ENTITY,
        query={
            "$filter": f"documentNumber eq {text(instruction.document_number)}",
            "$select": _Entry.SELECT,
        },
    )
    if not rows:
        return None
    clearing = [row for row in rows if row.account_number == clearing_account]
    currency = instruction.lines[0].amount.currency
    if currency == local_currency:
        _check_total(instruction, clearing, clearing_account=clearing_account)
    elif len(clearing) != len(instruction.lines):
        raise Refused(
            f"Document {instruction.document_number} has {len(clearing)} entries on account "
            f"{clearing_account}, not {len(instruction.lines)}. Somebody may have posted or "
            "reversed it by hand. Nothing was done; compare it in Business Central.",
            document_number=instruction.document_number,
        )
    elif any(row.posting_date != instruction.posting_date for row in clearing):
        raise Refused(
            f"Document {instruction.document_number} is posted on another day than "
            f"{instruction.posting_date}. Nothing was done; compare it in Business Central.",
            document_number=instruction.document_number,
        )
    return PostedPayment(
        document_number=instruction.document_number,
        entry_numbers=sorted(row.entry_number for row in rows),
        posting_date=clearing[0].posting_date,
    )


def clearing_account_id(api: Api, number: str) -> UUID:
    """Return the id of the G/L account that payments are balanced on.

    Raises ``Misconfigured`` when there is none or when it cannot take a payment.
    """
    found = api.all(
        f"{api.company}/accounts",
        _Account,
        entity="accounts",
        query={
            "$filter": f"number eq {text(number)}",
            "$select": "id,number,blocked,accountType,directPosting",
        },
    )
    for account in found:
        if account.number == number:
            break
    else:
        raise _wrong_account(number, "does not exist")
    if account.account_type != "Posting":
        raise _wrong_account(number, "is a heading or a total, not an account for postings")
    if account.blocked:
        raise _wrong_account(number, "is blocked")
    if not account.direct_posting:
        raise _wrong_account(number, "does not allow Direct Posting")
    return account.id


def _check_total(
    instruction: PaymentInstruction, clearing: Sequence[_Entry], *, clearing_account: str
) -> None:
    expected = total(
        (line.amount for line in instruction.lines), instruction.lines[0].amount.currency
    )

    def amount(value: Decimal, row: _Entry) -> Money:
        return exact(value, expected.currency, what=f"entry {row.entry_number}")

    amounts = translated(
        clearing,
        lambda row: amount(row.debit_amount, row) - amount(row.credit_amount, row),
        entity=_ENTITY,
    )
    booked = total(amounts, expected.currency)
    if not clearing or booked != expected:
        raise Refused(
            f"Document {instruction.document_number} is posted with {booked} on account "
            f"{clearing_account}, not with {expected}. Somebody may have posted or reversed it by "
            "hand. Nothing was done; compare it in Business Central.",
            document_number=instruction.document_number,
            booked=str(booked),
            expected=str(expected),
        )


def _wrong_account(number: str, why: str) -> Misconfigured:
    return Misconfigured(
        f"The clearing account {number} {why}. Name a G/L account that payments may be posted to "
        "directly.",
        field="clearing_account",
    )
