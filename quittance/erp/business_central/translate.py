"""Business Central's words, and ours for them."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Final
from uuid import UUID

import msgspec

from quittance.core.currency import minor_unit_digits
from quittance.core.errors import Refused, RuleBroken
from quittance.core.money import Money
from quittance.erp.base import (
    CustomerRecord,
    Hindrance,
    InvoiceLineRecord,
    InvoiceRecord,
    InvoiceStatus,
)

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Etag = Annotated[str, msgspec.Meta(min_length=1)]

_EMPTY_DATE: Final = date(1, 1, 1)  # "0001-01-01" is how it writes no date
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_LARGEST_EXPONENT: Final = 14  # below 10^15, so that minor units fit into 64 bits
_SMALLEST_EXPONENT: Final = -20

# Names of an enum travel encoded for XML: a blank is _x0020_ (business-central.md, 1).
_STATUSES: Final = {
    "Draft": InvoiceStatus.DRAFT,
    "In_x0020_Review": InvoiceStatus.DRAFT,
    "_x0020_": InvoiceStatus.DRAFT,  # nothing is said: nobody may pay it
    "Open": InvoiceStatus.OPEN,
    "Paid": InvoiceStatus.PAID,
    "Canceled": InvoiceStatus.CANCELLED,
    "Corrective": InvoiceStatus.CANCELLED,
}


class Customer(msgspec.Struct, rename="camel"):
    """A row of ``customers``."""

    etag: Etag = msgspec.field(name="@odata.etag")
    id: UUID
    number: str
    display_name: str
    email: str
    currency_code: str
    blocked: str
    last_modified_date_time: Moment

    SELECT = "id,number,displayName,email,currencyCode,blocked,lastModifiedDateTime"


class Invoice(msgspec.Struct, rename="camel", gc=False):
    """A row of ``salesInvoices``: a draft or a posted invoice."""

    etag: Etag = msgspec.field(name="@odata.etag")
    id: UUID
    number: str
    bill_to_customer_id: UUID
    status: str
    customer_purchase_order_reference: str
    order_number: str
    invoice_date: date
    posting_date: date
    due_date: date
    currency_code: str
    total_amount_including_tax: Decimal
    total_tax_amount: Decimal
    remaining_amount: Decimal
    last_modified_date_time: Moment
    bill_to_customer_number: str = ""  # by which the customer ledger names who owes it
    dispute_status: str = ""

    SELECT = (
        "id,number,billToCustomerId,billToCustomerNumber,status,customerPurchaseOrderReference,orderNumber,invoiceDate,"
        "postingDate,dueDate,currencyCode,totalAmountIncludingTax,totalTaxAmount,remainingAmount,"
        "lastModifiedDateTime"
    )
    DISPUTE = "disputeStatus"  # asked for where this version has it


class InvoiceCurrency(msgspec.Struct, rename="camel"):
    """The part of an invoice that its lines lack."""

    currency_code: str


class InvoiceLine(msgspec.Struct, rename="camel"):
    """A row of ``salesInvoiceLines``."""

    sequence: int
    line_object_number: str
    description: str
    quantity: Decimal
    unit_of_measure_code: str
    unit_price: Decimal
    net_amount: Decimal
    tax_percent: Decimal

    SELECT = (
        "id,sequence,lineObjectNumber,description,quantity,unitOfMeasureCode,unitPrice,netAmount,"
        "taxPercent"
    )


def customer_record(row: Customer, *, local_currency: str) -> CustomerRecord:
    """Translate a customer. Raises ``ValueError`` on a value that makes no sense."""
    currency = currency_of(row.currency_code, local_currency=local_currency, what=row.number)
    return CustomerRecord(
        erp_id=str(row.id),
        etag=row.etag,
        number=row.number,
        name=row.display_name,
        email=row.email,
        currency=currency,
        # "Ship" and "Invoice" do not stop a payment (business-central.md, 2.5).
        blocked=row.blocked == "All",
        changed_at=row.last_modified_date_time.astimezone(UTC),
        pays_only=currency,  # a payment line has no currency of its own (business-central.md, 2.7)
    )


def invoice_record(
    row: Invoice, *, local_currency: str, settled: Collection[str] = ()
) -> InvoiceRecord:
    """Translate an invoice. Raises ``ValueError`` on a value that makes no sense.

    A company makes its own dispute statuses; those in ``settled`` stop no payment, all others do.
    A released draft is ``Open`` here too; ``read.invoices_by_id`` finds that out.
    """
    what = f"invoice {row.number}"
    if row.status not in _STATUSES:
        raise ValueError(f"{what} has the status {row.status!r}, which we do not know.")
    currency = currency_of(row.currency_code, local_currency=local_currency, what=what)
    issued = row.invoice_date if row.invoice_date != _EMPTY_DATE else row.posting_date
    return InvoiceRecord(
        erp_id=str(row.id),
        etag=row.etag,
        number=row.number,
        customer_erp_id=str(row.bill_to_customer_id),
        status=_STATUSES[row.status],
        purchase_order=row.customer_purchase_order_reference,
        order_number=row.order_number,
        issued_date=issued,
        due_date=row.due_date if row.due_date != _EMPTY_DATE else issued,
        total=exact(row.total_amount_including_tax, currency, what=what),
        tax=exact(row.total_tax_amount, currency, what=what),
        open=exact(row.remaining_amount, currency, what=what),
        hindrance=Hindrance.DISPUTED if row.dispute_status not in {"", *settled} else None,
        changed_at=row.last_modified_date_time.astimezone(UTC),
    )


def line_record(row: InvoiceLine, *, currency: str) -> InvoiceLineRecord:
    """Translate a line. ``amount`` is the net amount: those add up to the invoice's net total."""
    return InvoiceLineRecord(
        sequence=row.sequence,
        description=row.description,
        item_number=row.line_object_number,
        quantity=plain(row.quantity),
        unit=row.unit_of_measure_code,
        unit_price=plain(row.unit_price),
        amount=exact(row.net_amount, currency, what=f"line {row.sequence}"),
        tax_percent=plain(row.tax_percent),
    )


def currency_of(code: str, *, local_currency: str, what: str) -> str:
    """Return the code of a currency; blank means the company's own."""
    currency = code or local_currency
    if not _is_code(currency):
        raise ValueError(f"{what} has the currency {code!r}, which is no code of ISO 4217.")
    return currency


@lru_cache(maxsize=500)
def _is_code(currency: str) -> bool:
    return bool(_CURRENCY.fullmatch(currency))


def exact(amount: Decimal, currency: str, *, what: str) -> Money:
    """Return ``amount`` as it is. Raises ``ValueError`` instead of rounding or overflowing."""
    if amount.is_finite() and amount.adjusted() <= _LARGEST_EXPONENT:
        digits = minor_unit_digits(currency)
        minor = int(amount.scaleb(digits))
        # Shifting rounds what has more than 28 digits; comparing is exact. So it is right or slow.
        if Decimal(minor).scaleb(-digits) == amount:
            return Money(minor, currency)
    _check_size(amount, what=what)
    try:
        return Money.from_decimal(amount, currency)
    except RuleBroken as error:
        raise ValueError(f"{what} has the amount {amount} in {currency}.") from error


def guid(erp_id: str) -> UUID:
    """Return an id as it may stand in an address; nothing else gets there."""
    try:
        return UUID(erp_id)
    except ValueError:
        raise Refused("This is no id of Business Central.", erp_id=erp_id) from None


def plain(value: Decimal) -> str:
    """Return a quantity, a price or a percentage without an exponent and without idle zeros."""
    _check_size(value, what="a quantity or price")
    whole = f"{value:f}"
    if "." in whole:
        whole = whole.rstrip("0").rstrip(".")
    return "0" if whole in {"-0", ""} else whole


def _check_size(value: Decimal, *, what: str) -> None:
    """Keep within what decimal arithmetic and our tables hold exactly."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"{what} has {value}, which is no number.")
    if value.adjusted() > _LARGEST_EXPONENT or exponent < _SMALLEST_EXPONENT:
        raise ValueError(f"{what} has an amount that is out of all proportion.")
