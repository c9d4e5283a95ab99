"""Looks, before a payment is sent, whether the ERP can apply it as the payer meant it.

Somebody may have booked, credited or cancelled since. Business Central would refuse the whole
payment for one invoice that is closed; of one with less open it applies what it can and leaves the
rest unapplied without a word; and where an early-payment discount is still possible, a payment of
the full amount closes the invoice with the discount and leaves the rest unapplied, too
(business-central.md, 2.6; features.md, 5.7). So what cannot be applied is put on account openly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from quittance.core.money import Money, total
from quittance.erp.base import Erp, InvoiceRecord, InvoiceStatus
from quittance.posting.models import ErpPosting
from quittance.posting.queue import PostingLine, lines_of
from quittance.tenancy.moment import moment
from quittance.tenancy.rows import reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a payment can be applied at this moment."""

    lines: Sequence[PostingLine]  # they add up to the same sum
    changed: bool  # they are not those of the posting
    words: str  # for the AR team; "" when all is as the payer meant it
    records: Sequence[InvoiceRecord]  # what the ERP said of the invoices
    read_at: datetime  # the moment before it was asked, by the database


def look(erp: Erp, posting: ErpPosting) -> Fit:
    """Compare the posting's lines with what is open in the ERP now. Raises ``OutsideError``."""
    with reading():
        lines = lines_of(posting)
        read_at = moment()
    asked = [line.invoice_erp_id for line in lines if line.invoice_erp_id]
    records = erp.read_invoices(asked) if asked else []
    now = {record.erp_id: record for record in records}
    words, fitting, rest = [], [], Money(0, posting.currency)
    for line in lines:
        applies, sentence = _applies(line, now.get(line.invoice_erp_id), posting.posting_date)
        words += [sentence] if sentence else []
        rest += line.amount - applies
        if applies.minor:
            fitting.append(replace(line, amount=applies))
    if not rest.minor:
        return Fit(
            lines=lines, changed=False, words=" ".join(words), records=records, read_at=read_at
        )
    return Fit(
        lines=[*_applied(fitting), _on_account(fitting, rest)], changed=True,
        words=f"{' '.join(words)} {rest} is on the customer's account: apply it or give it back.",
        records=records, read_at=read_at,
    )  # fmt: skip


def _applies(line: PostingLine, now: InvoiceRecord | None, day: date) -> tuple[Money, str]:
    """Return how much of a line its invoice takes, and what the AR team should know."""
    if not line.invoice_erp_id:
        return line.amount, ""
    number, nothing = line.invoice_number, Money(0, line.amount.currency)
    if now is None or now.status is not InvoiceStatus.OPEN:
        state = "not there" if now is None else now.status.value
        return nothing, f"{number}: {line.amount} was paid, and the invoice is {state} in the ERP."
    discount = _discount(now, day)
    closes = now.open - discount
    if line.amount <= closes:
        return line.amount, _missed(line, now, closes, day)
    if discount.minor:
        return closes, (
            f"{number}: {line.amount} was paid, {now.open} was open, and the ERP takes off"
            f" {discount} for paying early."
        )
    return closes, f"{number}: {line.amount} was paid, {now.open} was open."


def _discount(now: InvoiceRecord, day: date) -> Money:
    """Return what the ERP takes off a payment that closes the invoice on ``day``."""
    if now.discount is None or now.discount_until is None or day > now.discount_until:
        return Money(0, now.open.currency)
    return min(now.discount, now.open)


def _missed(line: PostingLine, now: InvoiceRecord, closes: Money, day: date) -> str:
    """Say that a discount which the payer took off is not granted, and what stays open by it."""
    if not line.discount or line.amount == closes:
        return ""
    taken = Money(line.discount, line.amount.currency)
    return (
        f"{line.invoice_number}: the payer took off {taken} for paying early, and the ERP does not"
        f" grant it on {day}. {now.open - line.amount} stays open: ask for it or credit it."
    )


def _applied(lines: Sequence[PostingLine]) -> list[PostingLine]:
    return [line for line in lines if line.invoice_erp_id]


def _on_account(lines: Sequence[PostingLine], rest: Money) -> PostingLine:
    before = total((each.amount for each in lines if not each.invoice_erp_id), rest.currency)
    return PostingLine(amount=before + rest)
