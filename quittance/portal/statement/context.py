"""What the page of a statement shows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from quittance.core.clock import now
from quittance.core.money import Money
from quittance.exports.statement.words import KINDS, aging_of, later_of, source_of, totals_of
from quittance.portal.statement.asked import Drawn, Wish, presets
from quittance.receivables.statement import Line, Source, Statement

_PRESETS: Final = {
    "month": noop("This month"),
    "last_month": noop("Last month"),
    "quarter": noop("This quarter"),
    "all": noop("From the beginning"),
}


def statement_context(wish: Wish, found: Drawn, *, today: date) -> dict[str, Any]:
    """Return what ``portal/statement/statement.html`` names, without the frame."""
    statement = found.statement
    printed = statement.fingerprint
    query = query_of(statement.since, statement.until, statement.currency)
    return {
        "statement": statement,
        "rows": [_row(each) for each in statement.lines],
        "charges": _sum(statement, above=True),
        "payments": _sum(statement, above=False),
        "facts": totals_of(statement),
        "why_opening": _why_opening(statement),
        "read_at": now(),
        "aging": aging_of(statement),
        "later": later_of(statement),
        "periods": periods_of(statement.since, statement.until, statement.currency, today),
        "currencies": found.currencies,
        "answers": found.answers,
        "is_ledger": statement.source == Source.LEDGER,
        "source": source_of(statement, answers=found.answers),
        "wish": wish,
        "fingerprint": printed,
        "compared": wish.fingerprint,
        "same": printed.startswith(wish.fingerprint) if wish.fingerprint else False,
        "pdf": f"{reverse('portal:statement_pdf')}?{query}",
        "csv": f"{reverse('portal:statement_csv')}?{query}",
        "xlsx": f"{reverse('portal:statement_xlsx')}?{query}",
    }


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


def query_of(since: date | None, until: date, currency: str) -> str:
    """Return what the address of a statement says."""
    return urlencode({"since": since or "", "until": until, "currency": currency})


def periods_of(since: date | None, until: date, currency: str, today: date) -> list[dict[str, Any]]:
    """Return the periods that people ask for, with their addresses; which one it is, is marked."""
    path = reverse("portal:statement")
    return [
        {
            "text": _(_PRESETS[key]),
            "address": f"{path}?{query_of(first, last, currency)}",
            "current": (first, last) == (since, until),
        }
        for key, first, last in presets(today)
    ]
