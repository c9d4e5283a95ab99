"""How fresh the mirror of a legal entity is, what is under way, and what was found wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Q

from quittance.core import clock
from quittance.receivables.compare import latest
from quittance.receivables.models import (
    Comparison,
    CustomerAccount,
    HintSubscription,
    Invoice,
    SyncCursor,
)

_SILENT: Final = timedelta(minutes=3)  # a page that takes longer is not under way any more
Stream = SyncCursor.Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A long reading: how much was read, how fast, how long it will take. Rates are a second."""

    what: str  # "first_run" or "comparison"
    records: int
    expected: int | None
    rate: float | None
    rest_seconds: float | None
    broken_off: bool  # it stands still; the next run goes on with it


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncState:
    """What ``quittance sync --status`` and the connection page say of one legal entity."""

    succeeded_at: datetime | None  # the mirror holds the ERP's state of then
    failed_at: datetime | None
    failure: str  # in a sentence; "" after a success
    customers: int
    invoices: dict[str, int]  # by the ERP's status; "gone" are those that it has no more
    streams: Sequence[SyncCursor]
    under_way: Progress | None
    comparison: Comparison | None  # the latest
    hints: Sequence[HintSubscription]


def state_of(legal_entity_id: UUID) -> SyncState:
    """Return how the mirror of a legal entity stands, in a transaction of the caller."""
    own = {"legal_entity_id": legal_entity_id}
    streams = list(SyncCursor.objects.filter(**own).order_by("stream"))
    invoices = next((row for row in streams if row.stream == Stream.INVOICES), None)
    comparison = latest(legal_entity_id)
    return SyncState(
        succeeded_at=invoices.succeeded_at if invoices else None,
        failed_at=invoices.failed_at if invoices else None,
        failure=invoices.failure if invoices else "",
        customers=CustomerAccount.objects.filter(**own, gone_at=None).count(),
        invoices=_counted(legal_entity_id),
        streams=streams,
        under_way=_first_run(invoices) or _comparison(comparison),
        comparison=comparison,
        hints=list(HintSubscription.objects.filter(**own).order_by("resource")),
    )


def progress_of(legal_entity_id: UUID) -> Progress | None:
    """Return the long reading that is under way, if one is; in a transaction of the caller."""
    row = SyncCursor.objects.filter(legal_entity_id=legal_entity_id, stream=Stream.INVOICES).first()
    return _first_run(row) or _comparison(latest(legal_entity_id))


def _counted(legal_entity_id: UUID) -> dict[str, int]:
    rows = Invoice.objects.filter(legal_entity_id=legal_entity_id).values("erp_status")
    counted = rows.annotate(number=Count("pk"), gone=Count("pk", filter=Q(gone_at__isnull=False)))
    found = {row["erp_status"]: row["number"] for row in counted.order_by("erp_status")}
    return found | {"gone": sum(row["gone"] for row in counted)}


def _first_run(row: SyncCursor | None) -> Progress | None:
    if row is None or row.first_run_done or row.run_began_at is None:
        return None
    return _progress(
        "first_run", began=row.run_began_at, last=row.run_page_at, records=row.records_read,
        counted=row.run_records, expected=row.expected_records,
    )  # fmt: skip


def _comparison(row: Comparison | None) -> Progress | None:
    if row is None or row.status != Comparison.Status.RUNNING:
        return None
    return _progress(
        "comparison", began=row.began_at, last=row.page_at, records=row.rows, counted=row.rows,
        expected=row.expected_rows,
    )  # fmt: skip


def _progress(
    what: str,
    *,
    began: datetime,
    last: datetime | None,
    records: int,
    counted: int,
    expected: int | None,
) -> Progress:
    """``counted`` is what was read since ``began``: an earlier try may have read some, too."""
    seconds = (last - began).total_seconds() if last else 0.0
    rate = counted / seconds if seconds > 0 and counted else None
    rest = max(0, expected - records) / rate if rate and expected is not None else None
    return Progress(
        what=what,
        records=records,
        expected=expected,
        rate=rate,
        rest_seconds=rest,
        broken_off=clock.now() - (last or began) > _SILENT,
    )
