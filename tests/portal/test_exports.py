"""The list as a file: exactly what its pages show."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.ground import ALPINE, HARBORLINE
from tests.portal.doors import Door
from tests.portal.mirrored import put_invoice, this_day
from tests.portal.test_invoices import invoices, numbers, places
from tests.portal.test_statement import downloaded, downloaded_bytes


def shown(client: Client, query: str) -> list[str]:
    """The numbers of all pages of a list."""
    found: list[str] = []
    address = f"/invoices?{query}"
    while True:
        page = client.get(address)
        found += numbers(page.content)
        onward = [each for each in places(page.content) if "after=" in each]
        if not onward:
            return found
        address = onward[0]


def exported(client: Client, query: str) -> list[dict[str, str]]:
    return list(csv.DictReader(downloaded(client, f"/invoices.csv?{query}").splitlines()))


@pytest.mark.parametrize(
    "query",
    [
        "", "tab=overdue", "tab=soon", "tab=paid", "tab=all&sort=-number", "q=t-000", "q=PO-001",
        "due=30&sort=-open", "tab=all&currency=EUR", "sort=open", "q=nothing", "after=x&tab=no",
    ],
)  # fmt: skip
def test_the_file_has_exactly_the_rows_that_tab_search_and_filters_show(
    query: str, door: Door
) -> None:
    own = door.ground.account(HARBORLINE)
    invoices(door, many=70)
    invoices(door, many=8, currency="EUR")
    for late in range(20):
        put_invoice(own, 1_000 + late % 7, late=late)
    put_invoice(own, 0, total_minor=900, erp_status="paid")
    put_invoice(door.ground.account(ALPINE), 1_000, late=3)
    client = door.buyer()

    assert [row["invoice"] for row in exported(client, query)] == shown(client, query)


def test_a_row_says_what_the_list_says(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    invoice = put_invoice(own, 12_345, late=3, total_minor=20_000, purchase_order="=PO()")
    client = door.buyer()

    (row,) = exported(client, "")

    assert row == {
        "invoice": invoice.number, "purchase order": "'=PO()", "issued": str(invoice.issued_date),
        "due": str(this_day() - timedelta(days=3)), "status": "Partly paid", "currency": "USD",
        "total": "200.00", "balance": "123.45", "being paid": "0.00",
    }  # fmt: skip


def test_what_is_being_paid_is_told(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    door.ground.pay((invoice, "100.00"))

    (row,) = exported(door.buyer(), f"q={invoice.number}")

    assert (row["balance"], row["being paid"]) == ("250.00", "100.00")


def test_the_workbook_has_numbers_and_days(door: Door) -> None:
    put_invoice(door.ground.account(HARBORLINE), 12_345)

    with zipfile.ZipFile(io.BytesIO(downloaded_bytes(door.buyer(), "/invoices.xlsx"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()

    assert "<v>123.45</v>" in sheet
    assert re.search(r'<c r="C2" s="\d+"><v>4\d{4}</v></c>', sheet)


def test_a_stranger_gets_none_of_it(door: Door) -> None:
    put_invoice(door.ground.account(HARBORLINE), 12_345)

    assert exported(door.stranger(), "tab=all") == []


def test_a_file_asks_the_database_few_questions_and_is_kept_by_its_name(door: Door) -> None:
    invoices(door, many=120)
    client = door.buyer()

    answer = client.get("/invoices.xlsx?tab=overdue")
    answer.close()
    asked = []
    for address in ("/invoices.csv", "/invoices.xlsx"):
        with CaptureQueriesContext(connection) as captured:
            downloaded_bytes(client, address)
        asked.append([each["sql"] for each in captured if each["sql"].startswith("SELECT")])

    assert answer["Content-Disposition"] == (
        f'attachment; filename="invoices-{HARBORLINE}-overdue-{this_day()}.xlsx"'
    )
    assert all(2 < len(each) <= 6 for each in asked), asked


def test_the_list_leads_to_its_files_with_its_own_filters(door: Door) -> None:
    invoices(door, many=60)
    client = door.buyer()

    page = client.get("/invoices?tab=all&q=T-&sort=open").content.decode()

    assert re.search(r'href="/invoices\.csv\?tab=all&amp;q=T-&amp;sort=open"', page)
    assert re.search(r'href="/invoices\.xlsx\?tab=all&amp;q=T-&amp;sort=open"', page)
