"""Which statement is asked for, and drawing it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from quittance.core.clock import today
from quittance.core.errors import OutsideError
from quittance.portal.access import Account
from quittance.receivables.models import Invoice
from quittance.receivables.statement import Source, Statement, draw, ledger_of, open_items_of
from quittance.tenancy.rows import reading

_EARLIEST: Final = date(1900, 1, 1)
# More than so many invoices in the period, or so long a period: a worker makes a file of it.
MANY: Final = 500
LONG: Final = timedelta(days=3 * 366)
_HASH: Final = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The period and the currency that an address names; what makes no sense is left out."""

    since: date | None  # None: from the beginning
    until: date
    currency: str  # "": the first there is
    fingerprint: str  # of a statement on paper, to compare; its beginning is enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A statement, the currencies that there are, and whether the ledger did not answer."""

    statement: Statement
    currencies: list[str]
    answers: bool


def read_wish(query: Mapping[str, str], day: date) -> Wish:
    """Read an address's query; by default it is this month until today."""
    until = min(_day(query.get("until", "")) or day, day)
    since = _day(query.get("since", "")) if "since" in query else until.replace(day=1)
    currency = query.get("currency", "").upper()
    sent = re.sub(r"\s", "", query.get("fingerprint", "")[:200]).lower()
    return Wish(
        since=min(since, until) if since else None,
        until=until,
        currency=currency if len(currency) == 3 and currency.isascii() else "",
        fingerprint=sent if _HASH.fullmatch(sent) else "",
    )


def drawn(account: Account, wish: Wish) -> Drawn:
    """Ask the ledger, or the mirror where there is none, and draw what is wished."""
    day, answers = today(account.zone), True
    try:
        entries = ledger_of(account.legal_entity_id, account.erp_id)
    except OutsideError:
        entries, answers = None, False
    source = Source.LEDGER
    since, until = wish.since, wish.until
    if entries is None:
        source, since, until = Source.OPEN_ITEMS, None, day
        with reading():
            entries = open_items_of(account.id)
    currencies = sorted({each.amount.currency for each in entries})
    currency = wish.currency or account.pays_only or next(iter(currencies), "USD")
    if not wish.currency and currencies and currency not in currencies:
        currency = currencies[0]
    statement = draw(
        entries, account=(account.name, account.number), currency=currency, source=source,
        since=since, until=until, today=day,
    )  # fmt: skip
    return Drawn(statement=statement, currencies=currencies, answers=answers)


def invoices_in(account: Account, wish: Wish) -> int:
    """Return how many invoices the mirror knows in the period, counted no further than needed."""
    rows = Invoice.objects.filter(customer_account_id=account.id, issued_date__lte=wish.until)
    if wish.since:
        rows = rows.filter(issued_date__gte=wish.since)
    with reading():
        return len(rows.values_list("pk")[: MANY + 1])


def is_long(account: Account, wish: Wish) -> bool:
    """Whether a page is no place for it. Without a ledger there is no statement of a period."""
    if not account.tells_credit:
        return False
    if wish.since and wish.until - wish.since > LONG:
        return True
    return invoices_in(account, wish) > MANY


def presets(day: date) -> list[tuple[str, date | None, date]]:
    """Return periods that people ask for: a key, since and until."""
    month = day.replace(day=1)
    last = month - timedelta(days=1)
    quarter = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return [
        ("month", month, day),
        ("last_month", last.replace(day=1), last),
        ("quarter", quarter, day),
        ("all", None, day),
    ]


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return found if found >= _EARLIEST else None
