"""Reading: filters with their misbehaviours, pages, expands, and what is not there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.sandbox.business_central.bc_company import Books, error_of, message_of

HOTEL = "customerNumber eq 'C-10482'"


def numbers(books: Books, query: str) -> list[str]:
    return [each["number"] for each in books.get(f"salesInvoices?{query}")["value"]]


def all_pages(books: Books, query: str, size: int) -> list[list[dict[str, Any]]]:
    pages, address = [], f"{books.company}/{query}"
    while address:
        answer = books.http.get(address, headers={"Prefer": f"odata.maxpagesize={size}"})
        assert answer.status_code == 200, answer.text
        pages.append(answer.json()["value"])
        address = answer.json().get("@odata.nextLink", "")
    return pages


@pytest.mark.parametrize(
    ("filter_", "wanted"),
    [
        ("number eq 'INV-204391'", ["INV-204391"]),
        ("number eq 'inv-204391'", ["INV-204391"]),  # a Code field
        ("number ge 'INV-204391' and number lt 'INV-204392'", ["INV-204391"]),
        ("startswith(number,'INV-20439') and endswith(number,'91')", ["INV-204391"]),
        ("contains(number,'4391')", ["INV-204391"]),
        ("number eq 'INV-2043?1' and number eq '*91'", ["INV-204391"]),
        ("number eq 'INV-204391' or number eq 'INV-204395'", ["INV-204391", "INV-204395"]),
        ("(number eq 'INV-204391')", ["INV-204391"]),
        ("totalAmountIncludingTax eq 4218.60 and number eq 'INV-2043*'", ["INV-204391"]),
        ("tolower(customerPurchaseOrderReference) eq 'po-77191'", ["INV-204391"]),
    ],
)  # fmt: skip
def test_filters_choose(books: Books, filter_: str, wanted: list[str]) -> None:
    assert numbers(books, f"$filter={filter_}&$select=number") == wanted


def test_or_on_two_fields_is_not_supported(books: Books) -> None:
    answer = books.ask("GET", "salesInvoices?$filter=number eq 'A' or status eq 'Open'")
    assert answer.status_code == 501
    assert "'OR' operator is not supported on distinct fields" in message_of(answer)


@pytest.mark.parametrize(
    "ignored", ["number in ('C-10482','C-10519')", "defaultDimensions/any(d: d/code eq 'A')"]
)
def test_in_and_lambda_are_silently_ignored(books: Books, ignored: str) -> None:
    assert len(books.get(f"customers?$filter={ignored}")["value"]) >= 24


@pytest.mark.parametrize("name", ["remainingAmount", "currencyCode"])
def test_page_variables_can_be_selected_but_not_filtered_or_sorted(books: Books, name: str) -> None:
    assert name in books.get(f"salesInvoices?$top=1&$select={name}")["value"][0]
    value = "0" if name == "remainingAmount" else "'USD'"
    assert books.ask("GET", f"salesInvoices?$filter={name} eq {value}").status_code == 400
    assert books.ask("GET", f"salesInvoices?$orderby={name}").status_code == 400


@pytest.mark.parametrize(
    "filter_",
    ["nothing eq 1", "number eq 5", "status eq 'Ajar'", "number eq", "customerId eq 'x'", "((("],
)
def test_a_filter_that_makes_no_sense_is_400(books: Books, filter_: str) -> None:
    assert books.ask("GET", f"salesInvoices?$filter={filter_}").status_code == 400


def test_pages_follow_each_other_without_gap_or_double(books: Books) -> None:
    query = f"salesInvoices?$filter={HOTEL}&$orderby=lastModifiedDateTime&$select=number"
    pages = all_pages(books, query, 7)
    found = [each["number"] for page in pages for each in page]
    assert {len(page) for page in pages[:-1]} == {7}
    assert sorted(found) == sorted(numbers(books, f"$filter={HOTEL}&$select=number"))
    assert len(found) == len(set(found))


def test_pages_in_falling_and_mixed_order_follow_each_other(books: Books) -> None:
    query = f"salesInvoices?$filter={HOTEL}&$orderby=status desc,dueDate&$select=status,dueDate"
    rows = [each for page in all_pages(books, query, 9) for each in page]
    assert len(rows) >= 98
    places = [each["status"] for each in rows]
    assert places == sorted(places, reverse=True)
    open_days = [each["dueDate"] for each in rows if each["status"] == "Open"]
    assert open_days == sorted(open_days)


def test_a_page_stays_right_when_rows_come_in_between(books: Books) -> None:
    query = f"{books.company}/customers?$orderby=number&$select=number"
    first = books.http.get(query, headers={"Prefer": "odata.maxpagesize=3"}).json()
    books.customer(number="A-FIRST")
    second = books.http.get(first["@odata.nextLink"]).json()["value"]
    assert second[0]["number"] > first["value"][-1]["number"]


def test_the_next_link_is_absolute_and_never_comes_with_top(books: Books) -> None:
    wish = {"Prefer": "odata.maxpagesize=2"}
    link = books.get("customers", **wish)["@odata.nextLink"]
    assert urlsplit(link).netloc == urlsplit(books.root).netloc
    assert "@odata.nextLink" not in books.get("customers?$top=5", **wish)
    assert len(books.get("customers?$top=5", **wish)["value"]) == 2


@pytest.mark.parametrize("token", ["bm90aGluZw", "W10", "W1sxXSwgMV0", "W3t9LCAxXQ", "x"])
def test_a_skip_token_that_is_not_ours_is_refused(books: Books, token: str) -> None:
    answer = books.ask("GET", f"customers?$skiptoken={token}")
    assert error_of(answer) == (400, "SkipTokenIsNoLongerValid")


def test_count_comes_inside_and_alone(books: Books) -> None:
    inside = books.get(f"salesInvoices?$filter={HOTEL}&$count=true&$top=1")["@odata.count"]
    alone = books.ask("GET", f"salesInvoices/$count?$filter={HOTEL}").text
    assert inside == int(alone) == len(numbers(books, f"$filter={HOTEL}"))


def test_skip_leaves_out_the_first(books: Books) -> None:
    every = numbers(books, f"$filter={HOTEL}&$select=number")
    assert numbers(books, f"$filter={HOTEL}&$select=number&$skip=2&$top=3") == every[2:5]


def test_expand_shows_lines_and_parents_with_their_own_options(books: Books) -> None:
    invoice = books.only(
        "salesInvoices?$filter=number eq 'INV-204391'&$select=number&$expand="
        "salesInvoiceLines($select=sequence,netAmount;$orderby=sequence desc;$top=2),"
        "customer($select=number;$expand=paymentTerm($select=code))"
    )
    assert [line["sequence"] for line in invoice["salesInvoiceLines"]] == [60000, 50000]
    assert invoice["customer"]["paymentTerm"]["code"] == "NET30"
    assert "id" not in invoice


def test_a_single_part_is_named_in_the_singular(books: Books) -> None:
    hotel = books.only("customers?$filter=number eq 'C-10482'&$expand=customerFinancialDetail")
    assert hotel["customerFinancialDetail"]["balance"] == hotel["balanceDue"]
    plural = books.ask("GET", "customers?$expand=customerFinancialDetails")
    assert error_of(plural) == (400, "BadRequest")


def test_lines_need_their_invoice(books: Books) -> None:
    assert error_of(books.ask("GET", "salesInvoiceLines"))[1] == "Application_DialogException"
    invoice = books.only("salesInvoices?$filter=number eq 'INV-204391'")
    nested = books.get(f"salesInvoices({invoice['id']})/salesInvoiceLines")["value"]
    filtered = books.get(f"salesInvoiceLines?$filter=documentId eq {invoice['id']}")["value"]
    assert nested == filtered
    assert len(nested) == 6
    total = sum(line["netAmountIncludingTax"] for line in nested)
    assert total == invoice["totalAmountIncludingTax"]


def test_every_property_of_the_facts_is_there(books: Books) -> None:
    invoice = books.get("salesInvoices?$top=1")["value"][0]
    assert len(invoice) == 57
    assert invoice["promisedPayDate"] == "0001-01-01"
    assert invoice["disputeStatusId"] == "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("salesInvoice", "BadRequest_ResourceNotFound"),
        ("customers(08d6af57-da71-4448-96c8-da1964b2d200)", "Internal_RecordNotFound"),
        ("customers(12)", "BadRequest_NotFound"),
    ],
)
def test_what_is_not_there_is_404(books: Books, path: str, code: str) -> None:
    assert error_of(books.ask("GET", path)) == (404, code)


def test_an_error_ends_with_its_correlation_id(books: Books) -> None:
    message = message_of(books.ask("GET", "salesInvoice"))
    assert "  CorrelationId:  " in message
    assert message.endswith(".")


def test_both_forms_of_the_address_and_the_company_parameter_work(books: Books) -> None:
    short = books.root.replace("/contoso.example", "")
    answer = books.http.get(f"{short}/customers?company=Northwind Traders&$top=1")
    assert answer.status_code == 200
    assert books.http.get(f"{short}/customers?company=Nobody").status_code == 400


def test_the_metadata_names_every_set(books: Books) -> None:
    text = books.http.get(f"{books.root}/$metadata").text
    assert '<EntitySet Name="customerPaymentJournals"' in text


def test_the_pdf_is_a_file_that_shows_the_invoice(books: Books) -> None:
    invoice = books.only("salesInvoices?$filter=number eq 'INV-204391'")
    document = books.get(f"salesInvoices({invoice['id']})/pdfDocument")
    path = f"salesInvoices({invoice['id']})/pdfDocument/pdfDocumentContent"
    content = books.ask("GET", path).content
    assert content.startswith(b"%PDF-1.4")
    assert content.endswith(b"%%EOF\n")
    for shown in (b"INV-204391", b"Harborline Hotels", b"4,218.60", b"Arabica whole bean"):
        assert shown in content
    link = document["pdfDocumentContent@odata.mediaReadLink"]
    assert books.http.get(link).content == content
