"""Pages as Business Central sends them, made up, and read by the adapter's own parser."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from quittance.core import clock
from quittance.erp.base import CustomerRecord, InvoiceRecord
from quittance.erp.business_central import odata, translate

_ENCODE = msgspec.json.Encoder(decimal_format="number")
_CUSTOMERS = [uuid.UUID(int=0xC0 << 120 | number) for number in range(200)]
_DAY = date(2026, 3, 2)


class _Envelope(msgspec.Struct):
    value: list[translate.Invoice]


def invoice_page(count: int, *, version: int) -> bytes:
    """A page of ``salesInvoices``; another version has other etags, amounts and the same ids."""
    chance = random.Random(4711)
    rows = [_row(number, version, chance) for number in range(count)]
    return _ENCODE.encode({"@odata.context": "$metadata#salesInvoices", "value": rows})


def parse(body: bytes) -> Sequence[InvoiceRecord]:
    """Read a page as the adapter does: strictly, every amount exact."""
    page = odata.decode(body, _Envelope, entity="salesInvoices")
    return odata.translated(
        page.value,
        lambda row: translate.invoice_record(row, local_currency="USD"),
        entity="salesInvoices",
    )


def make_legal_entity() -> UUID:
    """An organization for the current scope, with the customers that the pages name."""
    from quittance.receivables.mirror import apply_customers
    from quittance.tenancy.models import LegalEntity, Organization
    from quittance.tenancy.rows import writing
    from quittance.tenancy.scope import current_organization_id

    with writing():
        Organization.objects.create(pk=current_organization_id(), name="Bench")
        entity = LegalEntity.objects.create(name="Bench", zone="UTC", currency="USD")
        apply_customers(
            [_customer(number, id_) for number, id_ in enumerate(_CUSTOMERS)],
            legal_entity_id=entity.pk,
            read_at=clock.now(),
        )
    return entity.pk


def _row(number: int, version: int, chance: random.Random) -> dict[str, object]:
    total = Decimal(chance.randrange(1_000, 2_000_000)).scaleb(-2)
    day = _DAY + timedelta(days=number % 300)
    return {
        "@odata.etag": f'W/"JzE5OzEwMDAwMDAw{number:08d}{version:02d}MTsnO=="',
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "number": f"S-INV{number:08d}",
        "billToCustomerId": str(_CUSTOMERS[number % len(_CUSTOMERS)]),
        "status": "Open",
        "customerPurchaseOrderReference": f"PO-{number:07d}",
        "orderNumber": f"S-ORD{number:08d}",
        "invoiceDate": day.isoformat(),
        "postingDate": day.isoformat(),
        "dueDate": (day + timedelta(days=30)).isoformat(),
        "currencyCode": "",
        "totalAmountIncludingTax": total,
        "totalTaxAmount": (total / 10).quantize(Decimal("0.01")),
        "remainingAmount": (total / version).quantize(Decimal("0.01")),
        "lastModifiedDateTime": f"2026-10-{1 + number % 28:02d}T08:15:30.{number % 1000:03d}Z",
    }


def _customer(number: int, id_: UUID) -> CustomerRecord:
    return CustomerRecord(
        erp_id=str(id_), etag="1", number=f"C-{number:05d}", name=f"Customer {number}", email="",
        currency="USD", blocked=False, changed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
