"""Reads people, credit memos, orders, shipments and files, live and one customer at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from quittance.core.errors import Refused
from quittance.erp.base import InvoiceLineRecord
from quittance.erp.business_central import document_rows as rows
from quittance.erp.business_central import limits
from quittance.erp.business_central import translate as words
from quittance.erp.business_central.odata import Api, Unreadable, translated
from quittance.erp.documents import (
    AttachmentRecord,
    BalanceRecord,
    ContactRecord,
    CreditNoteRecord,
    DocumentKind,
    OrderRecord,
    ShipmentLineRecord,
    ShipmentRecord,
)

RowT = TypeVar("RowT")
LineT = TypeVar("LineT", InvoiceLineRecord, ShipmentLineRecord)

_SETS: Final = {
    DocumentKind.INVOICE: "salesInvoices",
    DocumentKind.CREDIT_NOTE: "salesCreditMemos",
    DocumentKind.ORDER: "salesOrders",
    DocumentKind.SHIPMENT: "salesShipments",
}
_LINES: Final = {
    DocumentKind.INVOICE: "salesInvoiceLines",
    DocumentKind.CREDIT_NOTE: "salesCreditMemoLines",
    DocumentKind.ORDER: "salesOrderLines",
    DocumentKind.SHIPMENT: "salesShipmentLines",
}
# Files from the page of the document, and files of incoming documents: two sets, never the same.
_FILES: Final = ("documentAttachments", "attachments")


def contacts(api: Api, customer_erp_id: str) -> Sequence[ContactRecord]:
    """Return the customer's contacts; which they are says another set than who they are."""
    path = f"{api.company}/customers({words.guid(customer_erp_id)})/contactsInformation"
    links = api.all(
        path, rows.ContactLink, entity="contactsInformation",
        query={"$select": "contactId,contactNumber"},
    )  # fmt: skip
    ids = list(dict.fromkeys(link.contact_id for link in links))
    found: list[rows.Contact] = []
    for start in range(0, len(ids), limits.IDS_PER_FILTER):
        some = ids[start : start + limits.IDS_PER_FILTER]
        found += api.all(
            f"{api.company}/contacts",
            rows.Contact,
            entity="contacts",
            query={
                "$filter": " or ".join(f"id eq {id_}" for id_ in some),
                "$select": rows.Contact.SELECT,
            },
        )
    return sorted(map(rows.contact_record, found), key=lambda contact: contact.number)


def balance(api: Api, customer_erp_id: str, *, local_currency: str) -> BalanceRecord:
    """Return both sums; the set has the customer's own id as its key (1)."""
    entity = "customerFinancialDetails"
    path = f"{api.company}/{entity}({words.guid(customer_erp_id)})"
    row = api.one(path, rows.Balance, entity=entity, select=rows.Balance.SELECT)
    return translated(
        [row], lambda each: rows.balance_record(each, local_currency=local_currency), entity=entity
    )[0]


def credit_notes(
    api: Api, customer_erp_id: str, *, most: int, local_currency: str
) -> Sequence[CreditNoteRecord]:
    """Return the customer's posted credit memos."""
    found = _newest(
        api, DocumentKind.CREDIT_NOTE, rows.CreditMemo, customer_erp_id, by="creditMemoDate",
        most=most,
    )  # fmt: skip
    posted = [row for row in found if row.status not in rows.UNPOSTED]
    return translated(
        posted,
        lambda row: rows.credit_note_record(row, local_currency=local_currency),
        entity=_SETS[DocumentKind.CREDIT_NOTE],
    )


def orders(
    api: Api, customer_erp_id: str, *, most: int, local_currency: str
) -> Sequence[OrderRecord]:
    """Return the customer's orders."""
    found = _newest(api, DocumentKind.ORDER, rows.Order, customer_erp_id, by="orderDate", most=most)
    return translated(
        found,
        lambda row: rows.order_record(row, local_currency=local_currency),
        entity=_SETS[DocumentKind.ORDER],
    )


def shipments(api: Api, customer_erp_id: str, *, most: int) -> Sequence[ShipmentRecord]:
    """Return the customer's posted shipments."""
    found = _newest(
        api, DocumentKind.SHIPMENT, rows.Shipment, customer_erp_id, by="postingDate", most=most
    )
    return [rows.shipment_record(row) for row in found]


def lines(
    api: Api, kind: DocumentKind, erp_id: str, *, local_currency: str
) -> Sequence[InvoiceLineRecord]:
    """Return the lines of an invoice, a credit memo or an order, in their order."""
    header = api.one(
        _path(api, kind, erp_id), words.InvoiceCurrency, entity=_SETS[kind],
        select="id,currencyCode",
    )  # fmt: skip

    def translate(row: words.InvoiceLine) -> InvoiceLineRecord:
        currency = words.currency_of(
            header.currency_code, local_currency=local_currency, what="the document"
        )
        return words.line_record(row, currency=currency)

    return _lines(api, kind, erp_id, words.InvoiceLine, translate)


def shipment_lines(api: Api, erp_id: str) -> Sequence[ShipmentLineRecord]:
    """Return the lines of a shipment in their order."""
    kind = DocumentKind.SHIPMENT
    return _lines(api, kind, erp_id, rows.ShipmentLine, rows.shipment_line_record)


def attachments(api: Api, kind: DocumentKind, erp_id: str) -> Sequence[AttachmentRecord]:
    """Return the files of both sorts that hang on a document."""
    found: list[AttachmentRecord] = []
    for entity in _FILES:
        path = f"{_path(api, kind, erp_id)}/{entity}"
        files = api.all(path, rows.File, entity=entity, query={"$select": rows.File.SELECT})
        found += [rows.attachment_record(file, entity=entity) for file in files]
    return sorted(found, key=lambda file: (file.name, file.erp_id))


def attachment(api: Api, erp_id: str) -> bytes:
    """Return the content of a file that ``attachments`` named."""
    entity, _, id_ = erp_id.partition("/")
    if entity not in _FILES:
        raise Refused("This is no file of Business Central.", erp_id=erp_id[:100])
    path = f"{api.company}/{entity}({words.guid(id_)})/attachmentContent"
    return api.binary(path, entity=entity, limit=limits.FILE_BYTES)


def pdf(api: Api, kind: DocumentKind, erp_id: str) -> bytes:
    """Return the print of a document. It is rendered for each call and may take a minute."""
    path = f"{_path(api, kind, erp_id)}/pdfDocument"
    print_ = api.one(path, _Print, entity="pdfDocument")
    content = api.binary(
        f"{path}({print_.id})/pdfDocumentContent", entity="pdfDocument", limit=limits.PDF_BYTES
    )
    if not content.startswith(b"%PDF-"):
        raise Unreadable("Business Central's print of the document is no PDF.", document=erp_id)
    return content


class _Print(msgspec.Struct):
    id: UUID


def _newest(
    api: Api, kind: DocumentKind, row: type[RowT], customer_erp_id: str, *, by: str, most: int
) -> Sequence[RowT]:
    # "$top" gives no next link on purpose: so many are wanted, and nobody pages with it.
    page = api.page(
        f"{api.company}/{_SETS[kind]}",
        row,
        entity=_SETS[kind],
        query={
            "$filter": f"billToCustomerId eq {words.guid(customer_erp_id)}",
            "$orderby": f"{by} desc,number desc",
            "$top": str(most),
            "$select": row.SELECT,  # type: ignore[attr-defined]
        },
    )
    return page.rows


def _lines(
    api: Api,
    kind: DocumentKind,
    erp_id: str,
    row: type[RowT],
    translate: Callable[[RowT], LineT],
) -> Sequence[LineT]:
    # The flat collection of lines refuses to be read: only the nested path works.
    found = api.all(
        f"{_path(api, kind, erp_id)}/{_LINES[kind]}", row, entity=_LINES[kind],
        query={"$select": row.SELECT},  # type: ignore[attr-defined]
    )  # fmt: skip
    made = translated(found, translate, entity=_LINES[kind])
    return sorted(made, key=lambda line: line.sequence)


def _path(api: Api, kind: DocumentKind, erp_id: str) -> str:
    return f"{api.company}/{_SETS[kind]}({words.guid(erp_id)})"
