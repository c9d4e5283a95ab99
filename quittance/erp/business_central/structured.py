"""Reads all that Business Central tells of an invoice or credit memo: parties, lines, units."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

import msgspec

from quittance.core.errors import Refused
from quittance.core.money import Money
from quittance.erp.business_central.odata import Api, Unreadable, translated
from quittance.erp.business_central.translate import currency_of, exact, guid
from quittance.erp.documents import DocumentKind
from quittance.erp.structured import Party, StructuredDocument, StructuredLine

_SETS: Final = {
    DocumentKind.INVOICE: ("salesInvoices", "salesInvoiceLines"),
    DocumentKind.CREDIT_NOTE: ("salesCreditMemos", "salesCreditMemoLines"),
}
_POSTED: Final = {"Open", "Paid", "Canceled", "Corrective"}
_COMMENT: Final = "Comment"
_EMPTY_DATE: Final = date(1, 1, 1)
_ADDRESS: Final = "AddressLine1,{0}AddressLine2,{0}City,{0}State,{0}Country,{0}PostCode"


class _Header(msgspec.Struct, rename="camel"):
    """What both sets have; what only invoices have is empty for credit memos."""

    number: str
    status: str
    due_date: date
    posting_date: date
    currency_code: str
    bill_to_customer_id: UUID
    bill_to_name: str
    bill_to_address_line1: str = msgspec.field(name="billToAddressLine1")
    bill_to_address_line2: str = msgspec.field(name="billToAddressLine2")
    bill_to_city: str
    bill_to_state: str
    bill_to_country: str
    bill_to_post_code: str
    prices_include_tax: bool
    total_amount_excluding_tax: Decimal
    total_tax_amount: Decimal
    total_amount_including_tax: Decimal
    invoice_date: date = _EMPTY_DATE
    credit_memo_date: date = _EMPTY_DATE
    customer_purchase_order_reference: str = ""
    order_number: str = ""
    invoice_number: str = ""
    ship_to_name: str = ""
    ship_to_address_line1: str = msgspec.field(name="shipToAddressLine1", default="")
    ship_to_address_line2: str = msgspec.field(name="shipToAddressLine2", default="")
    ship_to_city: str = ""
    ship_to_state: str = ""
    ship_to_country: str = ""
    ship_to_post_code: str = ""

    BOTH = (
        "id,number,status,dueDate,postingDate,currencyCode,billToCustomerId,billToName,"
        f"billTo{_ADDRESS.format('billTo')},pricesIncludeTax,totalAmountExcludingTax,"
        "totalTaxAmount,totalAmountIncludingTax"
    )
    SELECT = {
        DocumentKind.INVOICE: f"{BOTH},invoiceDate,customerPurchaseOrderReference,orderNumber,"
        f"shipToName,shipTo{_ADDRESS.format('shipTo')}",
        DocumentKind.CREDIT_NOTE: f"{BOTH},creditMemoDate,invoiceNumber",
    }


class _Line(msgspec.Struct, rename="camel"):
    sequence: int
    line_type: str
    line_object_number: str
    description: str
    quantity: Decimal
    unit_of_measure_code: str
    unit_price: Decimal
    discount_amount: Decimal
    invoice_discount_allocation: Decimal
    net_amount: Decimal
    tax_percent: Decimal

    SELECT = (
        "id,sequence,lineType,lineObjectNumber,description,quantity,unitOfMeasureCode,unitPrice,"
        "discountAmount,invoiceDiscountAllocation,netAmount,taxPercent"
    )


class _Card(msgspec.Struct, rename="camel"):
    """The company's own card; a customer's has the same names."""

    display_name: str
    address_line1: str = msgspec.field(name="addressLine1")
    address_line2: str = msgspec.field(name="addressLine2")
    city: str
    state: str
    country: str
    postal_code: str
    tax_registration_number: str

    SELECT = (
        "id,displayName,addressLine1,addressLine2,city,state,country,postalCode,"
        "taxRegistrationNumber"
    )


class _Unit(msgspec.Struct, rename="camel"):
    code: str
    international_standard_code: str


def structured(
    api: Api, kind: DocumentKind, erp_id: str, *, local_currency: str
) -> StructuredDocument:
    """See ``ShowsStructured.structured``."""
    if kind not in _SETS:
        raise Refused("Only invoices and credit memos are written as e-invoices.")
    entity, line_entity = _SETS[kind]
    path = f"{api.company}/{entity}({guid(erp_id)})"
    header = api.one(path, _Header, entity=entity, select=_Header.SELECT[kind])
    if header.status not in _POSTED:
        raise Refused("The document is not posted.", number=header.number)
    lines = api.all(
        f"{path}/{line_entity}", _Line, entity=line_entity, query={"$select": _Line.SELECT}
    )
    units = {each.code: each.international_standard_code for each in _units(api)}
    seller, buyer = _seller(api), _customer(api, header.bill_to_customer_id)
    return translated(
        [header],
        lambda row: _document(
            kind, row, sorted(lines, key=lambda line: line.sequence), units=units, seller=seller,
            tax_number=buyer.tax_registration_number, local_currency=local_currency,
        ),
        entity=entity,
    )[0]  # fmt: skip


def _document(
    kind: DocumentKind,
    row: _Header,
    lines: list[_Line],
    *,
    units: dict[str, str],
    seller: Party,
    tax_number: str,
    local_currency: str,
) -> StructuredDocument:
    what = f"{kind} {row.number}"
    currency = currency_of(row.currency_code, local_currency=local_currency, what=what)
    issued = max(row.invoice_date, row.credit_memo_date)
    issued = issued if issued != _EMPTY_DATE else row.posting_date
    return StructuredDocument(
        kind=kind,
        number=row.number,
        issued_date=issued,
        due_date=row.due_date if row.due_date != _EMPTY_DATE else issued,
        purchase_order=row.customer_purchase_order_reference,
        order_number=row.order_number,
        invoice_number=row.invoice_number,
        seller=seller,
        buyer=Party(
            name=row.bill_to_name,
            lines=_filled(row.bill_to_address_line1, row.bill_to_address_line2),
            city=row.bill_to_city, postal_code=row.bill_to_post_code, state=row.bill_to_state,
            country=row.bill_to_country, tax_number=tax_number,
        ),
        ship_to=_ship_to(row),
        lines=[_line(each, units, currency) for each in lines if each.line_type != _COMMENT],
        notes=[each.description for each in lines
               if each.line_type == _COMMENT and each.description.strip()],
        prices_include_tax=row.prices_include_tax,
        net=exact(row.total_amount_excluding_tax, currency, what=what),
        tax=exact(row.total_tax_amount, currency, what=what),
        total=exact(row.total_amount_including_tax, currency, what=what),
    )  # fmt: skip


def _line(row: _Line, units: dict[str, str], currency: str) -> StructuredLine:
    def money(amount: Decimal) -> Money:
        return exact(amount, currency, what=f"line {row.sequence}")

    return StructuredLine(
        sequence=row.sequence, description=row.description, item_number=row.line_object_number,
        quantity=row.quantity, unit=row.unit_of_measure_code,
        unit_code=units.get(row.unit_of_measure_code, ""), unit_price=row.unit_price,
        discount=money(row.discount_amount) + money(row.invoice_discount_allocation),
        net=money(row.net_amount), tax_percent=row.tax_percent,
    )  # fmt: skip


def _ship_to(row: _Header) -> Party | None:
    if not row.ship_to_country:
        return None
    return Party(
        name=row.ship_to_name,
        lines=_filled(row.ship_to_address_line1, row.ship_to_address_line2),
        city=row.ship_to_city, postal_code=row.ship_to_post_code, state=row.ship_to_state,
        country=row.ship_to_country,
    )  # fmt: skip


def _seller(api: Api) -> Party:
    entity = "companyInformation"
    found = api.all(f"{api.company}/{entity}", _Card, entity=entity,
                    query={"$select": _Card.SELECT})  # fmt: skip
    if not found:
        raise Unreadable("Business Central tells nothing of the company.", entity=entity)
    card = found[0]
    return Party(
        name=card.display_name, lines=_filled(card.address_line1, card.address_line2),
        city=card.city, postal_code=card.postal_code, state=card.state, country=card.country,
        tax_number=card.tax_registration_number,
    )  # fmt: skip


def _customer(api: Api, customer_id: UUID) -> _Card:
    path = f"{api.company}/customers({customer_id})"
    return api.one(path, _Card, entity="customers", select=_Card.SELECT)


def _units(api: Api) -> list[_Unit]:
    query = {"$select": "id,code,internationalStandardCode"}
    return api.all(f"{api.company}/unitsOfMeasure", _Unit, entity="unitsOfMeasure", query=query)


def _filled(*texts: str) -> list[str]:
    return [text.strip() for text in texts if text.strip()]
