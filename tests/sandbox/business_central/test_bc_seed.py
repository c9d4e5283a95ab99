"""The demo company: the same for a seed, whole in its books, and ready to be paid."""

from __future__ import annotations

import sqlite3
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from sandbox.business_central.database import Database
from sandbox.business_central.seed import bulk
from sandbox.business_central.seed.fill import fill
from sandbox.business_central.seed.plan import plan
from tests.sandbox.business_central.bc_company import Books

DAY = date(2026, 3, 12)


def filled(folder: Path, *, invoices: int = 0) -> Database:
    database = Database(folder, today=DAY)
    fill(database, seed=1, invoices=invoices)
    return database


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return filled(tmp_path_factory.mktemp("bc-company"), invoices=200)


def everything(database: Database) -> list[str]:
    return list(sqlite3.connect(database.path).iterdump())


def test_a_seed_always_makes_the_same_company(tmp_path: Path) -> None:
    first = everything(filled(tmp_path / "a"))
    assert everything(filled(tmp_path / "b")) == first
    assert plan(Random(2)) != plan(Random(1))


def test_the_books_balance(company: Database) -> None:
    with company.reading() as session:
        total = "SELECT SUM(debitAmount - creditAmount) FROM general_ledger_entry"
        receivables = session.value(f"{total} WHERE accountNumber = '1310'")
        assert session.value(total) == 0
        owed = "SELECT SUM(amountLCY) FROM detailed_ledger_entry"
        assert session.value(owed) == receivables
        wrong = session.rows(
            "SELECT e.entryNumber FROM customer_ledger_entry AS e JOIN detailed_ledger_entry AS d"
            " ON d.customerLedgerEntryNumber = e.entryNumber GROUP BY e.entryNumber"
            " HAVING (SUM(d.amount) = 0) = e.open"
        )
        assert wrong == []


def test_harborline_hotels_owes_what_the_guides_show(books: Books) -> None:
    query = "salesInvoices?$filter=customerNumber eq 'C-10482' and status eq 'Open'"
    found = {each["number"]: each for each in books.get(query)["value"]}
    assert len(found) == 38
    assert sum(each["remainingAmount"] for each in found.values()) == Decimal("86412.57")
    assert found["INV-204391"]["customerPurchaseOrderReference"] == "PO-77191"
    part = [
        each for each in found.values() if each["remainingAmount"] < each["totalAmountIncludingTax"]
    ]
    assert len(part) == 3
    early = books.only("paymentTerms?$filter=code eq '2%2510N30'")["id"]
    assert sum(each["paymentTermsId"] == early for each in found.values()) == 2


def test_other_currencies_and_states_are_there(books: Books) -> None:
    customers = books.get("customers?$filter=number lt 'C-6'&$select=currencyCode")["value"]
    assert {each["currencyCode"] for each in customers} == {"USD", "EUR", "GBP", "JPY", "KWD"}
    states = {each["status"] for each in books.get("salesInvoices?$select=status")["value"]}
    assert states == {"Draft", "In_x0020_Review", "Open", "Paid", "Canceled", "Corrective"}


def test_lines_add_up_to_their_invoice(company: Database) -> None:
    with company.reading() as session:
        wrong = session.rows(
            "SELECT i.number FROM sales_invoice AS i LEFT JOIN sales_invoice_line AS l"
            " ON l.documentId = i.id GROUP BY i.id"
            " HAVING COALESCE(SUM(l.amountIncludingTax), 0) <> i.totalAmountIncludingTax"
        )
        assert wrong == []


def test_bulk_invoices_are_added_up_to_the_number_asked_for(company: Database) -> None:
    count = "SELECT COUNT(*) FROM sales_invoice WHERE number >= 'INV-3'"
    with company.reading() as session:
        assert session.value(count) == 200
    fill(company, seed=1, invoices=2_300)
    with company.reading() as session:
        assert session.value(count) == 2_300
        open_ones = f"{count} AND customerNumber = ? AND status = 'Open'"
        assert session.value(open_ones, (bulk.BIG_CUSTOMER,)) == bulk.BIG_OPEN
