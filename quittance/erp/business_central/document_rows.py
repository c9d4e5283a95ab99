"""Rows of credit memos, orders, shipments, contacts and files, and our records of them."""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec

from quittance.erp.base import InvoiceStatus
from quittance.erp.business_central.translate import (
    Etag,
    Moment,
    currency_of,
    exact,
    plain,
)
from quittance.erp.documents import (
    AttachmentRecord,
    BalanceRecord,
    ContactRecord,
    CreditNoteRecord,
    OrderRecord,
    ShipmentLineRecord,
    ShipmentRecord,
)

_EMPTY_DATE: Final = date(1, 1, 1)
UNPOSTED: Final = frozenset({"Draft", "In_x0020_Review", "_x0020_"})
_STATUSES: Final = {
    "Open": InvoiceStatus.OPEN,
    "Paid": InvoiceStatus.PAID,
    "Canceled": InvoiceStatus.CANCELLED,
    "Corrective": InvoiceStatus.CANCELLED,
}


class Balance(msgspec.Struct, rename="camel"):
    """A row of ``customerFinancialDetails``; both sums are in local currency."""

    balance: Decimal
    overdue_amount: Decimal

    SELECT = "id,balance,overdueAmount"


class ContactLink(msgspec.Struct, rename="camel"):
    """A row of ``contactsInformation``."""

    contact_id: UUID


class Contact(msgspec.Struct, rename="camel"):
    """A row of ``contacts``."""

    id: UUID
    number: str
    type: str
    display_name: str
    email: str

    SELECT = "id,number,type,displayName,email"


class CreditMemo(msgspec.Struct, rename="camel"):
    """A row of ``salesCreditMemos``: a draft or a posted one."""

    etag: Etag = msgspec.field(name="@odata.etag")
    id: UUID
    number: str
    bill_to_customer_id: UUID
    status: str
    credit_memo_date: date
    posting_date: date
    currency_code: str
    total_amount_including_tax: Decimal
    total_tax_amount: Decimal
    invoice_number: str

    SELECT = (
        "id,number,billToCustomerId,status,creditMemoDate,postingDate,currencyCode,"
        "totalAmountIncludingTax,totalTaxAmount,invoiceNumber"
    )


class Order(msgspec.Struct, rename="camel"):
    """A row of ``salesOrders``."""

    etag: Etag = msgspec.field(name="@odata.etag")
    id: UUID
    number: str
    external_document_number: str
    bill_to_customer_id: UUID
    order_date: date
    requested_delivery_date: date
    currency_code: str
    total_amount_including_tax: Decimal
    fully_shipped: bool
    status: str

    SELECT = (
        "id,number,externalDocumentNumber,billToCustomerId,orderDate,requestedDeliveryDate,"
        "currencyCode,totalAmountIncludingTax,fullyShipped,status"
    )


class Shipment(msgspec.Struct, rename="camel"):
    """A row of ``salesShipments``."""

    etag: Etag = msgspec.field(name="@odata.etag")
    id: UUID
    number: str
    bill_to_customer_id: UUID
    order_number: str
    posting_date: date

    SELECT = "id,number,billToCustomerId,orderNumber,postingDate"


class ShipmentLine(msgspec.Struct, rename="camel"):
    """A row of ``salesShipmentLines``."""

    sequence: int
    line_object_number: str
    description: str
    quantity: Decimal
    unit_of_measure_code: str

    SELECT = "id,sequence,lineObjectNumber,description,quantity,unitOfMeasureCode"


class File(msgspec.Struct, rename="camel"):
    """A row of ``documentAttachments`` or ``attachments``."""

    id: UUID
    file_name: str
    byte_size: int
    last_modified_date_time: Moment

    SELECT = "id,fileName,byteSize,lastModifiedDateTime"


def contact_record(row: Contact) -> ContactRecord:
    """Translate a contact."""
    return ContactRecord(
        erp_id=str(row.id), number=row.number, name=row.display_name, email=row.email,
        is_person=row.type == "Person",
    )  # fmt: skip


def credit_note_record(row: CreditMemo, *, local_currency: str) -> CreditNoteRecord:
    """Translate a posted credit memo. Raises ``ValueError`` on a value that makes no sense."""
    what = f"credit memo {row.number}"
    if row.status not in _STATUSES:
        raise ValueError(f"{what} has the status {row.status!r}, which we do not know.")
    currency = currency_of(row.currency_code, local_currency=local_currency, what=what)
    issued = row.credit_memo_date if row.credit_memo_date != _EMPTY_DATE else row.posting_date
    return CreditNoteRecord(
        erp_id=str(row.id),
        etag=row.etag,
        number=row.number,
        customer_erp_id=str(row.bill_to_customer_id),
        status=_STATUSES[row.status],
        issued_date=issued,
        total=exact(row.total_amount_including_tax, currency, what=what),
        tax=exact(row.total_tax_amount, currency, what=what),
        invoice_number=row.invoice_number,
    )


def balance_record(row: Balance, *, local_currency: str) -> BalanceRecord:
    """Translate what a customer owes. Raises ``ValueError`` on a value that makes no sense."""
    return BalanceRecord(
        total=exact(row.balance, local_currency, what="the balance"),
        overdue=exact(row.overdue_amount, local_currency, what="what is overdue"),
    )


def order_record(row: Order, *, local_currency: str) -> OrderRecord:
    """Translate an order. Raises ``ValueError`` on a value that makes no sense."""
    what = f"order {row.number}"
    currency = currency_of(row.currency_code, local_currency=local_currency, what=what)
    wanted = row.requested_delivery_date
    return OrderRecord(
        erp_id=str(row.id),
        etag=row.etag,
        number=row.number,
        customer_erp_id=str(row.bill_to_customer_id),
        purchase_order=row.external_document_number,
        ordered_date=row.order_date,
        wanted_date=wanted if wanted != _EMPTY_DATE else None,
        total=exact(row.total_amount_including_tax, currency, what=what),
        is_released=row.status == "Open",
        is_shipped=row.fully_shipped,
    )


def shipment_record(row: Shipment) -> ShipmentRecord:
    """Translate a shipment."""
    return ShipmentRecord(
        erp_id=str(row.id), etag=row.etag, number=row.number,
        customer_erp_id=str(row.bill_to_customer_id), order_number=row.order_number,
        shipped_date=row.posting_date,
    )  # fmt: skip


def shipment_line_record(row: ShipmentLine) -> ShipmentLineRecord:
    """Translate a line of a shipment. Raises ``ValueError`` on a value that makes no sense."""
    return ShipmentLineRecord(
        sequence=row.sequence, description=row.description, item_number=row.line_object_number,
        quantity=plain(row.quantity), unit=row.unit_of_measure_code,
    )  # fmt: skip


def attachment_record(row: File, *, entity: str) -> AttachmentRecord:
    """Translate a file; its id says in which of the two sets it is."""
    return AttachmentRecord(
        erp_id=f"{entity}/{row.id}", name=row.file_name, size_bytes=row.byte_size,
        changed_at=row.last_modified_date_time.astimezone(UTC),
    )  # fmt: skip
