"""The list of invoices as a table for other programs: what all its pages show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import IO, Final

from django.utils.translation import gettext as _

from quittance.core.money import Money
from quittance.portal.access import Account
from quittance.portal.invoices.filters import Filters
from quittance.portal.invoices.listing import Found, find_all
from quittance.portal.invoices.rows import status_of
from quittance.tenancy.rows import reading
from quittance.ui.statuses import STATUSES
from quittance.ui.tables import Cell, csv_file, xlsx_file

_HEADS: Final = (
    "invoice", "purchase order", "issued", "due", "status", "currency", "total", "balance",
    "being paid",
)  # fmt: skip


def csv_of(account: Account, filters: Filters, *, today: date) -> IO[bytes]:
    """Return everything that the filters let through, in their order, as CSV."""
    with reading():
        found = find_all(account.id, filters, today=today)
        return csv_file(_HEADS, _cells(found, today))


def xlsx_of(account: Account, filters: Filters, *, today: date) -> IO[bytes]:
    """Return the same as an Excel workbook. Raises ``TooManyRows``."""
    with reading():
        found = find_all(account.id, filters, today=today)
        return xlsx_file(
            _HEADS, _cells(found, today), title=account.name, sheet="Invoices", day=today
        )


def _cells(rows: Iterable[Found], today: date) -> Iterator[Sequence[Cell]]:
    for row in rows:
        total, open_, in_flight = (
            Money(minor, row.currency)
            for minor in (row.total_minor, row.open_minor, row.in_flight_minor)
        )
        yield (
            row.number, row.purchase_order, row.issued_date, row.due_date,
            _(STATUSES[status_of(row, today=today)].word), row.currency, total, open_, in_flight,
        )  # fmt: skip
