"""Tells a clerk what to do in Business Central where its standard API cannot.

API v2.0 makes no refunds, reverses and unapplies nothing and applies no credit memo
(business-central.md, 2.8). The words are those of Business Central's own pages and actions in
English. Source: BCApps, pages 25, 232, 255 and 623.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from quittance.core.money import total
from quittance.erp.base import ApplicationInstruction, ApplicationLine, ReversalInstruction

_WHY: Final = {
    "refund": "Refund",
    "return": "Returned by the bank",
    "dispute": "Disputed by the payer",
}


def how_to_reverse(
    instruction: ReversalInstruction, *, clearing_account: str, local_currency: str
) -> Sequence[str]:
    """Return the steps: unapply where invoices are owed again, then one line that takes it back.

    A line of its own rather than Reverse Transaction: it has the day on which the money left and
    the bank's code, and it can be for a part.
    """
    steps = []
    if instruction.reopens:
        steps.append(_unapply(instruction))
    steps += [
        _line(instruction, clearing_account, local_currency),
        _apply_line(instruction),
        "Choose Post. Post nothing else with it.",
    ]
    if instruction.reopens and not _all_of_it(instruction):
        steps.append(
            f"Unapplying may have freed more than is owed again. Apply what is left of "
            f"{instruction.reverses} to the same invoices again: page Customer Ledger Entries, "
            "the payment's entry, Apply Entries, Set Applies-to ID, Post Application."
        )
    return [*steps, _check(instruction, clearing_account), _other_road(instruction)]


def how_to_apply(instruction: ApplicationInstruction) -> Sequence[str]:
    """Return the steps, one credit after the other."""
    begin = (
        f"Open the page Customer Ledger Entries for customer {instruction.customer_number} and "
        "filter Open to Yes. If a figure there differs from the ones below, post nothing and say "
        "so here."
    )
    steps = [begin]
    for credit in dict.fromkeys(line.credit_erp_id for line in instruction.lines):
        of_credit = [line for line in instruction.lines if line.credit_erp_id == credit]
        steps += _one_credit(of_credit, instruction.document_number)
    return steps


def _one_credit(lines: Sequence[ApplicationLine], document_number: str) -> Sequence[str]:
    credit = lines[0]
    used = total((line.amount for line in lines), credit.amount.currency)
    amounts = "; ".join(f"{line.invoice_number}: {line.amount}" for line in lines)
    after = "; ".join(f"{line.invoice_number} {line.invoice_open - line.amount}" for line in lines)
    return (
        (
            f"Select the entry with Document No. {credit.credit_number} (Entry No. "
            f"{credit.credit_erp_id}, Remaining Amount {-credit.credit_open}) and choose Apply "
            "Entries."
        ),
        (
            "On the page Apply Customer Entries select each of these invoices, choose Set "
            f"Applies-to ID and set Amount to Apply: {amounts}. No other line may carry an "
            "Applies-to ID."
        ),
        (
            f"Choose Post Application, with Document No. {document_number} if the number can be "
            "changed there."
        ),
        f"Check Remaining Amount: {after}; {credit.credit_number} {used - credit.credit_open}.",
    )


def _unapply(instruction: ReversalInstruction) -> str:
    invoices = "; ".join(f"{line.invoice_number} ({line.amount})" for line in instruction.reopens)
    return (
        f"Open the page Customer Ledger Entries for customer {instruction.customer_number} and "
        f"filter Document No. to {instruction.reverses}. The payment has one entry for each "
        f"invoice. For those that paid {invoices}, choose Unapply Entries, set Posting Date to "
        f"{_day(instruction.posting_date)} and choose Unapply."
    )


def _line(instruction: ReversalInstruction, clearing_account: str, local_currency: str) -> str:
    currency = instruction.amount.currency
    foreign = f"; Currency Code {currency}" if currency != local_currency else ""
    why = _WHY.get(instruction.why, instruction.why)
    words = f"{why}, {instruction.code}" if instruction.code else why
    return (
        "Open a Cash Receipt Journal with an empty batch and enter one line: Posting Date "
        f"{_day(instruction.posting_date)}; Document Type Refund; Document No. "
        f"{instruction.document_number}; Account Type Customer; Account No. "
        f"{instruction.customer_number}; Description {words}; Amount {instruction.amount} (above "
        f"zero){foreign}; {_balance(instruction, clearing_account)}."
    )


def _balance(instruction: ReversalInstruction, clearing_account: str) -> str:
    """What the line balances on: what the payment's journal did."""
    bank = instruction.route.bank_account if instruction.route else ""
    if bank:
        return f"Bal. Account Type Bank Account; Bal. Account No. {bank}"
    return f"Bal. Account Type G/L Account; Bal. Account No. {clearing_account}"


def _apply_line(instruction: ReversalInstruction) -> str:
    reopened = total((line.amount for line in instruction.reopens), instruction.amount.currency)
    step = (
        "With that line selected choose Apply Entries, select the open entries with Document No. "
        f"{instruction.reverses}, choose Set Applies-to ID, then OK."
    )
    if reopened == instruction.amount:
        return step
    rest = instruction.amount - reopened
    return (
        f"{step} No invoice is owed again for {rest}: where the payment is not open for it, select "
        "the credit memo that the money is given back for."
    )


def _check(instruction: ReversalInstruction, clearing_account: str) -> str:
    step = (
        f"Check: Find entries for {instruction.document_number} shows {-instruction.amount} on "
        f"G/L account {clearing_account}."
    )
    if not instruction.reopens:
        return step
    invoices = "; ".join(f"{line.invoice_number} by {line.amount}" for line in instruction.reopens)
    return f"{step} The Remaining Amount has risen: {invoices}."


def _other_road(instruction: ReversalInstruction) -> str:
    if _all_of_it(instruction):
        return (
            "Instead of the journal line, Reverse Transaction on an entry of "
            f"{instruction.reverses} is right, too, once all of it is unapplied. Those entries "
            "carry the payment's own number and posting date. Do only one of both."
        )
    return (
        f"Do not use Reverse Transaction on {instruction.reverses}: it would take back all of "
        f"{instruction.posted}."
    )


def _all_of_it(instruction: ReversalInstruction) -> bool:
    return instruction.whole and not instruction.taken_back.minor


def _day(day: date) -> str:
    return day.isoformat()
