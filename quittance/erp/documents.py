"""What an ERP may show besides invoices: people, credit notes, orders, shipments, files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from quittance.core.money import Money
from quittance.erp.base import InvoiceLineRecord, InvoiceStatus


class DocumentKind(StrEnum):
    """What lines, files and prints belong to."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    ORDER = "order"
    SHIPMENT = "shipment"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRecord:
    """A person, or the firm itself, whom the ERP knows at a customer. ``email`` may be empty."""

    erp_id: str
    number: str
    name: str
    email: str
    is_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteRecord:
    """A posted credit note. What of it is still open only a customer ledger tells."""

    erp_id: str
    etag: str
    number: str
    customer_erp_id: str  # who gets it (the bill-to)
    status: InvoiceStatus
    issued_date: date
    total: Money  # including tax, above zero
    tax: Money
    invoice_number: str  # that it corrects; ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """An order that is not wholly invoiced. ``customer_erp_id`` is who will owe it."""

    erp_id: str
    etag: str
    number: str
    customer_erp_id: str
    purchase_order: str
    ordered_date: date
    wanted_date: date | None
    total: Money
    is_released: bool  # the seller has confirmed it
    is_shipped: bool  # wholly


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentRecord:
    """A posted shipment."""

    erp_id: str
    etag: str
    number: str
    customer_erp_id: str
    order_number: str
    shipped_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentLineRecord:
    """One line of a shipment; text to show."""

    sequence: int
    description: str
    item_number: str
    quantity: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRecord:
    """What a customer owes in all, less open credit, in the currency of the ERP's books."""

    total: Money  # below zero: the customer has more credit than debt
    overdue: Money  # by the ERP's own day


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRecord:
    """A file that hangs on a document. It may be meant for the seller's own people only."""

    erp_id: str  # the adapter's own word for where it is
    name: str
    size_bytes: int
    changed_at: datetime


class LedgerKind(StrEnum):
    """What an entry of the customer ledger is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    REFUND = "refund"
    REMINDER = "reminder"
    FINANCE_CHARGE = "finance_charge"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntryRecord:
    """One entry of a customer's ledger: above zero the customer owes more, below zero less."""

    number: int  # they go up as entries are posted
    kind: LedgerKind
    document_number: str
    posted_date: date
    due_date: date
    amount: Money
    open: Money  # what is not applied, now


@runtime_checkable
class ShowsLedger(Protocol):
    """An optional deed: the ERP shows every entry of a customer's ledger, live."""

    def ledger_entries(
        self, customer_erp_id: str, *, so_far: Callable[[int], None] | None = None
    ) -> Sequence[LedgerEntryRecord] | None:
        """Return all of them, by day and number; ``None`` where the connection offers no ledger.

        ``so_far`` hears meanwhile how many were read.

        What was taken off at an application (an early-payment discount) is no entry: by so much
        all amounts together are more than all that is open. Raises ``OutsideError``.
        """


@runtime_checkable
class ShowsDocuments(Protocol):
    """An optional deed: the ERP shows these live. Nothing of it is in the mirror.

    Lists are of one customer, the newest first, at most ``most``. Every method raises
    ``OutsideError``; one that asks for a document that is not there, ``Refused``.
    """

    def contacts(self, customer_erp_id: str) -> Sequence[ContactRecord]:
        """Return whom the ERP knows at this customer."""

    def balance(self, customer_erp_id: str) -> BalanceRecord:
        """Return what this customer owes now, by the ERP's own sum over all currencies."""

    def credit_notes(self, customer_erp_id: str, *, most: int) -> Sequence[CreditNoteRecord]:
        """Return posted credit notes; drafts are left out."""

    def credit_note_lines(self, erp_id: str) -> Sequence[InvoiceLineRecord]:
        """Return the lines of one credit note in their order."""

    def orders(self, customer_erp_id: str, *, most: int) -> Sequence[OrderRecord]:
        """Return orders."""

    def order_lines(self, erp_id: str) -> Sequence[InvoiceLineRecord]:
        """Return the lines of one order in their order."""

    def shipments(self, customer_erp_id: str, *, most: int) -> Sequence[ShipmentRecord]:
        """Return posted shipments."""

    def shipment_lines(self, erp_id: str) -> Sequence[ShipmentLineRecord]:
        """Return the lines of one shipment in their order."""

    def attachments(self, kind: DocumentKind, erp_id: str) -> Sequence[AttachmentRecord]:
        """Return the files that hang on a document, by their names."""

    def customer_files(self, kind: DocumentKind, erp_id: str) -> Sequence[AttachmentRecord]:
        """Return those of the files that the customer may see: none unless the seller says so.

        Where an ERP does not tell which files are meant for customers, the connection's settings
        say it of all of them.
        """

    def attachment(self, erp_id: str) -> bytes:
        """Return the content of one file; empty when the ERP has none."""

    def document_pdf(self, kind: DocumentKind, erp_id: str) -> bytes:
        """Return the ERP's own print of a document."""
