"""What people trip over with the real service, and other mocks had wrong (facts, section 6)."""

from __future__ import annotations

import pytest

from tests.sandbox.business_central.bc_company import Books, error_of, message_of


@pytest.mark.parametrize("path", ["customerPayment", "customer", "salesInvoice", "payments"])
def test_an_entity_name_is_no_set_name(books: Books, path: str) -> None:
    """Number 1: POST on the singular is 404."""
    answer = books.ask("POST", path, json={"amount": -1})
    assert error_of(answer) == (404, "BadRequest_ResourceNotFound")
    assert message_of(answer).startswith(f"Resource not found for the segment '{path}'.")


def test_a_second_question_mark_spoils_the_companys_name(books: Books) -> None:
    """Section 3.1: ``?company=X?$filter=`` is one long name."""
    answer = books.http.get(
        f"{books.root}/customers?company=Northwind Traders?$filter=number eq 'X'"
    )
    assert answer.status_code == 400
    assert message_of(answer).startswith("The supplied company name is not valid.")


@pytest.mark.parametrize("wish", ["return=minimal", "return-no-content"])
def test_a_change_answers_with_the_record_whatever_is_preferred(books: Books, wish: str) -> None:
    """Number 15."""
    customer = books.customer()
    answer = books.ask(
        "PATCH",
        f"customers({customer['id']})",
        json={"city": "Tacoma"},
        headers={"If-Match": customer["@odata.etag"], "Prefer": wish},
    )
    assert (answer.status_code, answer.json()["city"]) == (200, "Tacoma")


def test_the_samples_positive_amount_is_taken_and_cannot_be_posted(books: Books) -> None:
    """Section 0, fact 4: the documentation's own sample."""
    batch, invoice = books.batch(), books.invoice()
    assert books.line(batch, invoice, "10")["amount"] == 10
    assert "Amount must be negative" in message_of(books.post_batch(batch))


def test_a_posted_payment_is_nowhere_in_the_payments(books: Books) -> None:
    """Number 7: there is no posted-payment entity; the general ledger is all that is left."""
    batch, invoice = books.batch(), books.invoice()
    line = books.line(batch, invoice, "-10")
    assert books.post_batch(batch).status_code == 204
    path = f"customerPaymentJournals({batch['id']})/customerPayments"
    assert books.get(path)["value"] == []
    assert books.ask("GET", f"{path}({line['id']})").status_code == 404
    number = line["documentNumber"]
    assert books.get(f"generalLedgerEntries?$filter=documentNumber eq '{number}'")["value"]


def test_a_payment_takes_only_an_invoice_not_a_refund_nor_a_credit_memo(books: Books) -> None:
    """Section 2.8: the line's type and what it applies to are fixed."""
    batch, invoice = books.batch(), books.invoice()
    path = f"customerPaymentJournals({batch['id']})/customerPayments"
    for name in ("documentType", "currencyCode", "paymentReference", "appliesToId"):
        body = {"customerId": invoice["customerId"], "amount": -1, name: "X"}
        answer = books.ask("POST", path, json=body)
        assert error_of(answer) == (400, "BadRequest")
        assert f"The property '{name}' does not exist" in message_of(answer)


def test_an_earlier_payment_date_than_the_invoices_passes(books: Books) -> None:
    """Section 2.6: the number is assigned, not validated [inf]."""
    invoice = books.invoice("10.00")
    books.pay(invoice, "10.00", postingDate="2020-01-31")
    assert books.again(invoice)["status"] == "Paid"
