"""The form that opens a dispute: what each line bills, what was typed, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from quittance.core.errors import RuleBroken
from quittance.core.money import InexactAmount, Money
from quittance.disputes.opening import Wrong, billed
from quittance.receivables.models import Invoice, InvoiceLine
from quittance.ui.amounts import NotAnAmount, format_for_input, read_amount
from quittance.ui.sentences import sentence_for

WHOLE = "whole"  # of the form: an amount of the invoice as such
_LONGEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the form."""

    key: str  # the line's sequence, or WHOLE
    description: str
    quantity: str
    most: Money
    typed: str
    ticked: bool
    error: str = ""
    amount: Money | None = None


def rows_of(
    invoice: Invoice, lines: Sequence[InvoiceLine], sent: Mapping[str, str] | None, locale: str
) -> list[Line]:
    """Return a row for each line that bills something, and one for the invoice as such.

    ``sent``: what the form sent; ``None`` before it did.
    """
    found = [
        (str(line.sequence), line.description, f"{line.quantity} {line.unit}".strip(), most)
        for line in lines
        if (most := billed(line, invoice.currency)).minor > 0
    ]
    found.append((WHOLE, "", "", invoice.total))
    return [_row(each, sent, locale, alone=len(found) == 1) for each in found]


def wrong_of(rows: Sequence[Line]) -> list[Wrong]:
    """Return what is disputed of rows without an error."""
    return [
        Wrong(None if row.key == WHOLE else int(row.key), row.amount)
        for row in rows
        if row.ticked and row.amount is not None
    ]


def _row(
    found: tuple[str, str, str, Money],
    sent: Mapping[str, str] | None,
    locale: str,
    *,
    alone: bool,
) -> Line:
    key, description, quantity, most = found
    suggested = "" if key == WHOLE else format_for_input(most, locale)
    typed = suggested if sent is None else sent.get(f"amount-{key}", "")[:_LONGEST]
    ticked = alone or (sent is not None and f"line-{key}" in sent)
    error, amount = "", None
    if ticked and sent is not None:
        try:
            amount = _amount(typed, most, locale)
        except RuleBroken as wrong:
            error = sentence_for(wrong)
    return Line(
        key=key, description=description, quantity=quantity, most=most, typed=typed, ticked=ticked,
        error=error, amount=amount,
    )  # fmt: skip


def _amount(typed: str, most: Money, locale: str) -> Money:
    try:
        amount = read_amount(typed, most.currency, locale)
    except (NotAnAmount, InexactAmount) as error:
        raise RuleBroken(str(error)) from None
    if not 0 < amount.minor <= most.minor:
        raise RuleBroken(_("Write an amount above zero and not above what was billed."))
    return amount
