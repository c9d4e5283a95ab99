"""The words of a statement: for its page, its PDF and its table."""

from __future__ import annotations

from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext

from quittance.branding.look import Look
from quittance.core.money import Money
from quittance.receivables.statement import Source, Statement
from quittance.ui.amounts import format_money
from quittance.ui.days import format_day, format_long_day
from quittance.ui.print.draw import house_of

KINDS: Final = {
    "invoice": noop("Invoice"),
    "credit_note": noop("Credit note"),
    "payment": noop("Payment"),
    "refund": noop("Refund"),
    "reminder": noop("Reminder"),
    "finance_charge": noop("Finance charge"),
    "other": noop("Entry"),
}
_AGES: Final = {
    "current": noop("Not yet due"),
    "late_30": noop("1 to 30 days late"),
    "late_60": noop("31 to 60 days late"),
    "late_90": noop("61 to 90 days late"),
    "older": noop("More than 90 days late"),
}
# What a statement is drawn from, said on each of its forms.
_LEDGER: Final = noop("Drawn from every entry of the customer ledger in the seller’s books.")
_OPEN_ITEMS: Final = noop(
    "Drawn from open invoices and open credits alone: it says what is open today, not what was"
    " paid."
)
_NO_LEDGER: Final = noop("The seller’s books show us no customer ledger.")
_NO_ANSWER: Final = noop("The customer ledger in the seller’s books did not answer now.")


def totals_of(statement: Statement) -> list[tuple[str, Money]]:
    """Return what comes below the closing balance, where it is known; each follows the one before.

    What is still owed stands there if it is not the closing balance.
    """
    found = statement.standing
    if found is None:
        return []
    rows = [
        (_("Discounts and differences taken off"), -found.taken_off),
        (_("Set off against entries of later days"), found.settled_later),
    ]
    rows = [row for row in rows if row[1].minor]
    if rows:
        owed = statement.closing - found.taken_off + found.settled_later
        rows.append((_("Still owed, less open credit"), owed))
    if found.unapplied.minor:
        rows.append((_("Of it open credit"), found.unapplied))
    return rows


def pdf_data(statement: Statement, *, look: Look, locale: str, site: str) -> dict[str, Any]:
    """Return the words of the PDF: plain text only, and nothing of the moment it is drawn."""

    def money(amount: Money) -> str:
        return format_money(amount, locale)

    period = format_long_day(statement.until, locale)
    if statement.since:
        period = f"{format_long_day(statement.since, locale)} – {period}"
    return {
        **house_of(look, site=site),
        "title": _("Statement of account"),
        "amount": money(statement.closing),
        "currency": statement.currency,
        "facts": [
            (_("Customer"), f"{statement.account_name} ({statement.account_number})"),
            (_("Period"), period),
            (_("Opening balance"), money(statement.opening)),
            (_("Closing balance"), money(statement.closing)),
            *((name, money(amount)) for name, amount in totals_of(statement)),
        ],
        "heads": [_("Date"), _("Document"), _("What"), _("Amount"), _("Balance")],
        "lines": [
            [
                format_day(each.day, locale), each.number, _(KINDS[each.kind]),
                money(each.amount), money(each.balance),
            ]
            for each in statement.lines
        ],
        "total": [_("Closing balance"), money(statement.closing)],
        "aging_title": _("Open invoices by age"),
        "aging": [[name, money(amount)] for name, amount in aging_of(statement)],
        "note": " ".join(filter(None, (source_of(statement), later_of(statement)))),
        "proof": _("Fingerprint"),
        "fingerprint": statement.fingerprint,
        "proof_note": _("The same entries make the same fingerprint: compare it on %(where)s")
        % {"where": f"{site}{reverse('portal:statement')}"},
    }  # fmt: skip


def source_of(statement: Statement, *, answers: bool = True) -> str:
    """Say what it is drawn from; ``answers``: the ledger could be asked."""
    if statement.source == Source.LEDGER:
        return _(_LEDGER)
    return f"{_(_OPEN_ITEMS)} {_(_NO_LEDGER) if answers else _(_NO_ANSWER)}"


def later_of(statement: Statement) -> str:
    """Say how many entries of later days are left out; "" for none."""
    number = statement.standing.later if statement.standing else 0
    if not number:
        return ""
    return ngettext(
        "%(n)s entry of a later day is left out.", "%(n)s entries of later days are left out.",
        number,
    ) % {"n": number}  # fmt: skip


def aging_of(statement: Statement) -> list[tuple[str, Money]]:
    """Return how late what is open is, where it is known."""
    found = statement.standing.aging if statement.standing else ()
    return [(_(_AGES[key]), amount) for key, amount in found]
