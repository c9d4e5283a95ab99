"""A payment for several customer accounts: each account's books get their own posting."""

from __future__ import annotations

import uuid
from dataclasses import replace

from quittance.core.money import Money
from quittance.payments.checkout import start_payment
from quittance.payments.models import Payment
from quittance.payments.orders import OrderLine
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from tests.ground import EVENTS, HARBORLINE, Ground
from tests.payments.backwards import refund
from tests.posting.rows import adds_up, in_the_erp, lines, postings_of


def _paid(ground: Ground, *invoices: Invoice, fee_minor: int = 0) -> Payment:
    first = invoices[0]
    order = replace(
        ground.order((first, "1.00")),
        other_account_ids={each.customer_account_id for each in invoices[1:]}
        - {first.customer_account_id},
        lines=[OrderLine(each.pk, each.open_amount) for each in invoices],
        fee_minor=fee_minor,
    )
    payment = start_payment(order, key=str(uuid.uuid4()))
    ground.on_page(payment)
    return ground.advance(payment)


def _two_accounts(ground: Ground) -> tuple[Invoice, Invoice]:
    return ground.bill("60.00", customer=HARBORLINE), ground.bill("40.00", customer=EVENTS)


def test_each_account_has_a_posting_with_its_own_number_and_customer(ground: Ground) -> None:
    mine, theirs = _two_accounts(ground)

    payment = _paid(ground, mine, theirs)

    first, second = postings_of(payment)
    assert (first.document_number, second.document_number) == (
        payment.number, f"{payment.number}-2",
    )  # fmt: skip
    assert (lines(first), lines(second)) == ([(mine.number, 6000)], [(theirs.number, 4000)])
    assert len(second.document_number) <= 20
    assert (first.customer_number, second.customer_number) == (HARBORLINE, EVENTS)
    assert first.status == second.status == "confirmed"
    for invoice in (mine, theirs):
        assert ground.read(invoice.erp_id).erp_status == "paid"
    assert adds_up(payment)


def test_one_account_whose_invoice_is_closed_does_not_hold_up_the_other(ground: Ground) -> None:
    mine, theirs = _two_accounts(ground)
    order = replace(
        ground.order((mine, "60.00")),
        other_account_ids={theirs.customer_account_id},
        lines=[OrderLine(each.pk, each.open_amount) for each in (mine, theirs)],
    )
    payment = start_payment(order, key=str(uuid.uuid4()))
    ground.on_page(payment)
    ground.world.clerk("cancel-invoice", invoice=theirs.number)

    payment = ground.advance(payment)

    by_customer = {each.customer_number: each for each in postings_of(payment)}
    assert lines(by_customer[HARBORLINE]) == [(mine.number, 6000)]
    assert lines(by_customer[EVENTS]) == [("", 4000)]
    assert {each.status for each in by_customer.values()} == {"confirmed"}
    assert (payment.on_account_minor, adds_up(payment)) == (4000, True)


def test_a_refund_takes_from_the_payers_own_account_first(ground: Ground) -> None:
    mine, theirs = _two_accounts(ground)
    payment = _paid(ground, mine, theirs)

    made = refund(payment, 7500)
    ground.advance(payment)

    back = [each for each in postings_of(payment) if each.source_kind == "reversal"]
    assert [(each.document_number, each.amount_minor) for each in back] == [
        (made.number, 6000), (f"{made.number}-2", 1500),
    ]  # fmt: skip
    assert [each.reverses for each in back] == [payment.number, f"{payment.number}-2"]
    assert {each.status for each in back} == {"by_hand"}


def test_the_payers_fee_is_never_posted_nor_taken_back(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = _paid(ground, invoice, fee_minor=250)
    (posting,) = postings_of(payment)
    assert payment.amount_minor == 10250
    assert in_the_erp(ground, posting) == [Money(10000, "USD")]

    refund(payment, 10250)
    ground.advance(payment)

    _, back = postings_of(payment)
    assert back.amount_minor == 10000


def test_money_that_was_meant_for_the_account_is_a_line_without_an_invoice(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    with writing():  # as the checkout writes it down that takes money on account
        payment.allocations.update(amount_minor=7000)
        Payment.objects.filter(pk=payment.pk).update(on_account_minor=3000)
    ground.on_page(payment)

    payment = ground.advance(payment)

    (posting,) = postings_of(payment)
    assert lines(posting) == [(invoice.number, 7000), ("", 3000)]
    assert in_the_erp(ground, posting) == [Money(3000, "USD"), Money(7000, "USD")]
    assert adds_up(payment)
    with reading():
        assert Invoice.objects.get(pk=invoice.pk).open_minor == 3000
