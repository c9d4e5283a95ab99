"""Keeps released drafts out of the mirror: in a list of invoices they look posted and open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from quittance.erp.base import Erp, InvoiceRecord, InvoiceStatus
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading

_MOST: Final = 200  # of one page; a page of more is a first reading or a change of everything


def without_drafts(
    erp: Erp, records: Sequence[InvoiceRecord], *, legal_entity_id: UUID
) -> Sequence[InvoiceRecord]:
    """Ask again, one by one, about open invoices that the mirror does not know as they are now.

    Only reading an invoice by its id tells a released draft from a posted invoice, and it costs
    requests; so what is known and the same is not asked about, and a page with too many that are
    new is taken as it is: whoever pays one asks in any case. Raises ``OutsideError``.
    """
    doubtful = _doubtful(records, legal_entity_id)
    if not 0 < len(doubtful) <= _MOST:
        return records
    sure = {record.erp_id: record for record in erp.read_invoices(doubtful)}
    asked = set(doubtful)
    now = (sure.get(each.erp_id) if each.erp_id in asked else each for each in records)
    return [record for record in now if record is not None]


def _doubtful(records: Sequence[InvoiceRecord], legal_entity_id: UUID) -> list[str]:
    open_ = {each.erp_id: each.etag for each in records if each.status is InvoiceStatus.OPEN}
    if not open_:
        return []
    with reading():
        rows = Invoice.objects.filter(
            legal_entity_id=legal_entity_id, erp_id__in=list(open_),
            erp_status=Invoice.ErpStatus.OPEN,
        )  # fmt: skip
        known = dict(rows.values_list("erp_id", "erp_etag"))
    return [erp_id for erp_id, etag in open_.items() if known.get(erp_id) != etag]
