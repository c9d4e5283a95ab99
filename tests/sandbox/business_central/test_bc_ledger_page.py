"""Page 25 as an OData V4 web service: fields, filters, pages, and not being published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from sandbox.business_central.seed.company import NAME
from tests.sandbox.business_central.bc_company import Books, error_of

SERVICE = "Cust_LedgerEntries"


def address(books: Books, service: str = SERVICE, company: str = NAME) -> str:
    return f"{books.root.removesuffix('/api/v2.0')}/ODataV4/Company('{quote(company)}')/{service}"


def ask(books: Books, query: str = "", **headers: str) -> Any:
    answer = books.http.get(address(books) + query, headers=headers)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)


@pytest.fixture
def renamed(books: Books) -> Iterator[Books]:
    yield books
    books.control.post("/ledger-service", json={"name": SERVICE})


def test_an_entry_shows_what_is_left_and_the_discount(books: Books) -> None:
    invoice = books.invoice("1000.00", terms="2%10N30", customer=books.customer()["number"])
    books.pay(invoice, "100.00")
    (row,) = ask(books, f"?$filter=Document_No eq '{invoice['number']}'")["value"]
    assert row["Document_Type"] == "Invoice"
    assert (row["Amount"], row["Remaining_Amount"], row["Open"]) == (1000, 900, True)
    assert row["Remaining_Pmt_Disc_Possible"] == 20
    assert row["Posting_Date"] < row["Pmt_Discount_Date"] < row["Due_Date"]
    assert "Applies_to_ID" not in row  # page 25 has no such field


def test_a_customers_open_entries_come_in_pages(books: Books) -> None:
    customer = books.customer()["number"]
    numbers = [books.invoice("10.00", customer)["number"] for _ in range(3)]
    books.pay(books.invoice("5.00", customer), "5.00")
    query = f"?$filter=(Customer_No eq '{customer}' or Customer_No eq 'X') and Open eq true"
    found, link = [], ""
    while True:
        page = json.loads(
            books.http.get(
                link or address(books) + query, headers={"Prefer": "odata.maxpagesize=2"}
            ).text
        )
        found += [row["Document_No"] for row in page["value"]]
        link = page.get("@odata.nextLink", "")
        if not link:
            break
    assert found == numbers


def test_a_sum_cannot_be_filtered(books: Books) -> None:
    answer = books.http.get(address(books) + "?$filter=Remaining_Amount lt 0")
    assert error_of(answer) == (400, "Application_FilterErrorException")


def test_it_can_be_published_under_another_name_or_not_at_all(renamed: Books) -> None:
    renamed.control.post("/ledger-service", json={"name": "AR"})
    assert renamed.http.get(address(renamed)).status_code == 404
    assert renamed.http.get(address(renamed, "AR") + "?$top=1").status_code == 200
    renamed.control.post("/ledger-service", json={"name": ""})
    assert renamed.http.get(address(renamed, "AR")).status_code == 404


def test_another_company_and_a_write_are_refused(books: Books) -> None:
    assert books.http.get(address(books, company="Fabrikam")).status_code == 404
    assert books.http.post(address(books), json={}).status_code == 405


def test_without_a_permission_it_is_refused(books: Books) -> None:
    other = Books(books.running, client_id="2" * 8 + "-2222-2222-2222-" + "2" * 12)
    answer: httpx.Response = other.http.get(address(books))
    other.close()
    assert error_of(answer) == (403, "Authorization_RequestDenied")
