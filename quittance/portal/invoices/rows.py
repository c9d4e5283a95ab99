"""An invoice as a buyer sees it: its one status, its hint, and whether it can be picked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import cache, partial
from typing import Final, NamedTuple
from uuid import UUID

from quittance.core.money import Money
from quittance.portal.access import Account
from quittance.portal.invoices.hindered import hindrance, why_not
from quittance.portal.invoices.listing import Found, free_amount
from quittance.receivables.aging import SOON
from quittance.receivables.hindrances import Hindrance
from quittance.receivables.models import Invoice
from quittance.ui.addresses import address
from quittance.ui.amounts import format_money
from quittance.ui.days import due_hint
from quittance.ui.language import word as _

_OPEN: Final = str(Invoice.ErpStatus.OPEN)


class Row(NamedTuple):
    """One invoice, ready to be shown."""

    id: UUID
    key: str  # the id as forms send it
    address: str
    number: str
    purchase_order: str
    issued: date
    due: date
    hint: str  # "12 days late"; "" when nothing is owed
    hint_tone: str  # "late", "soon" or ""
    status: str  # a key of ui/statuses.py
    total: Money
    open: Money
    free: Money
    note: str
    payable: bool
    why_not: str  # why it cannot be paid here although it is owed; "" when it can
    picked: bool = False


def rows_of(
    found: Iterable[Found],
    *,
    account: Account,
    today: date,
    locale: str,
    picked: Collection[UUID] = frozenset(),
) -> list[Row]:
    """Return how the buyer sees all of ``found``, which ``account`` owes."""
    when = cache(partial(_when, today=today))  # rows share their days
    return [
        _row(each, account, locale, when=when(each.due_date), picked=each.id in picked)
        for each in found
    ]


def row_of(found: Found, *, account: Account, today: date, locale: str) -> Row:
    """Return how the buyer sees ``found``."""
    return rows_of([found], account=account, today=today, locale=locale)[0]


class _When(NamedTuple):
    """What a due date means today, for whoever owes."""

    hint: str
    tone: str


def _when(due: date, *, today: date) -> _When:
    return _When(due_hint(due, today), _tone(due, today))


def _row(found: Found, account: Account, locale: str, *, when: _When, picked: bool) -> Row:
    free = free_amount(found)
    owed = found.erp_status == _OPEN and found.open_minor > 0
    reason = hindrance(found, account) if owed else None
    key = str(found.id)  # "portal:invoice" for each row would double the cost
    return Row(
        id=found.id,
        key=key,
        address=f"{address('portal:invoices')}/{key}",
        number=found.number,
        purchase_order=found.purchase_order,
        issued=found.issued_date,
        due=found.due_date,
        hint=when.hint if owed else "",
        hint_tone=when.tone,
        status=_status(found, when.tone),
        total=Money(found.total_minor, found.currency),
        open=Money(found.open_minor, found.currency),
        free=free,
        note=_("cannot be paid here") if reason else _note(found, locale),
        payable=owed and free.minor > 0 and reason is None,
        why_not=why_not(reason, found, account) if reason else "",
        picked=picked,
    )


def found_of(invoice: Invoice, in_flight_minor: int, disputed_minor: int = 0) -> Found:
    """Return a row of the list for an invoice that was read by itself."""
    return Found(
        invoice.pk, invoice.number, invoice.purchase_order, invoice.erp_status,
        invoice.issued_date, invoice.due_date, invoice.currency, invoice.total_minor,
        invoice.open_minor, in_flight_minor, invoice.hindrance, disputed_minor,
    )  # fmt: skip


def status_of(found: Found, *, today: date) -> str:
    """Return the one status of an invoice; the first that fits counts. Source: design.md, 6."""
    return _status(found, _tone(found.due_date, today))


def _status(found: Found, tone: str) -> str:
    if found.erp_status == Invoice.ErpStatus.PAID or (
        found.erp_status == _OPEN and found.open_minor <= 0
    ):
        return "paid"
    if found.erp_status != _OPEN:
        return "cancelled"
    if found.disputed_minor or found.hindrance == Hindrance.DISPUTED:
        return "disputed"
    if found.in_flight_minor >= found.open_minor:
        return "processing"
    if found.open_minor < found.total_minor:
        return "partly"
    return {"late": "overdue", "soon": "due_soon"}.get(tone, "open")


def _tone(due: date, today: date) -> str:
    if due < today:
        return "late"
    return "soon" if due <= today + SOON else ""


def _note(found: Found, locale: str) -> str:
    if found.in_flight_minor and found.in_flight_minor >= found.open_minor:
        return _("being paid")
    if found.in_flight_minor:
        amount = format_money(Money(found.in_flight_minor, found.currency), locale)
        return _("%(amount)s is being paid") % {"amount": amount}
    if found.disputed_minor:
        amount = format_money(Money(found.disputed_minor, found.currency), locale)
        return _("%(amount)s disputed") % {"amount": amount}
    paid = found.total_minor - found.open_minor
    if found.erp_status == _OPEN and 0 < paid < found.total_minor:
        amount = format_money(Money(paid, found.currency), locale)
        return _("%(amount)s paid") % {"amount": amount}
    return ""
