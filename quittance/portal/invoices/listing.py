"""Finds the invoices of one view of the list: one query for the rows, one for the counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateField,
    F,
    Field,
    Q,
    QuerySet,
)

from quittance.core.money import Money
from quittance.disputes.held import L, alive, disputed_minor
from quittance.disputes.rules import rules_of
from quittance.payments.owed import in_flight_of
from quittance.portal.access import Account
from quittance.portal.invoices.filters import Filters, place_of, read_place
from quittance.portal.invoices.hindered import hindrance_of_currency
from quittance.portal.invoices.search import found_by
from quittance.receivables.aging import SOON
from quittance.receivables.hindrances import Hindrance
from quittance.receivables.models import Invoice
from quittance.tenancy.kept import Kept

PAGE: Final = 50
_AT_ONCE: Final = 1000
_COUNTED: Final = ("open", "overdue", "soon")
_WITHOUT_DAYS: Final = frozenset({"open", "paid", "all"})
# How a value of the place is read back, for each field that rows are ordered by.
_VALUE: Final[dict[str, Field[Any, Any]]] = {
    "due_date": DateField(),
    "issued_date": DateField(),
    "number": CharField(),
    "open_minor": BigIntegerField(),
}


class Found(NamedTuple):
    """What one row of the list needs of an invoice."""

    id: UUID
    number: str
    purchase_order: str
    erp_status: str
    issued_date: date
    due_date: date
    currency: str
    total_minor: int
    open_minor: int
    in_flight_minor: int
    hindrance: str  # what the ERP says of the invoice itself
    disputed_minor: int  # what the buyer disputes of it here


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of rows, and the places before and behind it ("" where there is nothing)."""

    rows: list[Found]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many open invoices there are, by currency."""

    open: dict[str, int]
    overdue: dict[str, int]
    soon: dict[str, int]
    disputed: dict[str, dict[str, int]]  # of each of these the ones the ERP wants unpaid
    in_dispute: int  # here or in the ERP


def find(account_id: UUID, filters: Filters, *, today: date) -> Listing:
    """Return one page, found by keys and not by counting, so that the last page is as quick."""
    backwards = bool(filters.before)
    place = read_place(filters.before or filters.after)
    descending = filters.descending != backwards
    if filters == Filters(tab=filters.tab, sort=filters.sort, locale=filters.locale) and (
        filters.tab in _WITHOUT_DAYS
    ):
        first = _first_page(filters.tab, filters.field, descending=descending)(account_id)
    else:
        rows = matching(account_id, filters, today=today)
        if place:
            rows = _beyond(rows, filters.field, place, descending=descending)
        first = list(_ordered(rows, filters.field, descending=descending)[: PAGE + 1])
    found = [Found._make(values) for values in first]
    more = len(found) > PAGE
    found = found[:PAGE]
    if backwards:
        found.reverse()
    return Listing(
        rows=found,
        before=_place(found[:1], filters) if (more if backwards else place) else "",
        after=_place(found[-1:], filters) if (backwards or more) else "",
    )


@cache
def _first_page(tab: str, field: str, *, descending: bool) -> Kept:
    """Return the question for the first page of a tab, as most people open it."""

    def build(account_id: UUID) -> QuerySet[Invoice, Any]:
        rows = matching(account_id, Filters(tab=tab), today=date.max)
        return _ordered(rows, field, descending=descending)[: PAGE + 1]

    return Kept(build, UUID)


def find_all(account_id: UUID, filters: Filters, *, today: date) -> Iterator[Found]:
    """Yield what all pages show, in their order and as of one moment, within a transaction.

    Rows come from the database some at a time: memory does not grow with their number.
    """
    rows = matching(account_id, filters, today=today)
    ordered = _ordered(rows, filters.field, descending=filters.descending)
    for values in ordered.iterator(chunk_size=_AT_ONCE):
        yield Found._make(values)


def matching(account_id: UUID, filters: Filters, *, today: date) -> QuerySet[Invoice]:
    """Return every invoice of the account that the filters let through, without an order."""
    rows = Invoice.objects.filter(customer_account_id=account_id)
    if filters.tab in {"open", "overdue", "soon"}:
        rows = rows.filter(erp_status=Invoice.ErpStatus.OPEN)
    if filters.tab == "disputed":
        rows = rows.filter(erp_status=Invoice.ErpStatus.OPEN).filter(_in_dispute())
    if filters.tab == "paid":
        rows = rows.filter(erp_status=Invoice.ErpStatus.PAID)
    if filters.tab == "overdue" or filters.due == "late":
        rows = rows.filter(due_date__lt=today)
    if filters.tab == "soon":
        rows = rows.filter(due_date__gte=today, due_date__lte=today + SOON)
    if filters.due in {"7", "30"}:
        until = today + timedelta(days=int(filters.due))
        rows = rows.filter(due_date__gte=today, due_date__lte=until)
    if filters.currency:
        rows = rows.filter(currency=filters.currency.upper())
    if filters.q:
        rows = rows.filter(found_by(filters.q, filters.locale))
    return rows


def all_ids(account_id: UUID, filters: Filters, *, today: date, at_most: int) -> list[UUID]:
    """Return what all pages show, in their order."""
    rows = matching(account_id, filters, today=today)
    ordered = _ordered(rows, filters.field, descending=filters.descending)
    return list(ordered.values_list("pk", flat=True)[:at_most])


def payable_ids(account: Account, filters: Filters, *, today: date, at_most: int) -> list[UUID]:
    """Return what the filters let through and nothing hinders, the earliest due date first."""
    rows = matching(account.id, filters, today=today).filter(
        erp_status=Invoice.ErpStatus.OPEN, open_minor__gt=0, hindrance=""
    )
    wrong = [
        currency
        for currency in rows.order_by().values_list("currency", flat=True).distinct()
        if hindrance_of_currency(currency, account) is not None
    ]
    rows = _not_left_out(rows.exclude(currency__in=wrong)).order_by("due_date", "pk")
    return list(rows.values_list("pk", flat=True)[:at_most])


def counts(account_id: UUID, *, today: date) -> Counts:
    """Count open invoices, from an index alone. What is paid is not counted: it only grows."""
    rows = _COUNTS(account_id, today, today + SOON)
    whole, late, soon, *held = ({row[0]: row[place] for row in rows} for place in range(1, 7))
    return Counts(
        whole, late, soon, disputed=dict(zip(_COUNTED, held, strict=True)),
        in_dispute=sum(row[7] for row in rows),
    )  # fmt: skip


def _counts(account_id: UUID, today: date, soon: date) -> QuerySet[Invoice, Any]:
    """Of each currency: how many of each tab, of these unpaid by the ERP's wish, and disputed."""
    which = (Q(), Q(due_date__lt=today), Q(due_date__gte=today, due_date__lte=soon))
    held, of_tab = ~Q(hindrance=""), dict(zip(_COUNTED, which, strict=True))
    return (
        Invoice.objects.filter(customer_account_id=account_id, erp_status=Invoice.ErpStatus.OPEN)
        .values("currency")
        .annotate(
            **{tab: Count("pk", filter=those) for tab, those in of_tab.items()},
            **{f"{tab}_held": Count("pk", filter=those & held) for tab, those in of_tab.items()},
            in_dispute=Count("pk", filter=_in_dispute()),
        )
        .order_by("currency")
        .values_list("currency", *_COUNTED, *(f"{tab}_held" for tab in _COUNTED), "in_dispute")
    )


_COUNTS: Final = Kept(_counts, UUID, date, date)


def free_amount(row: Found) -> Money:
    """Return what may be paid of it now."""
    return Money(max(0, row.open_minor - row.in_flight_minor), row.currency)


def _ordered(rows: QuerySet[Invoice], field: str, *, descending: bool) -> QuerySet[Any, Any]:
    """Return what a row of the list needs, in the order of the fields of ``Found``."""
    sign = "-" if descending else ""
    rows = rows.annotate(in_flight=in_flight_of("pk"), in_dispute=disputed_minor())
    ordered = rows.order_by(f"{sign}{field}", f"{sign}pk")
    return ordered.values_list(
        "pk", "number", "purchase_order", "erp_status", "issued_date", "due_date", "currency",
        "total_minor", "open_minor", "in_flight", "hindrance",
        "in_dispute",
    )  # fmt: skip


def _in_dispute() -> Q:
    """Let through what the buyer disputes here, and what the ERP marks as disputed."""
    mine = alive().order_by().values("invoice_id")
    return Q(hindrance=Hindrance.DISPUTED) | Q(pk__in=mine)


def _not_left_out(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Leave out what the organization's rule about disputes leaves nothing of to suggest."""
    leaves_out = rules_of().leaves_out
    if leaves_out == L.NOTHING:
        return rows
    rows = rows.annotate(in_dispute=disputed_minor(), in_flight=in_flight_of("pk"))
    disputed = Q(in_dispute__gt=0)
    if leaves_out == L.PART:  # a part of what is free: what is under way comes off first
        disputed &= Q(in_dispute__gte=F("open_minor") - F("in_flight"))
    return rows.exclude(disputed)


def _beyond(
    rows: QuerySet[Invoice], field: str, place: tuple[str, str], *, descending: bool
) -> QuerySet[Invoice]:
    """Keep what comes behind ``place``; one that we did not make changes nothing."""
    try:
        value = _VALUE[field].to_python(place[0])
        row_id = UUID(place[1])
    except (ValidationError, ValueError):
        return rows
    than = "lt" if descending else "gt"
    return rows.filter(**{f"{field}__{than}e": value}).filter(
        Q(**{f"{field}__{than}": value}) | Q(**{f"pk__{than}": row_id})
    )


def _place(rows: list[Found], filters: Filters) -> str:
    return place_of(getattr(rows[0], filters.field), rows[0].id) if rows else ""
