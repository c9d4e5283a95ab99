"""Payment discount, grace and tolerance: Microsoft's fifteen cases, and what switches change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.business_central.bc_company import Books

ISSUED = datetime.now(UTC).date() - timedelta(days=60)
# The discount of "2%10N30" ends on day 10; with five days of grace a late one ends on day 15.
IN_TIME, LAST_IN_TIME, GRACE, LAST_OF_GRACE, LATE = 5, 10, 11, 15, 16


@dataclass(frozen=True)
class Case:
    """One row of the table (features, section 5.7): 1,000 with a discount of 20, tolerance 5.

    ``tolerance`` is above zero when too little was paid. What is left is above zero on the
    invoice and below zero on the payment.
    """

    row: str
    days: tuple[int, int]
    paid: str
    discount: str = ""
    tolerance: int = 0
    left: int = 0
    late_accepted: bool = True


SOON, GRACED, TOO_LATE = (IN_TIME, LAST_IN_TIME), (GRACE, LAST_OF_GRACE), (LATE, 40)
EARLY, WAIVED = "Payment Discount", "Payment Discount Tolerance"
CASES = [
    Case("1", SOON, "985", EARLY, tolerance=-5),
    Case("2", SOON, "980", EARLY),
    Case("3", SOON, "975", EARLY, tolerance=5),
    Case("4A", GRACED, "1005", WAIVED, left=-25),
    Case("5A", GRACED, "1000", WAIVED, left=-20),
    Case("6A", GRACED, "995", WAIVED, left=-15),
    Case("4B", GRACED, "1005", tolerance=-5, late_accepted=False),
    Case("5B", GRACED, "1000", late_accepted=False),
    Case("6B", GRACED, "995", tolerance=5, late_accepted=False),
    Case("7", GRACED, "985", WAIVED, tolerance=-5),
    Case("8", GRACED, "980", WAIVED),
    Case("9", GRACED, "975", WAIVED, tolerance=5),
    Case("10", TOO_LATE, "1005", tolerance=-5),
    Case("11", TOO_LATE, "1000"),
    Case("12", TOO_LATE, "995", tolerance=5),
    Case("13", TOO_LATE, "985", left=15),
    Case("14", TOO_LATE, "980", left=20),
    Case("15", TOO_LATE, "975", left=25),
]


@pytest.fixture
def tolerant(switches: Books) -> Books:
    switches.switch(
        payment_discount_grace_days=5, payment_tolerance_percent=1, max_payment_tolerance=5
    )
    return switches


def day(number: int) -> str:
    return (ISSUED + timedelta(days=number)).isoformat()


def sums(entry: dict[str, Any]) -> dict[str, Decimal]:
    """What each kind of detail adds up to."""
    found: dict[str, Decimal] = {}
    for detail in entry["details"]:
        kind = detail["entryType"]
        found[kind] = found.get(kind, Decimal(0)) + Decimal(detail["amount"])
    return found


@pytest.mark.parametrize("which", [0, 1], ids=["first day", "last day"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.row)
def test_microsofts_table_of_fifteen_cases(tolerant: Books, case: Case, which: int) -> None:
    tolerant.switch(payment_discount_tolerance_warning=not case.late_accepted)
    invoice = tolerant.invoice("1000.00", terms="2%10N30", date=day(0))

    number = tolerant.pay(invoice, case.paid, postingDate=day(case.days[which]))

    (owed,), (paid,) = tolerant.ledger(invoice["number"]), tolerant.ledger(number)
    details = sums(owed)
    assert Decimal(owed["remainingAmount"]) == max(case.left, 0)
    assert Decimal(paid["remainingAmount"]) == min(case.left, 0)
    assert (owed["open"], paid["open"]) == (case.left > 0, case.left < 0)
    assert details.get("Payment Tolerance", 0) == -case.tolerance
    taken = {name: details[name] for name in (EARLY, WAIVED) if name in details}
    assert taken == ({case.discount: -20} if case.discount else {})
    entries = tolerant.get(f"generalLedgerEntries?$filter=documentNumber eq '{number}'")["value"]
    booked: dict[str, Decimal] = {}
    for entry in entries:
        amount = entry["debitAmount"] - entry["creditAmount"]
        booked[entry["accountNumber"]] = booked.get(entry["accountNumber"], Decimal(0)) + amount
    assert sum(booked.values()) == 0
    assert booked.get("4920", 0) == case.tolerance
    assert booked.get("4910", 0) == (20 if case.discount else 0)


def test_without_the_setup_nothing_is_tolerated(books: Books) -> None:
    invoice = books.invoice("1000.00", terms="2%10N30", date=day(0))
    books.pay(invoice, "999.99", postingDate=day(LATE))
    assert books.again(invoice)["remainingAmount"] == Decimal("0.01")


def test_a_warning_that_nobody_answers_tolerates_nothing(tolerant: Books) -> None:
    tolerant.switch(payment_tolerance_warning=True)
    invoice = tolerant.invoice("1000.00", date=day(0))
    tolerant.pay(invoice, "995.00", postingDate=day(LATE))
    assert tolerant.again(invoice)["remainingAmount"] == 5


def test_the_tolerance_is_a_share_of_the_amount_below_its_ceiling(tolerant: Books) -> None:
    small, large = tolerant.invoice("100.00"), tolerant.invoice("1000.00")
    tolerant.pay(small, "98.99")
    tolerant.pay(large, "994.99")
    again = [tolerant.again(each)["remainingAmount"] for each in (small, large)]
    assert again == [Decimal("1.01"), Decimal("5.01")]
    other = tolerant.invoice("100.00")
    tolerant.pay(other, "99.00")
    assert tolerant.again(other)["status"] == "Paid"


def test_a_customer_may_be_blocked_for_tolerance(tolerant: Books) -> None:
    customer = tolerant.customer()["number"]
    tolerant.clerk("customer-setup", customer=customer, block_tolerance=True)
    invoice = tolerant.invoice("1000.00", customer)
    tolerant.pay(invoice, "995.00")
    assert tolerant.again(invoice)["remainingAmount"] == 5


@pytest.mark.parametrize("row", ["1", "3", "8"])
def test_unapplying_gives_back_what_was_forgiven(tolerant: Books, row: str) -> None:
    case = next(each for each in CASES if each.row == row)
    invoice = tolerant.invoice("1000.00", terms="2%10N30", date=day(0))
    number = tolerant.pay(invoice, case.paid, postingDate=day(case.days[0]))
    tolerant.clerk("unapply", document=number)
    (owed,), (paid,) = tolerant.ledger(invoice["number"]), tolerant.ledger(number)
    assert (owed["remainingAmount"], paid["remainingAmount"]) == ("1000", f"-{case.paid}")
    entries = tolerant.get(f"generalLedgerEntries?$filter=documentNumber eq '{number}'")["value"]
    left = {"4910": Decimal(0), "4920": Decimal(0)}
    for entry in entries:
        if entry["accountNumber"] in left:
            left[entry["accountNumber"]] += entry["debitAmount"] - entry["creditAmount"]
    assert set(left.values()) == {Decimal(0)}


def test_page_25_shows_the_last_day_of_grace(tolerant: Books) -> None:
    invoice = tolerant.invoice("1000.00", terms="2%10N30", date=day(0))
    plain = tolerant.invoice("1000.00", date=day(0))
    root = tolerant.root.removesuffix("/api/v2.0")
    service = f"{root}/ODataV4/Company('Northwind Traders')/Cust_LedgerEntries"

    def dates(number: str) -> tuple[str, str]:
        answer = tolerant.http.get(f"{service}?$filter=Document_No eq '{number}'")
        (entry,) = answer.json()["value"]
        return entry["Pmt_Discount_Date"], entry["Pmt_Disc_Tolerance_Date"]

    assert dates(invoice["number"]) == (day(LAST_IN_TIME), day(LAST_OF_GRACE))
    assert dates(plain["number"]) == ("0001-01-01", "0001-01-01")
