"""Posting a journal: every line or none, and what the books say after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.sandbox.business_central.bc_company import Books, error_of, message_of

TODAY = datetime.now(UTC).date()


def refused(books: Books, batch: Any) -> httpx.Response:
    """Post, want a refusal, and see that every line is still there."""
    lines = books.get(f"customerPaymentJournals({batch['id']})/customerPayments")["value"]
    answer = books.post_batch(batch)
    assert answer.status_code == 400
    assert books.get(f"customerPaymentJournals({batch['id']})/customerPayments")["value"] == lines
    for line in lines:
        assert books.ledger(line["documentNumber"]) == []
    return answer


def test_a_full_payment_closes_the_invoice_and_moves_its_tag(books: Books) -> None:
    invoice = books.invoice("250.00")
    books.pay(invoice, "250.00")
    after = books.again(invoice)
    assert (after["status"], after["remainingAmount"]) == ("Paid", 0)
    assert after["@odata.etag"] != invoice["@odata.etag"]
    # Trailing zeros are dropped, so the texts do not sort like the moments.
    before, since = (
        datetime.fromisoformat(each["lastModifiedDateTime"]) for each in (invoice, after)
    )
    assert since > before


def test_a_part_payment_moves_neither_the_date_nor_the_tag(books: Books) -> None:
    invoice = books.invoice("250.00")
    books.pay(invoice, "100.05")
    after = books.again(invoice)
    assert after["remainingAmount"] == Decimal("149.95")
    assert after == invoice | {"remainingAmount": after["remainingAmount"]}


def test_a_payment_books_receivables_against_the_balancing_account(books: Books) -> None:
    number = books.pay(books.invoice("80.00"), "30.00")
    entries = books.get(f"generalLedgerEntries?$filter=documentNumber eq '{number}'")["value"]
    booked = {e["accountNumber"]: e["debitAmount"] - e["creditAmount"] for e in entries}
    assert booked == {"1310": -30, "2910": 30}
    assert {entry["documentType"] for entry in entries} == {"Payment"}


def test_three_lines_pay_three_invoices_under_one_document_number(books: Books) -> None:
    customer = books.customer()["number"]
    invoices = [books.invoice(amount, customer) for amount in ("10.00", "20.00", "30.00")]
    batch = books.batch()
    for place, invoice in enumerate(invoices, start=1):
        amount = f"-{place * 10 - (5 if place == 3 else 0)}"
        books.line(batch, invoice, amount, documentNumber="WEB-THREE", lineNumber=place * 10_000)
    assert books.post_batch(batch).status_code == 204
    seen = [(each["status"], each["remainingAmount"]) for each in map(books.again, invoices)]
    assert seen == [("Paid", 0), ("Paid", 0), ("Open", 5)]
    applied = [each["details"][-1]["appliedDocument"] for each in books.ledger("WEB-THREE")]
    assert applied == [invoice["number"] for invoice in invoices]


def test_posted_lines_vanish_and_an_empty_line_takes_the_first_number(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice()
    books.line(batch, invoice, "-10", lineNumber=10_000)
    assert books.post_batch(batch).status_code == 204
    path = f"customerPaymentJournals({batch['id']})/customerPayments"
    assert books.get(path)["value"] == []
    body = {"customerId": invoice["customerId"], "amount": -1, "lineNumber": 10_000}
    assert error_of(books.ask("POST", path, json=body))[1] == "Internal_EntityWithSameKeyExists"


def test_posting_again_answers_204_and_posts_nothing(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice()
    number = books.line(batch, invoice, "-10")["documentNumber"]
    assert [books.post_batch(batch).status_code for _ in range(2)] == [204, 204]
    assert len(books.ledger(number)) == 1


def test_a_batch_without_any_line_has_nothing_to_post(books: Books) -> None:
    answer = books.post_batch(books.batch())
    assert error_of(answer) == (400, "Application_DialogException")
    assert message_of(answer).startswith("There is nothing to post.")


def test_the_name_of_the_action_is_not_case_sensitive(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice("5.00")
    books.line(batch, invoice, "-5")
    answer = books.ask("POST", f"journals({batch['id']})/microsoft.nav.POST")
    assert answer.status_code == 204
    assert books.again(invoice)["status"] == "Paid"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amount": 10}, "Amount must be negative"),
        ({"amount": 0}, "Amount must have a value"),
        ({"documentNumber": ""}, "Document No. must have a value"),
        ({"customerId": "00000000-0000-0000-0000-000000000000", "appliesToInvoiceId": None},
         "Account No. must have a value"),
    ],
)  # fmt: skip
def test_a_line_that_lacks_something_is_refused_at_posting(
    books: Books, changes: dict[str, Any], message: str
) -> None:
    batch, invoice = books.batch(), books.invoice()
    books.line(batch, invoice, "-10", **changes)
    answer = books.post_batch(batch)
    assert error_of(answer) == (400, "Application_FieldValidationException")
    assert message in message_of(answer)


def test_a_batch_without_balancing_account_is_out_of_balance(books: Books) -> None:
    batch, invoice = books.batch(balancingAccountId=None), books.invoice()
    books.line(batch, invoice, "-10")
    assert "is out of balance by -10" in message_of(refused(books, batch))


def test_one_bad_line_keeps_the_whole_batch(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice()
    books.line(batch, invoice, "-10")
    books.line(batch, invoice, "10")
    refused(books, batch)
    assert books.again(invoice)["remainingAmount"] == invoice["remainingAmount"]


def paid_invoice(books: Books) -> dict[str, Any]:
    invoice: dict[str, Any] = books.invoice("15.00")
    books.pay(invoice, "15.00")
    return {"appliesToInvoiceId": invoice["id"]}


def unknown_number(_books: Books) -> dict[str, Any]:
    return {"appliesToInvoiceId": None, "appliesToInvoiceNumber": "INV-NONE"}


def another_customer(books: Books) -> dict[str, Any]:
    return {"customerId": books.customer()["id"]}


@pytest.mark.parametrize("mistake", [paid_invoice, unknown_number, another_customer])
def test_three_mistakes_share_one_error_at_posting(books: Books, mistake: Any) -> None:
    batch, invoice = books.batch(), books.invoice()
    books.line(batch, invoice, "-10", **mistake(books))
    answer = refused(books, batch)
    assert error_of(answer) == (400, "Internal_DataNotFoundFilter")
    assert "There is no Cust. Ledger Entry within the filter." in message_of(answer)


def test_the_second_line_of_a_closed_invoice_fails_the_batch(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice("20.00")
    books.line(batch, invoice, "-20")
    books.line(batch, invoice, "-1")
    assert error_of(refused(books, batch))[1] == "Internal_DataNotFoundFilter"


def test_the_second_line_applies_to_what_the_first_left(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice("20.00")
    books.line(batch, invoice, "-15")
    books.line(batch, invoice, "-5")
    assert books.post_batch(batch).status_code == 204
    assert books.again(invoice)["status"] == "Paid"


def test_an_overpayment_leaves_an_open_unapplied_payment(books: Books) -> None:
    invoice = books.invoice("60.00")
    (entry,) = books.ledger(books.pay(invoice, "75.00"))
    assert books.again(invoice)["status"] == "Paid"
    assert (entry["open"], entry["remainingAmount"]) == (True, "-15")


def test_a_line_without_an_invoice_is_money_on_account(books: Books) -> None:
    invoice = books.invoice()
    (entry,) = books.ledger(books.pay(invoice, "25.00", appliesToInvoiceId=None))
    assert (entry["open"], entry["remainingAmount"]) == (True, "-25")
    assert books.again(invoice)["remainingAmount"] == invoice["remainingAmount"]


def test_the_same_document_number_may_be_posted_twice(books: Books) -> None:
    invoice = books.invoice()
    for _ in range(2):
        books.pay(invoice, "10.00", documentNumber="WEB-TWICE")
    assert len(books.ledger("WEB-TWICE")) == 2


def test_an_early_payment_takes_the_discount_by_itself(books: Books) -> None:
    invoice = books.invoice("1000.00", terms="2%10N30")
    number = books.pay(invoice, "980.00")
    assert books.again(invoice)["status"] == "Paid"
    entries = books.get(f"generalLedgerEntries?$filter=documentNumber eq '{number}'")["value"]
    assert sum(e["debitAmount"] - e["creditAmount"] for e in entries) == 0
    assert sum(e["debitAmount"] for e in entries if e["accountNumber"] == "4910") == 20


def test_a_payment_below_the_discounted_amount_is_a_part_payment(books: Books) -> None:
    invoice = books.invoice("1000.00", terms="2%10N30")
    books.pay(invoice, "979.99")
    assert books.again(invoice)["remainingAmount"] == Decimal("20.01")


def test_the_full_amount_in_time_leaves_the_discount_on_the_payment(books: Books) -> None:
    invoice = books.invoice("1000.00", terms="2%10N30")
    (entry,) = books.ledger(books.pay(invoice, "1000.00"))
    assert books.again(invoice)["status"] == "Paid"
    assert entry["remainingAmount"] == "-20"


@pytest.mark.parametrize(("days", "status"), [(10, "Paid"), (11, "Open")])
def test_the_discount_ends_with_its_last_day(books: Books, days: int, status: str) -> None:
    issued = TODAY - timedelta(days=days)
    invoice = books.invoice("1000.00", terms="2%10N30", date=issued.isoformat())
    books.pay(invoice, "980.00", postingDate=TODAY.isoformat())
    assert books.again(invoice)["status"] == status


def test_a_date_outside_the_posting_range_is_refused(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice()
    books.line(batch, invoice, "-10", postingDate=(TODAY - timedelta(days=40)).isoformat())
    books.clerk("posting-range", **{"from": (TODAY - timedelta(days=30)).isoformat()})
    try:
        assert "range of allowed posting dates" in message_of(refused(books, batch))
    finally:
        books.clerk("posting-range")


@pytest.mark.parametrize(("blocked", "status"), [("Ship", 204), ("Invoice", 204), ("All", 400)])
def test_only_a_customer_blocked_for_all_cannot_pay(
    books: Books, blocked: str, status: int
) -> None:
    customer = books.customer()["number"]
    batch, invoice = books.batch(), books.invoice("10.00", customer)
    books.line(batch, invoice, "-10")
    books.clerk("block-customer", customer=customer, blocked=blocked)
    assert books.post_batch(batch).status_code == status


def test_a_foreign_payment_is_booked_in_local_currency(books: Books) -> None:
    invoice = books.invoice("100.00", "C-20077")
    number = books.pay(invoice, "100.00")
    entries = books.get(f"generalLedgerEntries?$filter=documentNumber eq '{number}'")["value"]
    assert invoice["currencyCode"] == "EUR"
    assert {entry["debitAmount"] + entry["creditAmount"] for entry in entries} == {108}


def test_a_line_takes_the_customers_currency_never_the_invoices(books: Books) -> None:
    euro = books.only("currencies?$filter=code eq 'EUR'")["id"]
    customer = books.customer()
    invoice = books.invoice("100.00", customer["number"])
    changed = books.ask(
        "PATCH",
        f"customers({customer['id']})",
        json={"currencyId": euro},
        headers={"If-Match": "*"},
    )
    assert changed.json()["currencyCode"] == "EUR"
    batch = books.batch()
    books.line(batch, invoice, "-100")
    assert "must be in the same currency" in message_of(refused(books, batch))


def test_a_bank_account_gives_the_line_its_currency(books: Books) -> None:
    euro = books.invoice("100.00", "C-20077")
    dollar = books.invoice("100.00")
    bank = books.only("customerPaymentJournals?$filter=code eq 'BANKEUR'")
    assert bank["balancingAccountNumber"] == "EURO"
    assert bank["balancingAccountId"] == "00000000-0000-0000-0000-000000000000"
    books.line(bank, euro, "-100")
    assert books.post_batch(bank).status_code == 204
    line = books.line(bank, dollar, "-100")
    assert "must be in the same currency" in message_of(refused(books, bank))
    path = f"customerPaymentJournals({bank['id']})/customerPayments({line['id']})"
    assert books.ask("DELETE", path).status_code == 204


def test_a_number_series_wants_its_own_next_number(books: Books) -> None:
    made = books.clerk("batch", code="SERIES", bank_account="OPERATING", no_series="CR")
    invoice = books.invoice()
    path = f"customerPaymentJournals({made['id']})/customerPayments"
    line = books.line(made, invoice, "-10", documentNumber="WEB-OWN")
    assert "You may not enter numbers manually" in message_of(books.post_batch(made))
    assert books.ask("DELETE", f"{path}({line['id']})").status_code == 204
    right = books.line(made, invoice, "-10", documentNumber="")
    assert right["documentNumber"] == "CR000001"
    assert books.post_batch(made).status_code == 204


def test_a_minor_unit_of_three_digits_survives(books: Books) -> None:
    invoice = books.invoice("10.000", "C-50003")
    books.pay(invoice, "3.337")
    assert books.again(invoice)["remainingAmount"] == Decimal("6.663")


def test_a_cancelled_invoice_owes_nothing_and_cannot_be_paid(books: Books) -> None:
    invoice, batch = books.invoice("40.00"), books.batch()
    books.line(batch, invoice, "-40")
    books.clerk("cancel-invoice", invoice=invoice["number"])
    after = books.again(invoice)
    assert (after["status"], after["remainingAmount"]) == ("Canceled", 0)
    assert error_of(refused(books, batch))[1] == "Internal_DataNotFoundFilter"


def test_the_clerks_payment_shows_like_any_other(books: Books) -> None:
    invoice = books.invoice("40.00")
    books.clerk("post-payment", invoice=invoice["number"], amount="15.50")
    assert books.again(invoice)["remainingAmount"] == Decimal("24.5")
