"""Reads documents of several tables in one order: the newest first, a page at a time, by keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Min, Q, QuerySet
from django.db.models.functions import TruncDate

from quittance.core.money import Money
from quittance.payments.models import Payment
from quittance.portal.access import Account
from quittance.portal.invoices.filters import place_of, read_place
from quittance.portal.invoices.search import begins
from quittance.receivables.models import Credit, Invoice

PAGE: Final = 50
KINDS: Final = ("invoice", "credit_note", "receipt", "statement")  # of one day in this order
_MONTHS: Final = 24  # of which statements are listed; a page draws any other


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document. ``number`` of a statement is its month: "2026-03"."""

    kind: str
    id: UUID
    number: str
    day: date
    amount: Money | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Behind which document a page begins."""

    day: date
    rank: int
    id: UUID


def some_documents(
    account: Account, *, kind: str, q: str, after: str, today: date
) -> tuple[list[Document], str]:
    """Return one page and the place behind it ("" at the end), in a transaction of the caller.

    ``kind`` is one of ``KINDS``, or "" for all; ``q`` is the beginning of a number.
    """
    place = _read(after)
    kinds = [each for each in KINDS if kind in {"", each}]
    found = [
        document
        for each in kinds
        if each != "statement"
        for document in _of_table(each, account, q=q, place=place)
    ]
    if "statement" in kinds:
        found += _statements(account, q=q, place=place, today=today)
    found.sort(key=_order)
    page = found[:PAGE]
    more = len(found) > PAGE
    return page, _place_at(page[-1]) if more else ""


def _of_table(kind: str, account: Account, *, q: str, place: _Place | None) -> list[Document]:
    rows = _rows(kind, account)
    if q:
        rows = rows.filter(begins("number", q))
    if place:
        rank = KINDS.index(kind)
        beyond = Q(day__lt=place.day)
        if rank > place.rank:
            beyond = Q(day__lte=place.day)
        elif rank == place.rank:
            beyond |= Q(day=place.day, pk__lt=place.id)
        rows = rows.filter(beyond)
    values = rows.order_by("-day", "-pk").values_list("pk", "number", "day", "minor", "currency")
    return [
        Document(kind=kind, id=id_, number=number, day=day, amount=Money(minor, currency))
        for id_, number, day, minor, currency in values[: PAGE + 1]
    ]


def _rows(kind: str, account: Account) -> QuerySet[Any]:
    """The documents of a table, with their ``day`` and their amount as ``minor``."""
    if kind == "invoice":
        invoices = Invoice.objects.filter(customer_account_id=account.id)
        return invoices.annotate(day=F("issued_date"), minor=F("total_minor"))
    if kind == "credit_note":
        notes = Credit.objects.filter(customer_account_id=account.id, kind=Credit.Kind.CREDIT_NOTE)
        return notes.annotate(day=F("issued_date"), minor=F("total_minor"))
    paid = Payment.objects.filter(
        customer_account_id=account.id, status=Payment.Status.SUCCEEDED,
        succeeded_at__isnull=False,
    )  # fmt: skip
    day = TruncDate("succeeded_at", tzinfo=ZoneInfo(account.zone))
    return paid.annotate(day=day, minor=F("amount_minor"))


def _statements(
    account: Account, *, q: str, place: _Place | None, today: date
) -> Iterator[Document]:
    """Whole months that are over, none before the account's first invoice."""
    rows = Invoice.objects.filter(customer_account_id=account.id)
    oldest = rows.aggregate(first=Min("issued_date"))["first"]
    if oldest is None:
        return
    end = today.replace(day=1) - timedelta(days=1)
    for _ in range(_MONTHS):
        if end < oldest:
            return
        found = Document(
            kind="statement", id=UUID(int=end.toordinal()), number=f"{end:%Y-%m}", day=end,
            amount=None,
        )  # fmt: skip
        if found.number.startswith(q) and (place is None or _order(found) > _order_of(place)):
            yield found
        end = end.replace(day=1) - timedelta(days=1)


def _order(document: Document) -> tuple[int, int, int]:
    return -document.day.toordinal(), KINDS.index(document.kind), -document.id.int


def _order_of(place: _Place) -> tuple[int, int, int]:
    return -place.day.toordinal(), place.rank, -place.id.int


def _place_at(document: Document) -> str:
    return place_of(f"{document.day} {KINDS.index(document.kind)}", document.id)


def _read(after: str) -> _Place | None:
    found = read_place(after[:200])
    if found is None:
        return None
    day, _, rank = found[0].partition(" ")
    try:
        return _Place(date.fromisoformat(day), range(len(KINDS)).index(int(rank)), UUID(found[1]))
    except (ValueError, IndexError):
        return None
