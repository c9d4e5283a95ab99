"""What a clerk takes back: applications, payments, and what the books say of it afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.business_central.bc_company import Books

TODAY = datetime.now(UTC).date()


def moment(row: dict[str, Any]) -> datetime:
    """When a row was changed; as text a moment has no fixed number of decimals."""
    return datetime.fromisoformat(row["lastModifiedDateTime"])


def booked(books: Books, number: str) -> dict[str, Decimal]:
    """What a document moved on each account, debit above zero."""
    found: dict[str, Decimal] = {}
    for entry in books.get(f"generalLedgerEntries?$filter=documentNumber eq '{number}'")["value"]:
        moved = entry["debitAmount"] - entry["creditAmount"]
        found[entry["accountNumber"]] = found.get(entry["accountNumber"], Decimal(0)) + moved
    return found


def refusal(books: Books, act: str, **given: Any) -> str:
    answer = books.control.post(f"/clerk/{act}", json=given)
    assert answer.status_code == 400, answer.text
    return str(answer.json()["error"])


def test_a_reversed_payment_leaves_nothing_and_the_invoice_is_open_again(books: Books) -> None:
    invoice = books.invoice("250.00")
    number = books.pay(invoice, "250.00")
    paid = books.again(invoice)

    assert books.clerk("reverse-payment", document=number)["reversed"] == 1

    after = books.again(invoice)
    assert (after["status"], after["remainingAmount"]) == ("Open", 250)
    assert after["@odata.etag"] != paid["@odata.etag"]
    assert moment(after) > moment(paid)
    assert booked(books, number) == {"1310": 0, "2910": 0}
    assert [entry["remainingAmount"] for entry in books.ledger(number)] == ["0", "0"]


def test_a_reversal_keeps_number_and_posting_date_and_stands_below_zero(books: Books) -> None:
    invoice = books.invoice("80.00", date=(TODAY - timedelta(days=9)).isoformat())
    day = (TODAY - timedelta(days=4)).isoformat()
    number = books.pay(invoice, "80.00", postingDate=day)
    books.clerk("reverse-payment", document=number)

    entries = books.get(f"generalLedgerEntries?$filter=documentNumber eq '{number}'")["value"]
    assert {entry["postingDate"] for entry in entries} == {day}
    debits = [entry["debitAmount"] for entry in entries if entry["accountNumber"] == "2910"]
    assert debits == [80, -80]


def test_unapplying_alone_moves_nothing_in_the_general_ledger(books: Books) -> None:
    invoice = books.invoice("90.00")
    number = books.pay(invoice, "60.00")
    before = booked(books, number)

    books.clerk("reverse-payment", document=number, unapply_only=True)

    assert booked(books, number) == before
    assert books.again(invoice)["remainingAmount"] == 90
    (entry,) = books.ledger(number)
    assert (entry["open"], entry["remainingAmount"]) == (True, "-60")


def test_unapplying_gives_the_discount_back(books: Books) -> None:
    invoice = books.invoice("1000.00", terms="2%10N30")
    number = books.pay(invoice, "980.00")

    books.clerk("unapply", document=number)

    (entry,) = books.ledger(invoice["number"])
    assert (entry["open"], entry["remainingAmount"]) == (True, "1000")
    assert entry["remainingDiscountPossible"] == "20"
    assert booked(books, number)["4910"] == 0


def test_the_latest_application_is_undone_first(books: Books) -> None:
    invoice = books.invoice("100.00")
    first, second = books.pay(invoice, "30.00"), books.pay(invoice, "30.00")
    assert "you must first unapply" in refusal(books, "unapply", document=first)
    books.clerk("unapply", document=second)
    books.clerk("unapply", document=first)
    assert books.again(invoice)["remainingAmount"] == 100


def test_a_payment_is_reversed_once(books: Books) -> None:
    number = books.pay(books.invoice("50.00"), "50.00")
    books.clerk("reverse-payment", document=number)
    assert "already been involved" in refusal(books, "reverse-payment", document=number)


def test_one_of_two_invoices_is_unapplied(books: Books) -> None:
    customer = books.customer()["number"]
    first, second = books.invoice("10.00", customer), books.invoice("20.00", customer)
    batch = books.batch()
    books.line(batch, first, "-10", documentNumber="WEB-PAIR", lineNumber=10_000)
    books.line(batch, second, "-20", documentNumber="WEB-PAIR", lineNumber=20_000)
    assert books.post_batch(batch).status_code == 204

    books.clerk("unapply", document="WEB-PAIR", invoice=second["number"])

    assert books.again(first)["status"] == "Paid"
    assert books.again(second)["remainingAmount"] == 20


def test_a_refund_uses_up_what_is_open_of_a_payment(books: Books) -> None:
    customer = books.customer()["number"]
    number = books.pay(books.invoice("40.00", customer), "100.00")

    books.clerk("refund", customer=customer, amount="60.00", document="R-1", applies_to=number)

    assert booked(books, "R-1") == {"1310": 60, "2910": -60}
    assert [entry["open"] for entry in (*books.ledger(number), *books.ledger("R-1"))] == [False] * 2


def test_a_refund_that_names_nothing_stays_open(books: Books) -> None:
    customer = books.customer()["number"]
    books.clerk("refund", customer=customer, amount="60.00", document="R-2")
    (entry,) = books.ledger("R-2")
    assert (entry["open"], entry["remainingAmount"]) == (True, "60")


def test_a_credit_memo_is_applied_in_parts(books: Books) -> None:
    customer = books.customer()["number"]
    invoice = books.invoice("100.00", customer)
    credit = books.clerk("credit-memo", customer=customer, amount="80.00")["number"]

    books.clerk("apply-credit", credit=credit, invoice=invoice["number"], amount="30.00")
    assert books.again(invoice)["remainingAmount"] == 70
    assert "with so much" in refusal(
        books, "apply-credit", credit=credit, invoice=invoice["number"], amount="50.01"
    )
    books.clerk("apply-credit", credit=credit, invoice=invoice["number"])
    assert books.again(invoice)["remainingAmount"] == 20
    assert [entry["open"] for entry in books.ledger(credit)] == [False]


def test_a_clerk_edits_and_deletes_unposted_lines(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice()
    number = books.line(batch, invoice, "-10", lineNumber=10_000)["documentNumber"]
    path = f"customerPaymentJournals({batch['id']})/customerPayments"

    books.clerk("edit-draft", document=number, line=10_000, amount="12.00")
    assert books.only(path)["amount"] == -12
    assert books.clerk("delete-draft", document=number)["deleted"] == 1
    assert books.get(path)["value"] == []
    assert "no such unposted line" in refusal(books, "delete-draft", document=number)


# Microsoft's table of payment discount and tolerance, the rows that need neither tolerance nor
# grace: invoice 1,000, discount 20 until the tenth day. Days late; paid; left on the invoice.
@pytest.mark.parametrize(
    ("day", "paid", "left"),
    [
        (10, "980.00", 0),  # row 2
        (11, "1000.00", 0),  # row 5B
        (21, "1000.00", 0),  # row 11
        (21, "985.00", 15),  # row 13
        (21, "980.00", 20),  # row 14
        (21, "975.00", 25),  # row 15
    ],
)
def test_discounts_are_taken_as_in_microsofts_table(
    books: Books, day: int, paid: str, left: int
) -> None:
    issued = (TODAY - timedelta(days=day)).isoformat()
    invoice = books.invoice("1000.00", terms="2%10N30", date=issued)
    (entry,) = books.ledger(books.pay(invoice, paid, postingDate=TODAY.isoformat()))
    assert books.again(invoice)["remainingAmount"] == left
    assert entry["remainingAmount"] == "0"
