"""Journals as a company may have set them up: approval, job queue, batch names, other people."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.business_central.bc_company import Books, error_of, message_of

TODAY = datetime.now(UTC).date()


def wait_until(true: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 20
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(true())


def lines_of(books: Books, batch: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = books.get(
        f"customerPaymentJournals({batch['id']})/customerPayments"
    )["value"]
    return found


@pytest.fixture
def clock(books: Books) -> Iterator[Callable[[float], None]]:
    def move(seconds: float) -> None:
        books.control.post("/clock", json={"seconds": seconds})

    yield move
    move(0)


# An approval workflow


def test_a_workflow_holds_the_lines_until_they_are_approved(switches: Books) -> None:
    switches.switch(journal_approval=True)
    batch, invoice = switches.batch(), switches.invoice("30.00")
    line = switches.line(batch, invoice, "-30")
    refused = switches.post_batch(batch)
    assert error_of(refused) == (400, "Application_DialogException")
    assert "requires approval" in message_of(refused)
    assert [each["id"] for each in lines_of(switches, batch)] == [line["id"]]

    switches.clerk("approve-batch", batch=batch["code"])
    assert switches.post_batch(batch).status_code == 204
    assert switches.again(invoice)["status"] == "Paid"


def test_a_changed_line_needs_approval_again(switches: Books) -> None:
    switches.switch(journal_approval=True)
    batch, invoice = switches.batch(), switches.invoice("30.00")
    line = switches.line(batch, invoice, "-30")
    switches.clerk("approve-batch", batch=batch["code"])
    path = f"customerPaymentJournals({batch['id']})/customerPayments({line['id']})"
    changed = switches.ask("PATCH", path, json={"amount": -20}, headers={"If-Match": "*"})
    assert changed.status_code == 200
    assert switches.post_batch(batch).status_code == 400


# Post with Job Queue


def test_the_job_queue_says_204_before_anything_is_posted(
    switches: Books, clock: Callable[[float], None]
) -> None:
    switches.switch(post_with_job_queue=True, job_queue_seconds=600)
    batch, invoice = switches.batch(), switches.invoice("30.00")
    number = switches.line(batch, invoice, "-30")["documentNumber"]
    assert switches.post_batch(batch).status_code == 204
    assert switches.post_batch(batch).status_code == 204  # not asked for twice
    assert switches.ledger(number) == []
    assert len(lines_of(switches, batch)) == 1

    clock(601)
    assert wait_until(lambda: switches.again(invoice)["status"] == "Paid")
    assert len(switches.ledger(number)) == 1
    assert lines_of(switches, batch) == []


def test_a_job_that_fails_leaves_its_lines_and_an_error(switches: Books) -> None:
    switches.switch(post_with_job_queue=True)
    batch, right, wrong = switches.batch(), switches.invoice("30.00"), switches.invoice("40.00")
    switches.line(batch, right, "-30", documentNumber="WEB-JOB-RIGHT")
    switches.line(batch, wrong, "40", documentNumber="WEB-JOB-WRONG")
    assert switches.post_batch(batch).status_code == 204

    def jobs() -> dict[str, str]:
        found = switches.control.get("/jobs").json()["jobs"]
        return {each["documentNumber"]: each["status"] for each in found}

    assert wait_until(lambda: jobs().get("WEB-JOB-WRONG") == "Error")
    assert wait_until(lambda: jobs().get("WEB-JOB-RIGHT") == "Finished")
    # One job for each document number: the batch is no longer posted as a whole or not at all.
    assert switches.again(right)["status"] == "Paid"
    assert [each["documentNumber"] for each in lines_of(switches, batch)] == ["WEB-JOB-WRONG"]


# Names and numbers of batches


def test_a_batch_name_with_a_number_is_counted_on_and_gets_a_new_id(switches: Books) -> None:
    switches.switch(increment_batch_name=True)
    batch, invoice = switches.batch(code="PORTAL009"), switches.invoice("30.00")
    switches.line(batch, invoice, "-30")
    assert switches.post_batch(batch).status_code == 204
    assert switches.ask("GET", f"journals({batch['id']})").status_code == 404
    (next_one,) = switches.get("customerPaymentJournals?$filter=code eq 'PORTAL010'")["value"]
    assert next_one["id"] != batch["id"]
    assert next_one["balancingAccountNumber"] == batch["balancingAccountNumber"]


def test_a_batch_name_of_letters_stays(switches: Books) -> None:
    switches.switch(increment_batch_name=True)
    batch, invoice = switches.batch(), switches.invoice("30.00")
    switches.line(batch, invoice, "-30")
    assert switches.post_batch(batch).status_code == 204
    assert switches.ask("GET", f"journals({batch['id']})").status_code == 200


def test_a_posting_series_replaces_the_number_that_was_sent(switches: Books) -> None:
    batch, invoice = switches.batch(), switches.invoice("30.00")
    switches.clerk("batch-setup", batch=batch["code"], posting_no_series="PCR")
    sent = switches.line(batch, invoice, "-30")["documentNumber"]
    assert switches.post_batch(batch).status_code == 204
    assert switches.ledger(sent) == []
    (entry,) = switches.ledger("PCR000001")
    assert entry["details"][-1]["appliedDocument"] == invoice["number"]


def test_a_series_that_allows_it_takes_other_numbers(switches: Books) -> None:
    batch, invoice = switches.batch(), switches.invoice("30.00")
    switches.clerk("batch-setup", batch=batch["code"], no_series="MAN", manual_numbers=True)
    number = switches.line(batch, invoice, "-30", documentNumber="WEB-BY-HAND")["documentNumber"]
    assert switches.post_batch(batch).status_code == 204
    assert len(switches.ledger(number)) == 1


# A batch shared with a clerk


def test_a_clerks_line_is_invisible_and_posted_with_ours(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice("30.00")
    books.line(batch, invoice, "-30")
    books.clerk(
        "type-line", batch=batch["code"], kind="account", number="4010", amount="-12.50",
        document="CLERK-SHARED",
    )  # fmt: skip
    assert len(lines_of(books, batch)) == 1
    assert books.post_batch(batch).status_code == 204
    entries = books.get("generalLedgerEntries?$filter=documentNumber eq 'CLERK-SHARED'")["value"]
    booked = {each["accountNumber"]: each["debitAmount"] - each["creditAmount"] for each in entries}
    assert booked == {"4010": Decimal("-12.5"), "2910": Decimal("12.5")}


def test_a_clerks_bad_line_fails_our_post_and_his_post_takes_ours(books: Books) -> None:
    batch, invoice = books.batch(), books.invoice("30.00")
    books.line(batch, invoice, "-30")
    typed = books.clerk(
        "type-line", batch=batch["code"], kind="account", number="1310", amount="5",
        document="CLERK-BAD",
    )  # fmt: skip
    assert "Direct Posting must be equal to 'Yes'" in message_of(books.post_batch(batch))
    assert books.again(invoice)["status"] == "Open"
    assert typed["id"]
    books.clerk("delete-draft", document="CLERK-BAD")
    books.clerk("post-batch", batch=batch["code"])
    assert books.again(invoice)["status"] == "Paid"


# Force Doc. Balance


@pytest.mark.parametrize(("force", "status"), [(True, 400), (False, 204)])
def test_lines_without_balancing_account_balance_by_document_or_by_day(
    switches: Books, force: bool, status: int
) -> None:
    switches.switch(force_doc_balance=force)
    batch, invoice = switches.batch(balancingAccountId=None), switches.invoice("30.00")
    number = switches.line(batch, invoice, "-30")["documentNumber"]
    switches.clerk(
        "type-line", batch=batch["code"], kind="account", number="2910", amount="30",
        document=number,
    )  # fmt: skip
    # The types differ: ours is Payment, the other line's is blank.
    answer = switches.post_batch(batch)
    assert answer.status_code == status
    if force:
        assert "is out of balance by -30" in message_of(answer)
    else:
        assert switches.again(invoice)["status"] == "Paid"


def test_one_bank_line_may_balance_several_payments_of_its_document(books: Books) -> None:
    batch = books.batch(balancingAccountId=None)
    first, second = books.invoice("30.00"), books.invoice("20.00")
    for invoice, amount in ((first, "-30"), (second, "-20")):
        books.line(batch, invoice, amount, documentNumber="WEB-SUM")
    books.clerk(
        "type-line", batch=batch["code"], kind="bank", number="OPERATING", amount="50",
        document="WEB-SUM", type="Payment",
    )  # fmt: skip
    assert books.post_batch(batch).status_code == 204
    entries = books.get("generalLedgerEntries?$filter=documentNumber eq 'WEB-SUM'")["value"]
    assert [e["debitAmount"] for e in entries if e["accountNumber"] == "2920"] == [50]


# The General template


def general_line(books: Books, journal: Any, account: str, amount: str, **changes: Any) -> Any:
    body = {
        "accountType": "G/L Account",
        "accountId": books.account(account)["id"],
        "documentNumber": "GEN-1",
        "amount": Decimal(amount),
    }
    return books.post(f"journals({journal['id']})/journalLines", body | changes)


def test_a_general_journal_is_posted_when_it_balances(books: Books) -> None:
    journal = books.post("journals", {"code": "GENERALLY"})
    general_line(books, journal, "2910", "75")
    general_line(books, journal, "4010", "-70")
    refused = books.post_batch(journal)
    assert "is out of balance by 5" in message_of(refused)
    general_line(books, journal, "4010", "-5")
    assert books.post_batch(journal).status_code == 204
    assert booked(books, "GEN-1") == {"2910": 75, "4010": -75}
    assert books.get(f"journals({journal['id']})/journalLines")["value"] == []


def test_a_general_line_may_bring_its_own_balancing_account(books: Books) -> None:
    journal = books.post("journals", {"code": "GENOWN"})
    own = {"balancingAccountId": books.account("4010")["id"], "documentNumber": "GEN-2"}
    general_line(books, journal, "2910", "12.34", **own)
    assert books.post_batch(journal).status_code == 204
    assert booked(books, "GEN-2") == {"2910": Decimal("12.34"), "4010": Decimal("-12.34")}


# Apply to Oldest


def test_apply_to_oldest_uses_a_payment_on_account_by_due_date(books: Books) -> None:
    customer = books.customer()
    books.clerk("customer-setup", customer=customer["number"], apply_to_oldest=True)
    later = books.invoice("50.00", customer["number"], due=(TODAY + timedelta(20)).isoformat())
    sooner = books.invoice("50.00", customer["number"], due=(TODAY + timedelta(10)).isoformat())
    books.pay(sooner, "70.00", appliesToInvoiceId=None)
    assert books.again(sooner)["status"] == "Paid"
    assert books.again(later)["remainingAmount"] == 30


def test_a_manual_customer_keeps_money_on_account(books: Books) -> None:
    invoice = books.invoice("50.00", books.customer()["number"])
    (entry,) = books.ledger(books.pay(invoice, "50.00", appliesToInvoiceId=None))
    assert entry["remainingAmount"] == "-50"
    assert books.again(invoice)["status"] == "Open"


# Currencies


def euro_customer(books: Books) -> Any:
    euro = books.only("currencies?$filter=code eq 'EUR'")["id"]
    return books.customer(currencyId=euro)


def booked(books: Books, number: str) -> dict[str, Decimal]:
    entries = books.get(f"generalLedgerEntries?$filter=documentNumber eq '{number}'")["value"]
    found: dict[str, Decimal] = {}
    for each in entries:
        amount = each["debitAmount"] - each["creditAmount"]
        found[each["accountNumber"]] = found.get(each["accountNumber"], Decimal(0)) + amount
    return found


def test_a_payment_in_another_currency_needs_the_setup(switches: Books) -> None:
    invoice = switches.invoice("100.00", euro_customer(switches)["number"])
    bank = switches.clerk("batch", code="USDBANK", bank_account="STERLING")
    switches.line(bank, invoice, "-100")
    refused = switches.post_batch(bank)
    assert "must be in the same currency" in message_of(refused)

    switches.switch(appln_between_currencies=True)
    assert switches.post_batch(bank).status_code == 204
    # 100 pounds are 127 dollars, which are 117.59 euro: the rest stays on the payment.
    assert switches.again(invoice)["status"] == "Paid"


@pytest.mark.parametrize(
    ("rate", "account", "difference"), [("3.30", "8310", -5), ("3.20", "8320", 5)]
)
def test_a_rate_that_moved_is_a_realised_gain_or_loss(
    switches: Books, rate: str, account: str, difference: int
) -> None:
    switches.switch(appln_between_currencies=True)
    dinar = switches.only("currencies?$filter=code eq 'KWD'")["id"]
    customer = switches.customer(currencyId=dinar)["number"]
    invoice = switches.invoice("100.00", customer, date=(TODAY - timedelta(9)).isoformat())
    switches.clerk("exchange-rate", currency="KWD", rate=rate, date=TODAY.isoformat())

    number = switches.pay(invoice, "100.00", postingDate=TODAY.isoformat())

    assert switches.again(invoice)["status"] == "Paid"
    found = booked(switches, number)
    assert found["2910"] == 325 - difference
    assert found["1310"] == -325  # what the invoice had put there
    assert found[account] == difference
    (owed,) = switches.ledger(invoice["number"])
    assert sum(Decimal(each["amountLCY"]) for each in owed["details"]) == 0

    switches.clerk("unapply", document=number)
    assert booked(switches, number)[account] == 0
    (owed,) = switches.ledger(invoice["number"])
    assert sum(Decimal(each["amountLCY"]) for each in owed["details"]) == 325


def test_a_switch_that_does_not_exist_is_told(books: Books) -> None:
    answer = books.control.post("/company/switches", json={"gravity": False})
    assert answer.status_code == 400
    assert "There is no switch 'gravity'" in answer.json()["error"]
    wrong = books.control.post("/company/switches", json={"journal_approval": "perhaps"})
    assert wrong.status_code == 400
