"""What a page of the ERP says otherwise than the mirror."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from quittance.core.money import Money
from quittance.erp.base import InvoiceRecord, InvoiceStatus
from quittance.receivables.models import Invoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One invoice that the mirror had otherwise than the ERP."""

    sort: str  # "missing", "changed" or "deleted"
    number: str
    was: str  # in the mirror
    now: str  # in the ERP
    changed_at: datetime
    without_trace: bool = False  # its date and version stayed: only the ledger could tell

    def kept(self) -> dict[str, str]:
        """Return what is kept of it for people."""
        return {"sort": self.sort, "number": self.number, "was": self.was, "now": self.now}


def differences(records: Sequence[InvoiceRecord], *, legal_entity_id: UUID) -> list[Difference]:
    """Return what differs, in a transaction of the caller. Drafts are not in the mirror."""
    rows = Invoice.objects.filter(
        legal_entity_id=legal_entity_id, erp_id__in=[record.erp_id for record in records]
    )
    mirrored = {row.erp_id: row for row in rows.iterator(chunk_size=1000)}
    found = []
    for record in {record.erp_id: record for record in records}.values():
        row = mirrored.get(record.erp_id)
        difference = _missing(record) if row is None else _changed(record, row)
        if difference:
            found.append(difference)
    return found


def state_of(row: Invoice) -> str:
    """Return what the mirror says of an invoice, in a few words."""
    gone = ", gone" if row.gone_at else ""
    return f"{row.erp_status} {row.open_amount}{gone}"


def _missing(record: InvoiceRecord) -> Difference | None:
    if record.status is InvoiceStatus.DRAFT:
        return None
    return Difference(
        sort="missing", number=record.number, was="", now=_said(record),
        changed_at=record.changed_at,
    )  # fmt: skip


def _changed(record: InvoiceRecord, row: Invoice) -> Difference | None:
    same_words = (record.etag, _status(record)) == (row.erp_etag, row.erp_status)
    same_open = _open_minor(record) == row.open_minor
    if row.gone_at is None and same_open and (same_words or _both_nothing(record, row)):
        return None
    return Difference(
        sort="changed", number=record.number, was=state_of(row), now=_said(record),
        changed_at=record.changed_at, without_trace=same_words and row.gone_at is None,
    )  # fmt: skip


def _both_nothing(record: InvoiceRecord, row: Invoice) -> bool:
    """A draft that the mirror took for an invoice once, and that is shown to nobody."""
    return record.status is InvoiceStatus.DRAFT and row.erp_status == Invoice.ErpStatus.CANCELLED


def _status(record: InvoiceRecord) -> str:
    drafted = record.status is InvoiceStatus.DRAFT
    return Invoice.ErpStatus.CANCELLED if drafted else record.status.value


def _open_minor(record: InvoiceRecord) -> int:
    return record.open.minor if record.status is InvoiceStatus.OPEN else 0


def _said(record: InvoiceRecord) -> str:
    return f"{record.status.value} {Money(_open_minor(record), record.open.currency)}"
