"""Finds out whether somebody took a payment back: by an entry of its own, or by a correction."""

from __future__ import annotations

from collections.abc import Sequence

from quittance.core.errors import Refused
from quittance.core.money import Money, total
from quittance.erp.base import PostedPayment, ReversalInstruction
from quittance.erp.business_central import ledger
from quittance.erp.business_central.ledger import Entry
from quittance.erp.business_central.odata import Api


def find_reversal(
    api: Api, instruction: ReversalInstruction, *, clearing_account: str, local_currency: str
) -> PostedPayment | None:
    """Look for the reversal in the ledger, under its own number first. See ``Erp.find_reversal``.

    The ledger is kept in the local currency. In another one amounts cannot be compared: under its
    own number it must take something off the clearing account; a correction counts only when it
    takes back all that there ever was, to the cent of the local currency.
    """
    is_local = instruction.amount.currency == local_currency
    own = ledger.entries_of(api, instruction.document_number)
    clearing = ledger.on_account(own, clearing_account)
    if own and not _cancelled_out(clearing):
        if not _as_asked(instruction, clearing, is_local=is_local):
            raise _differs(instruction, clearing, clearing_account, local_currency)
        return _found(own, clearing)
    corrected = ledger.entries_of(api, instruction.reverses)
    clearing = ledger.on_account(corrected, clearing_account)
    if clearing and _is_corrected(instruction, clearing, is_local=is_local):
        return _found(corrected, clearing)
    return None


def _as_asked(
    instruction: ReversalInstruction, clearing: Sequence[Entry], *, is_local: bool
) -> bool:
    if not is_local:
        return sum(row.debit_amount - row.credit_amount for row in clearing) < 0
    return _sum(clearing, instruction.amount.currency) == -instruction.amount


def _is_corrected(
    instruction: ReversalInstruction, clearing: Sequence[Entry], *, is_local: bool
) -> bool:
    if not is_local:
        all_of_it = instruction.whole and not instruction.taken_back.minor
        return all_of_it and _cancelled_out(clearing)
    left = instruction.posted - instruction.taken_back - instruction.amount
    return _sum(clearing, instruction.amount.currency) == left


def _cancelled_out(clearing: Sequence[Entry]) -> bool:
    """What was posted and reversed again is as if it had not been."""
    return bool(clearing) and not sum(row.debit_amount - row.credit_amount for row in clearing)


def _sum(clearing: Sequence[Entry], currency: str) -> Money:
    return total(ledger.amounts_of(clearing, currency), currency)


def _found(rows: Sequence[Entry], clearing: Sequence[Entry]) -> PostedPayment:
    taken = [row for row in clearing if row.debit_amount < row.credit_amount]
    return PostedPayment(
        document_number=rows[0].document_number,
        entry_numbers=[row.entry_number for row in rows],
        posting_date=taken[-1].posting_date if taken else clearing[-1].posting_date,
    )


def _differs(
    instruction: ReversalInstruction,
    clearing: Sequence[Entry],
    clearing_account: str,
    local_currency: str,
) -> Refused:
    booked = _sum(clearing, local_currency)
    return Refused(
        f"Document {instruction.document_number} is posted with {booked} on account "
        f"{clearing_account}; {-instruction.amount} was asked for. Compare it in Business Central "
        "and correct it there.",
        document_number=instruction.document_number,
        booked=str(booked),
        expected=str(-instruction.amount),
    )
