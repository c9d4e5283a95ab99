"""Looks into the general ledger: the proof that something was posted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from quittance.core.errors import Refused
from quittance.core.money import Money, total
from quittance.erp.base import PaymentInstruction, PostedPayment
from quittance.erp.business_central import limits
from quittance.erp.business_central.odata import Api, text, translated
from quittance.erp.business_central.translate import exact

ENTITY: Final = "generalLedgerEntries"


class _Number(msgspec.Struct, rename="camel"):
    entry_number: int


class Entry(msgspec.Struct, rename="camel"):
    """A row of ``generalLedgerEntries``, in local currency."""

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


def position(api: Api) -> str:
    """Return the number of the last entry: it differs as soon as anything was posted."""
    # "$top" asks for one row on purpose here; nobody pages with it.
    last = api.page(
        f"{api.company}/{ENTITY}",
        _Number,
        entity=ENTITY,
        query={"$select": "id,entryNumber", "$orderby": "entryNumber desc", "$top": "1"},
    )
    return str(last.rows[0].entry_number) if last.rows else "0"


def posted_invoice_numbers(api: Api, numbers: Sequence[str]) -> frozenset[str]:
    """Return those of ``numbers`` that are numbers of posted invoices."""
    posted: set[str] = set()
    for start in range(0, len(numbers), limits.NUMBERS_PER_FILTER):
        some = numbers[start : start + limits.NUMBERS_PER_FILTER]
        entries = api.all(
            f"{api.company}/{ENTITY}",
            Entry,
            entity=ENTITY,
            query={
                "$filter": " or ".join(f"documentNumber eq {text(number)}" for number in some),
                "$select": Entry.SELECT,
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
    only their count and the posting date can be compared. What a clerk corrects later
    stands behind them under the same number (Reverse Transaction keeps number and posting date).
    Raises ``Refused`` when the payment itself differs.
    """
    rows = entries_of(api, instruction.document_number)
    if not rows:
        return None
    clearing = on_account(rows, clearing_account)
    currency = instruction.lines[0].amount.currency
    if currency == local_currency:
        taken_back = _taken_back(instruction, clearing, clearing_account=clearing_account)
    else:
        taken_back = _mirrored(instruction, clearing, clearing_account=clearing_account)
    return PostedPayment(
        document_number=instruction.document_number,
        entry_numbers=sorted(row.entry_number for row in rows),
        posting_date=clearing[0].posting_date,
        taken_back=taken_back if taken_back.minor else None,
    )


def entries_of(api: Api, document_number: str) -> Sequence[Entry]:
    """Return the entries with this number in the order in which they were posted."""
    rows = api.all(
        f"{api.company}/{ENTITY}",
        Entry,
        entity=ENTITY,
        query={"$filter": f"documentNumber eq {text(document_number)}", "$select": Entry.SELECT},
    )
    return sorted(rows, key=lambda row: row.entry_number)


def on_account(rows: Sequence[Entry], account: str) -> Sequence[Entry]:
    """Return those of ``rows`` that are on this G/L account."""
    return [row for row in rows if row.account_number == account]


def amounts_of(rows: Sequence[Entry], currency: str) -> Sequence[Money]:
    """Return what each entry moves, debit above zero. A corrected debit is a debit below zero."""
    return translated(
        rows,
        lambda row: exact(
            row.debit_amount - row.credit_amount, currency, what=f"entry {row.entry_number}"
        ),
        entity=ENTITY,
    )


def _taken_back(
    instruction: PaymentInstruction, clearing: Sequence[Entry], *, clearing_account: str
) -> Money:
    """Return how much of a payment in local currency was corrected later."""
    lines = [line.amount for line in instruction.lines]
    expected = total(lines, lines[0].currency)
    amounts = amounts_of(clearing, expected.currency)
    booked = total(amounts, expected.currency)
    # One post writes all its entries in a row, so those of the payment itself come first.
    as_instructed = sorted(amounts[: len(lines)]) == sorted(lines)
    if not clearing or (booked != expected and not (as_instructed and booked < expected)):
        raise Refused(
            f"Document {instruction.document_number} is posted with {booked} on account "
            f"{clearing_account}, not with {expected}. Somebody may have posted it by hand. "
            "Nothing was done; compare it in Business Central.",
            document_number=instruction.document_number,
            booked=str(booked),
            expected=str(expected),
        )
    return expected - booked


def _mirrored(
    instruction: PaymentInstruction, clearing: Sequence[Entry], *, clearing_account: str
) -> Money:
    """Return how much of a payment in another currency was reversed entry by entry.

    The entries are in local currency, so a correction's amount is known only when it mirrors the
    entry of a line exactly, as Reverse Transaction does.
    """
    lines = [line.amount for line in instruction.lines]
    nets = [row.debit_amount - row.credit_amount for row in clearing]
    left = list(zip(nets[: len(lines)], lines, strict=False))
    number = instruction.document_number
    if len(left) < len(lines) or any(net <= 0 for net, _ in left):
        raise Refused(
            f"Document {number} has {len(clearing)} entries on account {clearing_account}, not "
            f"{len(lines)}. Somebody may have posted it by hand. Nothing was done; compare it in "
            "Business Central.",
            document_number=number,
        )
    if any(row.posting_date != instruction.posting_date for row in clearing[: len(lines)]):
        raise Refused(
            f"Document {number} is posted on another day than {instruction.posting_date}. Nothing "
            "was done; compare it in Business Central.",
            document_number=number,
        )
    taken_back = Money(0, lines[0].currency)
    for net in nets[len(lines) :]:
        pair = next((pair for pair in left if pair[0] == -net), None)
        if pair is None:
            raise Refused(
                f"Document {number} was corrected by hand, and Business Central's ledger does not "
                f"say by how much in {taken_back.currency}. Nothing was done; compare it there.",
                document_number=number,
            )
        left.remove(pair)
        taken_back += pair[1]
    return taken_back
