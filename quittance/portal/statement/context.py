"""The words of a statement: for the page, the PDF and the table."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.utils.translation import ngettext

from quittance.branding.look import Look
from quittance.core.clock import now
from quittance.core.money import Money
from quittance.portal.overview.context import NAMES
from quittance.portal.statement.asked import Drawn, Wish, presets
from quittance.receivables.statement import Line, Source, Statement
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
_PRESETS: Final = {
    "month": noop("This month"),
    "last_month": noop("Last month"),
    "quarter": noop("This quarter"),
    "all": noop("From the beginning"),
}
# What a statement is drawn from, said on each of its forms.
_LEDGER: Final = noop("Drawn from every entry of the customer ledger in the seller’s books.")
_OPEN_ITEMS: Final = noop(
    "Drawn from open invoices and open credits alone: it says what is open today, not what was"
    " paid."
)
_NO_LEDGER: Final = noop("The seller’s books show us no customer ledger.")
_NO_ANSWER: Final = noop("The customer ledger in the seller’s books did not answer now.")


def statement_context(wish: Wish, found: Drawn, *, today: date) -> dict[str, Any]:
    """Return what ``portal/statement/statement.html`` names, without the frame."""
    statement = found.statement
    printed = statement.fingerprint
    query = _query(statement)
    return {
        "statement": statement,
        "rows": [_row(each) for each in statement.lines],
        "charges": _sum(statement, above=True),
        "payments": _sum(statement, above=False),
        "facts": totals_of(statement),
        "why_opening": _why_opening(statement),
        "read_at": now(),
        "aging": _aging(statement),
        "later": _later(statement),
        "periods": _periods(statement, today),
        "currencies": found.currencies,
        "answers": found.answers,
        "is_ledger": statement.source == Source.LEDGER,
        "source": _source(statement, answers=found.answers),
        "wish": wish,
        "fingerprint": printed,
        "compared": wish.fingerprint,
        "same": printed.startswith(wish.fingerprint) if wish.fingerprint else False,
        "pdf": f"{reverse('portal:statement_pdf')}?{query}",
        "csv": f"{reverse('portal:statement_csv')}?{query}",
        "xlsx": f"{reverse('portal:statement_xlsx')}?{query}",
    }


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
        "aging": [[name, money(amount)] for name, amount in _aging(statement)],
        "note": " ".join(filter(None, (_source(statement), _later(statement)))),
        "proof": _("Fingerprint"),
        "fingerprint": statement.fingerprint,
        "proof_note": _("The same entries make the same fingerprint: compare it on %(where)s")
        % {"where": f"{site}{reverse('portal:statement')}"},
    }  # fmt: skip


def _source(statement: Statement, *, answers: bool = True) -> str:
    if statement.source == Source.LEDGER:
        return _(_LEDGER)
    return f"{_(_OPEN_ITEMS)} {_(_NO_LEDGER) if answers else _(_NO_ANSWER)}"


def _later(statement: Statement) -> str:
    number = statement.standing.later if statement.standing else 0
    if not number:
        return ""
    return ngettext(
        "%(n)s entry of a later day is left out.", "%(n)s entries of later days are left out.",
        number,
    ) % {"n": number}  # fmt: skip


def _aging(statement: Statement) -> list[tuple[str, Money]]:
    found = statement.standing.aging if statement.standing else ()
    return [(_(NAMES[key]), amount) for key, amount in found]


def _row(line: Line) -> dict[str, Any]:
    return {
        "day": line.day,
        "number": line.number,
        "what": _(KINDS[line.kind]),
        "amount": line.amount,
        "charge": line.amount.minor > 0,
        "balance": line.balance,
        "address": f"{reverse('portal:invoices')}?{urlencode({'tab': 'all', 'q': line.number})}"
        if line.kind == "invoice"
        else "",
    }


def _why_opening(statement: Statement) -> str:
    """Return the address of the statement whose entries sum to the opening balance."""
    if statement.since is None or not statement.opening.minor:
        return ""
    query = {
        "since": "", "until": statement.since - timedelta(days=1),
        "currency": statement.currency,
    }  # fmt: skip
    return f"{reverse('portal:statement')}?{urlencode(query)}"


def _sum(statement: Statement, *, above: bool) -> Money:
    minor = sum(
        each.amount.minor for each in statement.lines if (each.amount.minor > 0) == above
    )  # fmt: skip
    return Money(minor, statement.currency)


def _query(statement: Statement) -> str:
    return urlencode(
        {
            "since": statement.since or "", "until": statement.until,
            "currency": statement.currency,
        }
    )  # fmt: skip


def _periods(statement: Statement, today: date) -> list[dict[str, Any]]:
    path = reverse("portal:statement")
    return [
        {
            "text": _(_PRESETS[key]),
            "address": f"{path}?"
            + urlencode(
                {"since": since or "", "until": until, "currency": statement.currency}
            ),
            "current": (since, until) == (statement.since, statement.until),
        }
        for key, since, until in presets(today)
    ]  # fmt: skip
