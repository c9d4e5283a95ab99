"""Sets up the demo company: its name, books, currencies, terms, accounts and customers."""

from __future__ import annotations

from sandbox.business_central import batches, decimals, ledger
from sandbox.business_central.database import Session
from sandbox.business_central.facts import BLANK, EMPTY_GUID
from sandbox.business_central.seed import around
from sandbox.business_central.seed.profiles import MAIN
from sandbox.business_central.seed.words import Buyer, Profile

COMPANY_ID, NAME = MAIN.id, MAIN.name

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


def set_up(session: Session, profile: Profile = MAIN) -> None:
    """Write the company, everything that documents refer to, and the customers."""
    _company(session, profile)
    _currencies_and_terms(session, profile)
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
    for number, name, currency in profile.banks:
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
    _batches(session, profile)
    around.set_up(session)
    for buyer in profile.buyers:
        add_customer(session, buyer)
    around.of_customers(session, profile.buyers)


def _company(session: Session, profile: Profile) -> None:
    session.insert(
        "company",
        {
            "id": profile.id,
            "systemVersion": "29.0.0.0",
            "name": profile.name,
            "displayName": profile.name,
            "systemCreatedAt": session.now,
            "systemModifiedAt": session.now,
            "rowVersion": session.take("rowVersion"),
        },
    )
    session.insert(
        "company_information",
        {
            "id": session.new_id(),
            "displayName": profile.name,
            **profile.address,
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
            "localCurrencyCode": profile.local[0],
            "localCurrencySymbol": profile.local[1],
            **session.touched(),
        },
    )


def _currencies_and_terms(session: Session, profile: Profile) -> None:
    """The local currency is no record of the currency table, as in Business Central."""
    for code, name, symbol, places, precision, rate in profile.currencies:
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


def _batches(session: Session, profile: Profile) -> None:
    for template in (batches.CASH_RECEIPTS, batches.GENERAL):
        values = {"code": "DEFAULT", "displayName": "Default journal"}
        batches.create(session, values, template=template)
    for code, bank in profile.batches:
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
