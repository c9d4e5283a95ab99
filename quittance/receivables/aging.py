"""What customer accounts owe by age, what credit they have, and the entries behind each figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Sum, Value, When

from quittance.core.money import Money
from quittance.receivables.models import Credit, Invoice

SOON: Final = timedelta(days=7)  # "due soon": within a week, today included
# How many days late an open invoice is, from and to; below zero it is due in so many days. The
# first six do not overlap and leave nothing out. Source: the ageing buckets of features.md, S-051.
LATENESS: Final[dict[str, tuple[int | None, int | None]]] = {
    "later": (None, -SOON.days - 1),
    "soon": (-SOON.days, 0),
    "late_30": (1, 30),
    "late_60": (31, 60),
    "late_90": (61, 90),
    "older": (91, None),
    "current": (None, 0),
    "overdue": (1, None),
    "open": (None, None),
}
LATE: Final = ("late_30", "late_60", "late_90", "older")
BUCKETS: Final = ("current", *LATE)
_PARTS: Final = ("later", "soon", *LATE)
# What a figure consists of, in the words of the query.
_OF: Final[dict[str, tuple[str, ...]]] = {
    **{each: (each,) for each in _PARTS},
    "current": ("later", "soon"),
    "overdue": LATE,
    "open": _PARTS,
    **{kind: (kind,) for kind in Credit.Kind.values},
    "credit": tuple(Credit.Kind.values),
}
FIGURES: Final = tuple(_OF)


class Figure(NamedTuple):
    """How many entries, and their sum in minor units. The sum of credit is above zero, too."""

    number: int
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a customer account stands in one currency, by the mirror."""

    account_id: UUID
    currency: str
    parts: Mapping[str, Figure]

    def figure(self, key: str) -> Figure:
        """Return one of ``FIGURES``, or a part that the caller added to the query."""
        found = [self.parts[each] for each in _OF.get(key, (key,)) if each in self.parts]
        return Figure(sum(each.number for each in found), sum(each.minor for each in found))

    def money(self, key: str) -> Money:
        """Return a figure's sum."""
        return Money(self.figure(key).minor, self.currency)

    @property
    def balance(self) -> Money:
        """What is owed less the open credit; below zero there is more credit than debt."""
        return self.money("open") - self.money("credit")


class Entry(NamedTuple):
    """One row of the mirror that is part of a figure."""

    id: UUID
    kind: str  # "invoice", or a kind of credit
    number: str
    purchase_order: str
    day: date  # an invoice's due date, a credit's own
    currency: str
    total_minor: int
    minor: int  # what it adds to the figure
    read_at: datetime  # when the ERP said so last


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One page of the entries that sum to a figure; before, page and after make the whole."""

    whole: Figure
    before: Figure  # on the pages before this one
    entries: Sequence[Entry]

    @property
    def page(self) -> Figure:
        """The entries of this page."""
        return Figure(len(self.entries), sum(each.minor for each in self.entries))

    @property
    def after(self) -> Figure:
        """On the pages behind this one."""
        return Figure(
            self.whole.number - self.before.number - self.page.number,
            self.whole.minor - self.before.minor - self.page.minor,
        )


def parts_of(days: Mapping[UUID, date]) -> list[QuerySet[Any]]:
    """Return queries of (account, currency, part, number, sum), to be united and read at once.

    ``days`` says for each customer account which day it is in its legal entity's time zone.
    """
    by_day: dict[date, list[UUID]] = {}
    for account_id, day in days.items():
        by_day.setdefault(day, []).append(account_id)
    credit = Credit.objects.filter(customer_account_id__in=list(days), open_minor__gt=0)
    invoices = [_open(ids).annotate(part=_part(day)) for day, ids in by_day.items()]
    return [summed(each, "open_minor") for each in (*invoices, credit.annotate(part=F("kind")))]


def summed(rows: QuerySet[Any], what: Any) -> QuerySet[Any]:
    """Sum ``what`` by customer account, currency and ``part``, as ``parts_of`` does."""
    groups = rows.order_by().values_list("customer_account_id", "currency", "part")
    found: QuerySet[Any] = groups.annotate(number=Count("pk"), minor=Sum(what))
    return found


def read_positions(queries: Sequence[QuerySet[Any]]) -> list[Position]:
    """Ask all of it in one question, in the caller's transaction; by account, then by currency."""
    found: dict[tuple[UUID, str], dict[str, Figure]] = {}
    rows: Iterable[Any] = queries[0].union(*queries[1:], all=True)
    for account_id, currency, part, number, minor in rows:
        found.setdefault((account_id, currency), {})[part] = Figure(number, int(minor))
    return [
        Position(account_id=account_id, currency=currency, parts=found[account_id, currency])
        for account_id, currency in sorted(found)
    ]


def explain(
    account_id: UUID,
    currency: str,
    key: str,
    *,
    today: date,
    after: tuple[date, UUID] | None = None,
    most: int,
) -> Explained:
    """Return the entries that sum to one of ``FIGURES``, in the caller's transaction.

    Invoices stand by due date, credit by its own. ``after`` is the day and the id of the last entry
    of the page before.
    """
    if key in LATENESS:
        day = "due_date"
        rows: QuerySet[Any] = _late(_open([account_id]), key, today)
        rows = rows.annotate(what=Value("invoice", CharField()), order=F("purchase_order"))
    else:
        day = "issued_date"
        rows = Credit.objects.filter(
            customer_account_id=account_id, open_minor__gt=0, kind__in=_OF[key]
        ).annotate(what=F("kind"), order=Value("", CharField()))
    rows = rows.filter(currency=currency)
    sums = {"number": Count("pk"), "minor": Sum("open_minor")}
    if after:
        seen = Q(**{f"{day}__lt": after[0]}) | Q(**{day: after[0], "pk__lte": after[1]})
        sums["number_before"] = Count("pk", filter=seen)
        sums["minor_before"] = Sum("open_minor", filter=seen)
    found = rows.aggregate(**sums)
    if after:
        rows = rows.filter(**{f"{day}__gte": after[0]}).exclude(seen)
    entries = rows.order_by(day, "pk").values_list(
        "pk", "what", "number", "order", day, "currency", "total_minor", "open_minor", "synced_at"
    )[:most]
    return Explained(
        whole=Figure(found["number"], int(found["minor"] or 0)),
        before=Figure(found.get("number_before", 0), int(found.get("minor_before") or 0)),
        entries=[Entry(*each) for each in entries],
    )


def _open(account_ids: Sequence[UUID]) -> QuerySet[Invoice]:
    return Invoice.objects.filter(
        customer_account_id__in=account_ids, erp_status=Invoice.ErpStatus.OPEN
    )


def _late(rows: QuerySet[Invoice], key: str, today: date) -> QuerySet[Invoice]:
    return rows.filter(_within(key, today))


def _within(key: str, today: date) -> Q:
    least, most = LATENESS[key]
    found = Q()
    if least is not None:
        found &= Q(due_date__lte=today - timedelta(days=least))
    if most is not None:
        found &= Q(due_date__gte=today - timedelta(days=most))
    return found


def _part(today: date) -> Case:
    whens = [When(_within(part, today), then=Value(part)) for part in _PARTS]
    return Case(*whens, output_field=CharField())
