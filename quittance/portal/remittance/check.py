"""Holds each line of a list against the invoices, and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from quittance.core.currency import minor_unit_digits
from quittance.core.money import Money, total
from quittance.payments.owed import Owed
from quittance.portal.access import Account
from quittance.portal.amounts import currency_in, point_of, readings
from quittance.portal.invoices.hindered import hindrance, why_not
from quittance.portal.remittance.columns import Typed
from quittance.portal.remittance.named import invoices_named, named_by
from quittance.receivables.models import Invoice
from quittance.ui.amounts import decimal_point, format_for_input, format_money

_NAMED: Final = 5  # numbers of invoices in one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: what was sent, what it means, and what is wrong with it."""

    typed: Typed
    found: Owed | None
    amount: Money | None  # what shall be paid; ``None`` when something is wrong
    error: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A list that was held against the invoices."""

    lines: Sequence[Line]

    @property
    def right(self) -> list[Line]:
        """The lines that can be paid."""
        return [each for each in self.lines if each.amount and not each.typed.dropped]

    @property
    def wrong(self) -> list[Line]:
        """The lines that cannot, and were not left out by the buyer."""
        return [each for each in self.lines if each.error and not each.typed.dropped]

    @property
    def totals(self) -> list[Money]:
        """What the right ones come to, by currency."""
        amounts = [each.amount for each in self.right if each.amount]
        currencies = sorted({each.currency for each in amounts})
        return [total((a for a in amounts if a.currency == code), code) for code in currencies]


def known_numbers(texts: Collection[str], accounts: Sequence[Account]) -> set[str]:
    """Return those of ``texts`` that name invoices: numbers, and orders if there are no numbers.

    In a transaction of the caller.
    """
    for field in ("number", "purchase_order"):
        rows = invoices_named(field, texts, accounts)
        found = set(rows.values_list(field, flat=True))
        if named := {text for text in texts if text in found or text.upper() in found}:
            return named
    return set()


def check(
    typed: Sequence[Typed],
    accounts: Sequence[Account],
    *,
    has_amounts: bool,
    locale: str,
    ours: bool = False,
) -> Checked:
    """Return every line with its invoice and amount, or why not, in a transaction of the caller.

    Without amounts in the list each line stands for all that can be paid of its invoice. ``ours``:
    the list comes from our own page, which writes amounts as ``locale`` does.
    """
    named = named_by(typed, accounts)
    texts = [each.amount for each in typed]
    points = {
        currency: point_of(texts, currency) or (_own_point(currency, locale) if ours else "")
        for currency in named.currencies
    }
    known = {each.id: each for each in accounts}
    taken: dict[UUID, int] = {}
    lines = []
    for each in typed:
        found, by_order = named.by(each, points)
        error = _wrong_number(each, found, taken, by_order=by_order)
        owed_of = found[0] if len(found) == 1 else None
        amount = None
        if not error and owed_of:
            error = _not_payable(each, owed_of, known[owed_of.invoice.customer_account_id])
        if not error and owed_of:
            point = points[owed_of.invoice.currency]
            amount, error = _amount(each, owed_of, point, has_amounts=has_amounts, locale=locale)
        if owed_of and not each.dropped:
            taken.setdefault(owed_of.invoice.pk, each.place)
        lines.append(Line(typed=each, found=owed_of, amount=amount, error=error))
    return Checked(lines)


def shown_amount(line: Line, locale: str) -> str:
    """Return what stands in the amount's field."""
    return format_for_input(line.amount, locale) if line.amount else line.typed.amount


def _own_point(currency: str, locale: str) -> str:
    """Three decimals look like a group: only there is our page's own way to write needed."""
    return decimal_point(locale) if minor_unit_digits(currency) == 3 else ""


def _wrong_number(
    typed: Typed, found: Sequence[Owed], taken: Mapping[UUID, int], *, by_order: bool
) -> str:
    """Return why no invoice of one's own is meant; "" when one is."""
    if not typed.number and not typed.purchase_order:
        return _("There is no invoice number in this line.")
    if not found:
        return _(
            "You have no invoice with this number or purchase order. Correct it, or leave the line"
            " out."
        )
    if len(found) > 1 and by_order:
        return _("Several invoices have this purchase order: %(numbers)s. Write which one.") % {
            "numbers": ", ".join(each.invoice.number for each in found[:_NAMED])
        }
    if len(found) > 1:
        return _("Several of your accounts have an invoice with this number. Tick it in the list.")
    if found[0].invoice.pk in taken:
        return _("It is in line %(line)s already. Add them up there, and leave this one out.") % {
            "line": taken[found[0].invoice.pk]
        }
    return ""


def _not_payable(typed: Typed, owed: Owed, account: Account) -> str:
    """Return why its invoice cannot be paid now; "" when it can."""
    invoice = owed.invoice
    if invoice.erp_status == Invoice.ErpStatus.CANCELLED:
        return _("The seller has cancelled it. Nothing is owed.")
    if invoice.open_minor <= 0:
        return _("It is paid already.")
    reason = hindrance(invoice, account)
    if reason is not None:
        return why_not(reason, invoice, account)
    if owed.free.minor <= 0:
        return _("A payment of all of it is under way already.")
    said = typed.currency or currency_in(typed.amount)
    if said and said != invoice.currency:
        return _("This line is in %(said)s, and the invoice in %(own)s.") % {
            "said": said, "own": invoice.currency,
        }  # fmt: skip
    return ""


def _amount(
    typed: Typed, owed: Owed, point: str, *, has_amounts: bool, locale: str
) -> tuple[Money | None, str]:
    """Return what shall be paid of it, or what is wrong with the amount."""
    free = owed.free
    most = {"most": format_money(free, locale)}
    if not typed.amount.strip():
        return (None, _("There is no amount in this line.")) if has_amounts else (free, "")
    found = readings(typed.amount, free.currency)
    if len(found) > 1 and not point:
        return None, _("It can mean %(one)s or %(other)s. Write all its decimals.") % {
            "one": format_money(found[0].money, locale),
            "other": format_money(found[1].money, locale),
        }
    # Of two the one that is written like the others: with their point, else with groups.
    found.sort(key=lambda each: (each.point != point, each.point != ""))
    if not found:
        return None, _("Write an amount like %(most)s.") % most
    amount = found[0].money
    if amount.minor <= 0:
        return None, _("It must be above zero. Credits are used in the checkout.")
    if amount.minor > free.minor:
        return None, _("It is more than is open: %(most)s can be paid now.") % most
    return amount, ""
