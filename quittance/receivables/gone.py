"""Finds invoices that the ERP has no more, and sees to it that nobody pays them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from django.db.models import F, QuerySet

from quittance.connections.open import erp_for
from quittance.erp.base import Erp, InvoiceRecord
from quittance.receivables.differences import Difference, state_of
from quittance.receivables.models import (
    Comparison,
    Credit,
    CustomerAccount,
    HintSubscription,
    Invoice,
    SyncCursor,
    SyncPart,
)
from quittance.receivables.pages import this_moment
from quittance.receivables.patience import Patience
from quittance.tenancy.moment import moment
from quittance.tenancy.rows import reading, writing

_ASKED_AT_ONCE: Final = 40
_A_FEW: Final = 20  # believed, if they are not more than
_OF_THE_OPEN: Final = 10  # one of so many that are open
_MORE: Final = 20_000  # unnamed ones that are looked at, although most will only have changed
_SHARE: Final = 100  # one of so many may be gone in any case


class Window:
    """The invoices that the ERP named since a moment of change."""

    def __init__(self, *, since: datetime | None) -> None:
        self.since = since
        self.fresh = 0  # records that came, those that came again too
        self._moments: dict[str, datetime] = {}

    def __len__(self) -> int:
        return len(self._moments)

    def __contains__(self, erp_id: str) -> bool:
        return erp_id in self._moments

    def add(self, records: Sequence[InvoiceRecord]) -> None:
        """Take note of a page."""
        self.fresh += len(records)
        self._moments |= {record.erp_id: record.changed_at for record in records}

    @property
    def until(self) -> datetime | None:
        """The latest change: more of that very moment may come with the next page."""
        return max(self._moments.values(), default=self.since)

    def pass_on(self) -> None:
        """Begin the next window where this one ends; what has that very moment stays known."""
        self.since, self.fresh = self.until, 0
        self._moments = {
            erp_id: moment for erp_id, moment in self._moments.items() if moment == self.since
        }


def at_most_gone(legal_entity_id: UUID) -> int:
    """Return how many invoices may be gone before a person must look.

    20 if that is at most a tenth of the open ones, and in any case one of a hundred. Where a right
    is missing, Business Central leaves invoices out silently (business-central.md, 1.2): all of
    them would look deleted, however few they are.
    """
    with reading():
        known = Invoice.objects.filter(legal_entity_id=legal_entity_id)
        whole, open_ = known.count(), known.filter(erp_status=Invoice.ErpStatus.OPEN).count()
    return max(min(_A_FEW, open_ // _OF_THE_OPEN), whole // _SHARE)


def look_for_gone(
    erp: Erp,
    patience: Patience,
    window: Window,
    *,
    legal_entity_id: UUID,
    to_the_end: bool,
    most: int,
) -> tuple[list[InvoiceRecord], list[str]]:
    """Ask for what the mirror has of the window's time and the ERP did not name.

    Returns what is there all the same (changed since), and the ids of what is gone. When there are
    more than ``most`` of these, it stops. Raises ``OutsideError``.
    """
    suspects = _unnamed(window, legal_entity_id, to_the_end=to_the_end, at_most=most + _MORE)
    there: list[InvoiceRecord] = []
    gone: list[str] = []
    for start in range(0, len(suspects), _ASKED_AT_ONCE):
        some = suspects[start : start + _ASKED_AT_ONCE]
        found = patience.ask(lambda some=some: erp.read_invoices(some))  # type: ignore[misc]
        there += found
        gone += sorted(set(some) - {record.erp_id for record in found})
        if len(gone) > most:
            break
    return there, gone


def look_whether_gone(legal_entity_id: UUID, erp_ids: Sequence[str]) -> int:
    """Ask for invoices that are said to be deleted, and mark those that are; return how many.

    Raises ``OutsideError``.
    """
    with reading():
        known = Invoice.objects.filter(legal_entity_id=legal_entity_id, erp_id__in=erp_ids)
        ours = list(known.values_list("erp_id", flat=True))
    if not ours:
        return 0
    read_at = this_moment()
    there = {record.erp_id for record in erp_for(legal_entity_id).read_invoices(ours)}
    with writing():
        gone = [erp_id for erp_id in ours if erp_id not in there]
        return len(mark_gone(gone, legal_entity_id, read_at))


def mark_gone(erp_ids: Sequence[str], legal_entity_id: UUID, since: datetime) -> list[Difference]:
    """Mark these invoices: nothing is owed on them any more. In a transaction of the caller.

    They stay, because payments name them. What was read after ``since`` by somebody else is there.
    """
    rows = Invoice.objects.filter(
        legal_entity_id=legal_entity_id, erp_id__in=erp_ids, gone_at=None, synced_at__lte=since
    )
    found = list(rows.order_by("pk").select_for_update())
    _mark(Invoice.objects.filter(pk__in=[row.pk for row in found]), since)
    return [
        Difference(
            sort="deleted", number=row.number, was=state_of(row), now="", changed_at=row.changed_at
        )
        for row in found
    ]


def mark_absent(
    asked: Sequence[str],
    records: Sequence[InvoiceRecord],
    *,
    legal_entity_id: UUID,
    read_at: datetime,
) -> None:
    """Mark those of the invoices that were ``asked`` for by their ids and did not come.

    Nobody may pay them: the ERP says that they are not there. If it only hid them (a right was
    taken away), they are owed again as soon as it names them again. In a transaction of the caller,
    before anything else of it locks invoices: all that were asked for are locked, by our ids.
    """
    absent = set(asked) - {record.erp_id for record in records}
    rows = Invoice.objects.filter(legal_entity_id=legal_entity_id, erp_id__in=asked)
    if absent and rows.filter(erp_id__in=absent, gone_at=None).exists():
        list(rows.order_by("pk").select_for_update().values("pk"))
        mark_gone(sorted(absent), legal_entity_id, read_at)


def read_anew(legal_entity_id: UUID) -> None:
    """Begin anew with other books, in the caller's transaction: the next reading reads all of them.

    What the mirror shows is of the books before: nothing of it is owed in these, and nobody acts
    for their customers. What they promised to tell us these did not: the hourly run asks them.
    """
    own = {"legal_entity_id": legal_entity_id}
    for rows in (
        SyncCursor.objects,
        SyncPart.objects,
        Comparison.objects,
        HintSubscription.objects,
    ):
        rows.filter(**own).delete()
    now = moment()
    Credit.objects.filter(**own).update(open_minor=0)
    CustomerAccount.objects.filter(**own, gone_at=None).update(gone_at=now, synced_at=now)
    _mark(Invoice.objects.filter(**own, gone_at=None), now)


def _mark(rows: QuerySet[Invoice], since: datetime) -> None:
    rows.filter(erp_status=Invoice.ErpStatus.OPEN).update(
        erp_status=Invoice.ErpStatus.CANCELLED, open_minor=0, discount_minor=0,
        discount_until=None, version=F("version") + 1,
    )  # fmt: skip
    rows.update(gone_at=since, synced_at=since)


def _unnamed(window: Window, legal_entity_id: UUID, *, to_the_end: bool, at_most: int) -> list[str]:
    rows = Invoice.objects.filter(legal_entity_id=legal_entity_id, gone_at=None)
    if window.since is not None:
        rows = rows.filter(changed_at__gte=window.since)
    if not to_the_end and window.until is not None:
        rows = rows.filter(changed_at__lt=window.until)
    with reading():
        ids = rows.order_by("pk").values_list("erp_id", flat=True).iterator(chunk_size=5000)
        return list(islice((erp_id for erp_id in ids if erp_id not in window), at_most))
