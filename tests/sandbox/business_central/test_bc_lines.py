"""Making batches and lines: late validation, defaults, and the few checks that come early."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.business_central.bc_company import Books, error_of, message_of

TODAY = datetime.now(UTC).date().isoformat()


def lines_path(batch: Any) -> str:
    return f"customerPaymentJournals({batch['id']})/customerPayments"


def test_a_line_is_taken_though_it_cannot_be_posted(books: Books) -> None:
    invoice, stranger = books.invoice("10.00"), books.customer()
    books.pay(invoice, "10.00")
    line = books.line(books.batch(), invoice, "99", customerId=stranger["id"])
    assert line["customerNumber"] == stranger["number"]
    assert (line["appliesToInvoiceNumber"], line["amount"]) == (invoice["number"], 99)


def test_the_first_line_takes_the_work_date_and_no_number(books: Books) -> None:
    line = books.line(books.batch(), books.invoice(), "-1", documentNumber="")
    assert (line["postingDate"], line["documentNumber"], line["lineNumber"]) == (TODAY, "", 10000)


def test_a_later_line_takes_date_and_number_from_the_line_before(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice()
    books.line(batch, invoice, "-1", documentNumber="WEB-A9", postingDate="2026-01-05")
    line = books.line(batch, invoice, "-1", documentNumber="")
    assert (line["postingDate"], line["documentNumber"]) == ("2026-01-05", "WEB-A9")
    assert line["lineNumber"] == 20000


def test_another_external_number_steps_the_document_number(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice()
    books.line(batch, invoice, "-1", documentNumber="WEB-A9", externalDocumentNumber="pi_1")
    line = books.line(batch, invoice, "-1", documentNumber="", externalDocumentNumber="pi_2")
    assert line["documentNumber"] == "WEB-A10"


def test_a_line_number_can_be_used_once(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice()
    books.line(batch, invoice, "-1", lineNumber=30000)
    body = {"customerId": invoice["customerId"], "lineNumber": 30000, "amount": -1}
    answer = books.ask("POST", lines_path(batch), json=body)
    assert error_of(answer)[1] == "Internal_EntityWithSameKeyExists"
    assert len(books.get(lines_path(batch))["value"]) == 1


def test_a_batch_code_can_be_used_once_and_is_upper_case(books: Books) -> None:
    code = books.batch()["code"]
    answer = books.ask("POST", "customerPaymentJournals", json={"code": code.lower()})
    assert error_of(answer)[1] == "Internal_EntityWithSameKeyExists"


def test_an_own_id_may_be_chosen(books: Books) -> None:
    chosen = "0b7a1c52-5a4e-4d57-9f0e-5a7f6f0c9f11"
    assert books.batch(id=chosen)["id"] == chosen


@pytest.mark.parametrize("status", ["Draft", "In_x0020_Review"])
def test_a_draft_cannot_be_named_as_the_invoice(books: Books, status: str) -> None:
    query = f"salesInvoices?$filter=customerNumber eq 'C-10482' and status eq '{status}'"
    draft = books.only(query)
    body = {"customerId": draft["customerId"], "appliesToInvoiceId": draft["id"], "amount": -1}
    answer = books.ask("POST", lines_path(books.batch()), json=body)
    assert error_of(answer) == (400, "Application_DialogException")
    assert "should be the ID of an Open, Paid, Corrective" in message_of(answer)


def test_an_unknown_invoice_number_is_silently_accepted(books: Books) -> None:
    line = books.line(
        books.batch(), books.invoice(), "-1",
        appliesToInvoiceId=None, appliesToInvoiceNumber="INV-NONE",
    )  # fmt: skip
    assert line["appliesToInvoiceNumber"] == "INV-NONE"
    assert line["appliesToInvoiceId"] == "00000000-0000-0000-0000-000000000000"


def test_the_customer_comes_from_the_invoice_only_when_none_is_given(books: Books) -> None:
    invoice = books.invoice()
    line = books.line(books.batch(), invoice, "-1", customerId=None)
    assert line["customerNumber"] == invoice["billToCustomerNumber"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"customerNumber": "C-NONE"}, 'The "customerNumber" does not match'),
        ({"customerId": "0b7a1c52-5a4e-4d57-9f0e-5a7f6f0c9f00"}, 'The "customerId" does not'),
        ({"journalId": "0b7a1c52-5a4e-4d57-9f0e-5a7f6f0c9f00"}, "The Journal Id and Journal"),
    ],
)
def test_a_wrong_customer_or_journal_is_refused_at_once(
    books: Books, body: dict[str, Any], message: str
) -> None:
    answer = books.ask("POST", lines_path(books.batch()), json={"amount": -1} | body)
    assert error_of(answer) == (400, "Application_DialogException")
    assert message in message_of(answer)


def test_an_amount_is_rounded_to_the_currency_without_a_word(books: Books) -> None:
    line = books.line(books.batch(), books.invoice(), "-1.005")
    assert str(line["amount"]) == "-1.01"


@pytest.mark.parametrize("amount", [10**12, "12", True])
def test_an_amount_must_be_a_number_that_fits(books: Books, amount: object) -> None:
    answer = books.ask("POST", lines_path(books.batch()), json={"amount": amount})
    assert error_of(answer) == (400, "BadRequest")


def test_the_balancing_account_must_allow_direct_posting(books: Books) -> None:
    body = {"code": "NODIRECT", "balancingAccountId": books.account("1310")["id"]}
    answer = books.ask("POST", "customerPaymentJournals", json=body)
    assert "Direct Posting must be equal to 'Yes'" in message_of(answer)


def test_the_flat_collection_of_lines_answers_400(books: Books) -> None:
    answer = books.ask("GET", "customerPayments")
    assert error_of(answer) == (400, "Application_DialogException")


def test_a_line_can_be_changed_but_not_moved(books: Books) -> None:
    batch, other = books.batch(), books.batch()
    line = books.line(batch, books.invoice(), "-1")
    path = f"{lines_path(batch)}({line['id']})"
    changed = books.ask("PATCH", path, json={"amount": -2}, headers={"If-Match": "*"})
    assert (changed.status_code, changed.json()["amount"]) == (200, -2)
    moved = books.ask("PATCH", path, json={"journalId": other["id"]}, headers={"If-Match": "*"})
    assert "The Journal Id cannot be changed." in message_of(moved)


def test_a_cash_receipt_batch_is_found_in_journals_by_id_only(books: Books) -> None:
    batch = books.batch()
    assert books.get(f"journals({batch['id']})")["templateDisplayName"] == "CASHRCPT"
    listed = {each["code"] for each in books.get("journals")["value"]}
    assert batch["code"] not in listed
    asked = books.get("journals?$filter=templateDisplayName eq 'CASHRCPT'")["value"]
    assert batch["code"] in {each["code"] for each in asked}


def test_deleting_a_batch_deletes_its_lines(books: Books) -> None:
    batch = books.batch()
    line = books.line(batch, books.invoice(), "-1")
    assert books.ask("DELETE", f"customerPaymentJournals({batch['id']})").status_code == 204
    assert books.ask("GET", f"customerPayments({line['id']})").status_code == 404
