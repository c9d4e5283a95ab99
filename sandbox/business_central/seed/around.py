"""Writes what cards and documents refer to: methods, areas, units, items, dimensions, contacts.

Their ids come from their codes: they are the same in every demo company and draw nothing from the
seed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date
from typing import Any

from sandbox.business_central import decimals, ids
from sandbox.business_central.database import Session
from sandbox.business_central.documents import item_id, unit_id
from sandbox.business_central.seed.words import HARBORLINE, ITEMS, PEOPLE, Buyer

_CODED = {
    "payment_method": (
        ("ACCOUNT", "On account"), ("BANK", "Bank transfer"), ("CARD", "Card"),
        ("CHECK", "Check"), ("DEBIT", "Direct debit"),
    ),
    "shipment_method": (
        ("DDP", "Delivered duty paid"), ("EXW", "Ex works"), ("FOB", "Free on board"),
        ("PICKUP", "Picked up by the customer"),
    ),
    "tax_area": (
        ("AZ", "Arizona"), ("CA", "California"), ("CO", "Colorado"), ("ID", "Idaho"),
        ("NV", "Nevada"), ("OR", "Oregon"), ("WA", "Washington"),
    ),
    "tax_group": (("NONTAXABLE", "Not taxable"), ("TAXABLE", "Taxable goods")),
    "dispute_status": (
        ("DELIVERY", "Delivery disputed"), ("PRICE", "Price disputed"),
        ("QUALITY", "Quality disputed"),
    ),
    "country_region": (
        ("AT", "Austria"), ("CA", "Canada"), ("DE", "Germany"), ("FR", "France"),
        ("GB", "Great Britain"), ("JP", "Japan"), ("KW", "Kuwait"), ("US", "United States"),
    ),
}  # fmt: skip
# Code, name, and the code of UN/ECE Recommendation 20 (with 21: packages begin with X).
_UNITS = (
    ("BAG", "Bag", "XBG"), ("BOX", "Box", "XBX"), ("CASE", "Case", "XCS"), ("EACH", "Each", "EA"),
    ("PACK", "Pack", "XPK"), ("TIN", "Tin", "XTN"),
)  # fmt: skip
_DIMENSIONS = {
    "DEPARTMENT": ("Department", (("ADM", "Administration"), ("SALES", "Sales"))),
    "REGION": ("Region", (("ASIA", "Asia"), ("EUROPE", "Europe"), ("NORTHWEST", "Northwest"),
                          ("WEST", "West"))),
}  # fmt: skip
_NORTHWEST = {"WA", "OR", "ID"}
_ASIA = {"JP", "KW"}


def record_id(table: str, code: str) -> str:
    """The id of a coded record of the demo company."""
    return ids.coded(table, code)


def set_up(session: Session) -> None:
    """Write all of it; customers come afterwards and refer to it."""
    for table, rows in _CODED.items():
        for code, name in rows:
            _insert(session, table, {"code": code, "displayName": name})
    for code, name, standard in _UNITS:
        unit = {"code": code, "displayName": name, "internationalStandardCode": standard}
        _insert(session, "unit_of_measure", unit | {"id": unit_id(code)})
    _items(session)
    _dimensions(session)
    _periods(session)
    _rates(session)


def of_customer(buyer: Buyer) -> dict[str, Any]:
    """What a customer's card refers to, beside its currency and terms."""
    found = {
        "paymentMethodId": record_id("payment_method", "BANK"),
        "shipmentMethodId": record_id("shipment_method", "FOB" if buyer.country == "US" else "DDP"),
    }
    if buyer.state:
        found["taxAreaId"] = record_id("tax_area", buyer.state)
    return found


def of_customers(session: Session, buyers: Iterable[Buyer]) -> None:
    """Default dimensions and contacts of the customers: a firm and its accounts payable."""
    for place, buyer in enumerate(buyers, start=1):
        customer = session.rows("SELECT * FROM customer WHERE number = ?", (buyer.number,))[0]
        _default(session, customer["id"], "REGION", _region(buyer))
        if buyer.number == HARBORLINE:
            _default(session, customer["id"], "DEPARTMENT", "SALES")
        firm = f"CT-{place:04d}"
        _contact(session, customer, {"number": firm, "type": "Company"})
        names = PEOPLE.get(buyer.number, (("Accounts", "Payable", "Accounts payable"),))
        for index, (first, last, title) in enumerate(names, start=1):
            _contact(
                session,
                customer,
                {
                    "number": f"{firm}-{index}",
                    "type": "Person",
                    "firstName": first,
                    "lastName": last,
                    "jobTitle": title,
                    "companyNumber": firm,
                    "companyName": buyer.name,
                    "displayName": f"{first} {last}",
                    "email": f"{first.lower()}@{buyer.domain}.example",
                },
            )


def _contact(session: Session, customer: sqlite3.Row, given: dict[str, Any]) -> None:
    shared = {
        name: customer[name]
        for name in (
            "displayName", "addressLine1", "city", "state", "country", "postalCode", "phoneNumber",
            "email",
        )
    }  # fmt: skip
    row = shared | given
    _insert(
        session,
        "contact",
        row
        | {
            "id": record_id("contact", row["number"]),
            "searchName": row["displayName"].upper(),
            "contactBusinessRelation": "Customer",
            "relatedId": customer["id"],
            "relatedType": "Customer",
        },
    )


def _region(buyer: Buyer) -> str:
    if buyer.country not in {"US", "CA"}:
        return "ASIA" if buyer.country in _ASIA else "EUROPE"
    return "NORTHWEST" if buyer.state in _NORTHWEST or buyer.country == "CA" else "WEST"


def _insert(session: Session, table: str, row: dict[str, Any]) -> None:
    touched = session.touched()
    if table == "dispute_status":
        touched.pop("lastModifiedDateTime")
    fresh = {} if "id" in row else {"id": record_id(table, row["code"])}
    session.insert(table, row | fresh | touched)


def _items(session: Session) -> None:
    for item in ITEMS:
        tax = "TAXABLE" if item.taxable else "NONTAXABLE"
        _insert(
            session,
            "item",
            {
                "id": item_id(item.number),
                "number": item.number,
                "displayName": item.description,
                "unitPrice": decimals.scaled(item.price),
                "unitCost": decimals.scaled(item.price) * 6 // 10,
                "inventory": decimals.scaled(480),
                "taxGroupId": record_id("tax_group", tax),
                "taxGroupCode": tax,
                "baseUnitOfMeasureId": unit_id(item.unit),
                "baseUnitOfMeasureCode": item.unit,
            },
        )


def _dimensions(session: Session) -> None:
    for code, (name, values) in _DIMENSIONS.items():
        _insert(session, "dimension", {"code": code, "displayName": name})
        for value, shown in values:
            _insert(
                session,
                "dimension_value",
                {
                    "id": record_id(f"dimension_value {code}", value),
                    "code": value,
                    "dimensionId": record_id("dimension", code),
                    "displayName": shown,
                },
            )
    session.db.execute(
        "UPDATE general_ledger_setup SET shortcutDimension1Code = 'DEPARTMENT',"
        " shortcutDimension2Code = 'REGION'"
    )


def _default(session: Session, customer: str, dimension: str, value: str) -> None:
    _insert(
        session,
        "default_dimension",
        {
            "id": record_id(f"default_dimension {customer}", dimension),
            "parentType": "Customer",
            "parentId": customer,
            "dimensionId": record_id("dimension", dimension),
            "dimensionValueId": record_id(f"dimension_value {dimension}", value),
        },
    )


def _periods(session: Session) -> None:
    """Three years of months, one before this one and one after."""
    this = date.fromisoformat(session.today).year
    for year in range(this - 1, this + 2):
        for month in range(1, 13):
            first = date(year, month, 1)
            _insert(
                session,
                "accounting_period",
                {
                    "id": record_id("accounting_period", first.isoformat()),
                    "startingDate": first.isoformat(),
                    "name": f"{first:%B}",
                    "newFiscalYear": int(month == 1),
                },
            )


def _rates(session: Session) -> None:
    """The rates that posting uses: one for each currency, from years ago on."""
    start = f"{int(session.today[:4]) - 3}-01-01"
    for row in session.rows("SELECT code, rate FROM currency ORDER BY code"):
        _insert(
            session,
            "currency_exchange_rate",
            {
                "id": record_id("currency_exchange_rate", row["code"]),
                "currencyCode": row["code"],
                "startingDate": start,
                "exchangeRateAmount": decimals.SCALE,
                "relationalExchangeRateAmount": decimals.scaled(row["rate"]),
            },
        )
