"""The published customer ledger page: open credit and discounts, exactly as the entries say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from quittance.core.errors import Misconfigured, Refused
from quittance.core.money import Money
from quittance.erp.base import CreditKind, InvoiceRecord, ReportsCredits
from quittance.erp.business_central import limits
from quittance.erp.contract import all_of, instruction_for
from quittance.erp.contract_by_hand import post
from tests.erp.stage import SandboxStage

SERVICE = "Cust_LedgerEntries"
ALPINE, TREY = "C-20077", "C-10218"


@pytest.fixture
def stage(business_central: SandboxStage) -> Iterator[SandboxStage]:
    yield business_central
    business_central.control("POST", "/ledger-service", {"name": SERVICE})


def customer_id(stage: SandboxStage, number: str) -> str:
    return next(each.erp_id for each in stage.customers() if each.number == number)


def credits_of(stage: SandboxStage, *numbers: str) -> dict[str, tuple[str, str, str]]:
    assert isinstance(stage.erp, ReportsCredits)
    found = stage.erp.open_credits([customer_id(stage, number) for number in numbers])
    return {each.number: (each.kind, str(each.total), str(each.open)) for each in found}


def reads_of(stage: SandboxStage, counted: str = "ODataV4") -> int:
    counts = stage.control("GET", "/requests")
    return sum(count for name, count in counts.items() if counted in name)


def test_open_credit_of_several_customers_in_their_own_currencies(stage: SandboxStage) -> None:
    found = credits_of(stage, ALPINE, TREY)
    assert found["CM-1190"] == (CreditKind.CREDIT_NOTE, "148.20 EUR", "148.20 EUR")
    assert (CreditKind.PAYMENT, "500.00 USD", "500.00 USD") in found.values()


def test_too_much_paid_is_open_credit(stage: SandboxStage) -> None:
    (invoice,) = stage.open_invoices(1)
    more = invoice.open + Money(999, "USD")
    payment = instruction_for([invoice], today=stage.today, amounts=[more])
    stage.erp.post_draft(stage.erp.draft_payment(payment, again=False))
    credit = credits_of(stage, stage.customer_number)[payment.document_number]
    assert credit == (CreditKind.PAYMENT, str(more), "9.99 USD")


def test_the_full_amount_in_time_leaves_the_discount_as_credit(stage: SandboxStage) -> None:
    invoice = stage.discounted_invoice()
    payment = post(stage, [invoice])
    credit = credits_of(stage, stage.customer_number)[payment.document_number]
    assert credit[2] == str(invoice.discount)


def test_a_refund_that_is_open_is_no_credit(stage: SandboxStage) -> None:
    stage.clerk("refund", customer=stage.customer_number, amount="12.00", document="R-OPEN")
    assert "R-OPEN" not in credits_of(stage, stage.customer_number)


def test_without_the_setting_there_are_neither_credits_nor_discounts(stage: SandboxStage) -> None:
    invoice = stage.discounted_invoice()
    stage.control("DELETE", "/requests")
    plain = stage.open(ledger_service="")
    assert isinstance(plain, ReportsCredits)

    assert plain.open_credits([invoice.customer_erp_id]) == []
    (read,) = plain.read_invoices([invoice.erp_id])
    assert (read.discount, read.discount_until) == (None, None)
    assert reads_of(stage) == 0


def test_every_reading_tells_the_same_discount_without_a_request_for_each(
    stage: SandboxStage,
) -> None:
    made = [stage.discounted_invoice() for _ in range(3)]
    assert {(each.discount, each.discount_until) for each in made} == {
        (Money(2000, "USD"), stage.today + timedelta(days=10))
    }
    stage.control("DELETE", "/requests")

    open_now, changed = all_of(stage.erp.open_invoices)[0], all_of(stage.erp.invoices)[0]

    assert len(open_now) > limits.NUMBERS_ONE_BY_ONE  # all at once
    assert reads_of(stage) == 2
    for found in (open_now, changed):
        by_id = {each.erp_id: each for each in found}
        told = [(by_id[one.erp_id].discount, by_id[one.erp_id].discount_until) for one in made]
        assert told == [(one.discount, one.discount_until) for one in made]


def test_few_invoices_are_asked_for_by_number(stage: SandboxStage) -> None:
    made = [stage.discounted_invoice() for _ in range(3)]
    stage.control("DELETE", "/requests")
    read = stage.erp.read_invoices([each.erp_id for each in made])
    assert [each.discount for each in read] == [each.discount for each in made]
    assert reads_of(stage) == 1


def test_a_part_payment_leaves_the_discount_and_the_closing_one_takes_it(
    stage: SandboxStage,
) -> None:
    invoice = stage.discounted_invoice()
    part = Money(10_000, "USD")
    for amount, left, discount in (
        (part, invoice.open - part, invoice.discount),
        (Money(88_000, "USD"), Money(0, "USD"), None),
    ):
        payment = instruction_for([invoice], today=stage.today, amounts=[amount])
        stage.erp.post_draft(stage.erp.draft_payment(payment, again=False))
        (now,) = stage.erp.read_invoices([invoice.erp_id])
        assert (now.open, now.discount) == (left, discount)


@pytest.mark.parametrize(("days", "is_told"), [(10, True), (11, True), (12, False), (25, False)])
def test_a_discount_that_is_over_everywhere_is_not_told(
    stage: SandboxStage, days: int, is_told: bool
) -> None:
    issued = stage.today - timedelta(days=days)
    invoice = stage.discounted_invoice(date=issued.isoformat())
    assert invoice.discount_until == (issued + timedelta(days=10) if is_told else None)
    assert (invoice.discount is not None) is is_told


def test_a_discount_in_another_currency_is_in_it(stage: SandboxStage) -> None:
    invoice = stage.discounted_invoice(customer=ALPINE)
    assert invoice.discount == Money(2000, "EUR")


def test_money_taken_back_brings_the_discount_back(stage: SandboxStage) -> None:
    invoice = stage.discounted_invoice()
    assert invoice.discount is not None
    payment = instruction_for(
        [invoice], today=stage.today, amounts=[invoice.open - invoice.discount]
    )
    stage.erp.post_draft(stage.erp.draft_payment(payment, again=False))
    stage.reverse_by_hand(payment.document_number)

    (after,) = stage.erp.read_invoices([invoice.erp_id])
    assert money_of(after) == money_of(invoice)


def money_of(invoice: InvoiceRecord) -> tuple[Money, Money | None]:
    return invoice.open, invoice.discount


def test_a_check_reads_the_page_when_it_is_named(stage: SandboxStage) -> None:
    stage.control("DELETE", "/requests")
    assert stage.erp.check() == "Northwind Traders"
    assert reads_of(stage) == 1


def test_a_check_explains_a_service_that_is_not_there(stage: SandboxStage) -> None:
    erp = stage.open(ledger_service="CustomerLedger")
    with pytest.raises(Misconfigured, match="page Web Services, publish Object Type Page") as told:
        erp.check()
    assert told.value.facts["field"] == "ledger_service"
    assert "CustomerLedger" in str(told.value)


def test_a_page_that_is_published_no_more_stops_the_reading(stage: SandboxStage) -> None:
    invoice = stage.discounted_invoice()
    stage.control("POST", "/ledger-service", {"name": ""})
    with pytest.raises(Misconfigured) as told:
        stage.erp.read_invoices([invoice.erp_id])
    assert told.value.facts["field"] == "ledger_service"


def test_a_check_explains_a_missing_right(stage: SandboxStage) -> None:
    stage.fault("GET .*ODataV4", kind="status", status=403)
    with pytest.raises(Misconfigured, match="web service over Customer Ledger Entries") as told:
        stage.erp.check()
    assert told.value.facts["field"] == "permission"


def test_an_address_is_no_name_of_a_service(stage: SandboxStage) -> None:
    with pytest.raises(Misconfigured, match="its name, not an address"):
        stage.open(ledger_service="https://x.example/y")


def test_a_customer_nobody_has_has_no_credit(stage: SandboxStage) -> None:
    assert isinstance(stage.erp, ReportsCredits)
    assert stage.erp.open_credits(["99999999-9999-9999-9999-999999999999"]) == []
    with pytest.raises(Refused):
        stage.erp.open_credits(["nobody"])
