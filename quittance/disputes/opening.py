"""Opens a dispute: which lines of an invoice, how much of each, why."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError

from quittance.audit.record import record_event
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_number
from quittance.core.money import Money
from quittance.disputes.conversation import A, NoWords, Said, add_note
from quittance.disputes.evidence import keep_files
from quittance.disputes.held import alive
from quittance.disputes.limits import keep_to_limits
from quittance.disputes.models import DisputedLine, InvoiceDispute
from quittance.disputes.rules import rules_of
from quittance.disputes.telling import team_addresses, tell
from quittance.receivables.models import Invoice, InvoiceLine
from quittance.tenancy.rows import writing


class NothingDisputed(RuleBroken):
    """Say what is wrong: choose a line, or write an amount."""


class TooMuchDisputed(RuleBroken):
    """More is disputed than was billed. Nothing was sent: look at the amounts."""


class NotDisputable(RuleBroken):
    """This invoice is not open in the seller's books, so there is nothing to dispute here."""


class DisputedAlready(RuleBroken):
    """This invoice is disputed already. Nothing was sent twice: answer there."""


class NoReason(RuleBroken):
    """Choose what is wrong."""


class Wrong(NamedTuple):
    """How much of a line is disputed; ``sequence`` ``None``: an amount of the invoice as such."""

    sequence: int | None
    amount: Money


def billed(line: InvoiceLine, currency: str) -> Money:
    """Return what one line bills with its tax, to the cent; the ERP rounds the invoice's tax once.

    So the lines may differ by cents from the invoice's total: this is a figure to begin with.
    """
    try:
        percent = Decimal(line.tax_percent or "0")
    except InvalidOperation:
        percent = Decimal(0)
    minor = Decimal(line.amount_minor) * (100 + percent) / 100
    return Money(int(minor.quantize(Decimal(1), ROUND_HALF_UP)), currency)


def open_dispute(
    invoice_id: UUID, said: Said, *, reason: str, wrong: Sequence[Wrong], settled_minor: int
) -> InvoiceDispute:
    """Open a dispute in the buyer's name and tell the seller; sent twice it is one.

    ``settled_minor``: what payments here have settled of the invoice so far, as the ERP shows it.

    Raises ``NothingDisputed``, ``TooMuchDisputed``, ``NoReason``, ``NoWords``, ``NotDisputable``,
    ``DisputedAlready``, ``TooManyFiles``, ``TooOften``, ``NoRoom``.
    """
    if not said.words:
        raise NoWords
    team = team_addresses(None)
    try:
        with writing():
            earlier = InvoiceDispute.objects.filter(notes=said.key, invoice_id=invoice_id).first()
            if earlier is not None:
                return earlier
            made = _open(invoice_id, said, reason, wrong, settled_minor)
            keep_to_limits(made.customer_account_id, said.files, opens=True)
            note = add_note(made, A.OPENED, key=said.key, by=said.by, text=said.words)
            keep_files(made, note, said.files)
            tell(made, note, team, team=True)
            record_event(
                "dispute.opened",
                subject_kind="invoice_dispute",
                subject_id=made.pk,
                number=made.number,
            )
            return made
    except IntegrityError:
        raise DisputedAlready from None  # both of two clicks at once


def _open(
    invoice_id: UUID, said: Said, reason: str, wrong: Sequence[Wrong], settled_minor: int
) -> InvoiceDispute:
    invoice = Invoice.objects.filter(pk=invoice_id).first()
    if invoice is None or invoice.open_minor <= 0 or invoice.gone_at is not None:
        raise NotDisputable
    if alive().filter(invoice=invoice).exists():
        raise DisputedAlready
    if reason not in rules_of().reasons:
        raise NoReason
    lines = {each.sequence: each for each in invoice.lines.all()}
    _check(invoice, lines, wrong)
    dispute = InvoiceDispute.objects.create(
        number=new_number("D"), customer_account_id=invoice.customer_account_id, invoice=invoice,
        opened_by=said.by, reason=reason, currency=invoice.currency,
        amount_minor=sum(each.amount.minor for each in wrong),
        open_seen_minor=invoice.open_minor, version_seen=invoice.version,
        settled_seen_minor=settled_minor,
    )  # fmt: skip
    DisputedLine.objects.bulk_create(
        DisputedLine(
            customer_account_id=invoice.customer_account_id, dispute=dispute,
            sequence=each.sequence, amount_minor=each.amount.minor,
            description="" if each.sequence is None else lines[each.sequence].description,
        )
        for each in wrong
    )  # fmt: skip
    return dispute


def _check(invoice: Invoice, lines: dict[int, InvoiceLine], wrong: Sequence[Wrong]) -> None:
    if not wrong or any(each.amount.minor <= 0 for each in wrong):
        raise NothingDisputed
    if len({each.sequence for each in wrong}) < len(wrong):
        raise NothingDisputed
    if sum(each.amount.minor for each in wrong) > invoice.total_minor:
        raise TooMuchDisputed
    for each in wrong:
        if each.amount.currency != invoice.currency:
            raise TooMuchDisputed
        if each.sequence is None:
            continue
        line = lines.get(each.sequence)
        if line is None:
            raise NothingDisputed
        if each.amount.minor > billed(line, invoice.currency).minor:
            raise TooMuchDisputed
