"""Sets up the demo company: its name, books, currencies, terms, accounts and customers."""

from __future__ import annotations

from sandbox.business_central import batches, decimals, ledger
from sandbox.business_central.database import Session
from sandbox.business_central.facts import BLANK, EMPTY_GUID
from sandbox.business_central.seed import around
from sandbox.business_central.seed.words import BUYERS, Buyer

COMPANY_ID = "6f0c1f6e-92a4-4b7a-9d6b-3a1de5c20c7d"  # the same for every seed: people configure it
NAME = "Northwind Traders"

_CURRENCIES = (
    ("EUR", "Euro", "€", "2:2", "0.01", "1.08"),
    ("GBP", "Pound Sterling", "£", "2:2", "0.01", "1.27"),
    ("JPY", "Japanese Yen", "¥", "0:0", "1", "0.0067"),
    ("KWD", "Kuwaiti Dinar", "KD", "3:3", "0.001", "3.25"),
)
_TERMS = (
    ("NET14", "Net 14 days", 14, 0, "0"),
    ("NET30", "Net 30 days", 30, 0, "0"),
    ("NET60", "Net 60 days", 60, 0, "0"),
    ("2%10N30", "2% 10 days, net 30 days", 30, 10, "2"),
)
_ACCOUNTS = (
    ("1000", "Assets", "Assets", "Begin_x002D_Total", False),
    (ledger.RECEIVABLES, "Accounts receivable", "Assets", "Posting", False),
    ("1990", "Old clearing account", "Assets", "Posting", True),
    (ledger.CARD_CLEARING, "Card payments clearing", "Assets", "Posting", True),
    (ledger.BANK, "Bank, operating accounts", "Assets", "Posting", True),
    ("2999", "Total assets", "Assets", "End_x002D_Total", False),
    (ledger.SALES_TAX, "Sales tax payable", "Liabilities", "Posting", True),
    (ledger.SALES, "Sales of goods", "Income", "Posting", True),
    (ledger.DISCOUNT_GRANTED, "Payment discounts granted", "Income", "Posting", True),
)
_BANKS = (("OPERATING", "Operating account", ""), ("EURO", "Euro account", "EUR"),
          ("STERLING", "Sterling account", "GBP"))  # fmt: skip


def set_up(session: Session) -> None:
    """Write the company, everything that documents refer to, and the customers."""
    _company(session)
    _currencies_and_terms(session)
    for number, name, category, kind, direct in _ACCOUNTS:
        session.insert(
            "account",
            {
                "id": session.new_id(),
                "number": number,
                "displayName": name,
                "category": category,
                "accountType": kind,
                "directPosting": int(direct),
                "blocked": int(number == "1990"),
                **session.touched(),
            },
        )
    for number, name, currency in _BANKS:
        session.insert(
            "bank_account",
            {
                "id": session.new_id(),
                "number": number,
                "displayName": name,
                "currencyCode": currency,
                **session.touched(),
            },
        )
    _batches(session)
    around.set_up(session)
    for buyer in BUYERS:
        add_customer(session, buyer)
    around.of_customers(session)


def _company(session: Session) -> None:
    session.insert(
        "company",
        {
            "id": COMPANY_ID,
            "systemVersion": "29.0.0.0",
            "name": NAME,
            "displayName": NAME,
            "systemCreatedAt": session.now,
            "systemModifiedAt": session.now,
            "rowVersion": session.take("rowVersion"),
        },
    )
    session.insert(
        "company_information",
        {
            "id": session.new_id(),
            "displayName": NAME,
            "addressLine1": "1200 Alaskan Way",
            "city": "Seattle",
            "state": "WA",
            "country": "US",
            "postalCode": "98101",
            "phoneNumber": "+1 206 555 0100",
            "email": "ar@northwind.example",
            "website": "https://northwind.example",
            "taxRegistrationNumber": "91-0000000",
            "currentFiscalYearStartDate": f"{session.today[:4]}-01-01",
            "industry": "Hospitality supplies",
            "experience": "Essential",
            **session.touched(),
        },
    )
    session.insert(
        "general_ledger_setup",
        {
            "id": session.new_id(),
            "localCurrencyCode": "USD",
            "localCurrencySymbol": "$",
            **session.touched(),
        },
    )


def _currencies_and_terms(session: Session) -> None:
    """The local currency is no record of the currency table, as in Business Central."""
    for code, name, symbol, places, precision, rate in _CURRENCIES:
        session.insert(
            "currency",
            {
                "id": session.new_id(),
                "code": code,
                "displayName": name,
                "symbol": symbol,
                "amountDecimalPlaces": places,
                "amountRoundingPrecision": decimals.scaled(precision),
                "rate": rate,
                **session.touched(),
            },
        )
    for code, name, days, discount_days, percent in _TERMS:
        session.insert(
            "payment_term",
            {
                "id": session.new_id(),
                "code": code,
                "displayName": name,
                "dueDateCalculation": f"{days}D",
                "discountDateCalculation": f"{discount_days}D" if discount_days else "",
                "discountPercent": decimals.scaled(percent),
                "dueDays": days,
                "discountDays": discount_days,
                **session.touched(),
            },
        )


def _batches(session: Session) -> None:
    for template in (batches.CASH_RECEIPTS, batches.GENERAL):
        values = {"code": "DEFAULT", "displayName": "Default journal"}
        batches.create(session, values, template=template)
    for code, bank in (("BANKUSD", "OPERATING"), ("BANKEUR", "EURO"), ("BANKGBP", "STERLING")):
        values = {"code": code, "displayName": f"Receipts, {bank.lower()}"}
        batch = batches.create(session, values, template=batches.CASH_RECEIPTS)
        batches.set_bank(session, batch, bank)


def add_customer(session: Session, buyer: Buyer) -> None:
    """Write a customer; its mail domain ends in .example, so that no mail can leave."""
    terms = session.value("SELECT id FROM payment_term WHERE code = ?", (buyer.terms,))
    currency = session.row("SELECT id FROM currency WHERE code = ?", (buyer.currency,))
    session.insert(
        "customer",
        {
            "id": session.new_id(),
            "number": buyer.number,
            "displayName": buyer.name,
            "type": "Company",
            "addressLine1": f"{int(buyer.number[-3:]) + 100} Harbor Street",
            "city": buyer.city,
            "state": buyer.state,
            "country": buyer.country,
            "postalCode": f"9{buyer.number[-4:]}",
            "phoneNumber": f"+1 206 555 {buyer.number[-4:]}",
            "email": f"ap@{buyer.domain}.example",
            "currencyCode": buyer.currency,
            "currencyId": currency[0] if currency is not None else EMPTY_GUID,
            "paymentTermsId": terms,
            "paymentTermsCode": buyer.terms,
            "taxLiable": 1,
            "blocked": BLANK,
            **around.of_customer(buyer),
            **session.touched(),
        },
    )
