"""Early-payment discount at the moment of posting: never taken, or lost, without a word."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from quittance.core.money import Money
from quittance.payments.checkout import start_payment
from quittance.payments.models import Payment
from quittance.payments.orders import OrderLine
from quittance.posting.models import ErpPosting
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from tests.ground import HARBORLINE, Ground
from tests.posting.rows import adds_up, allocations, captured, lines, posting_of, replaced


def _discounted(ground: Ground) -> Invoice:
    """An invoice of 1,000 on which 20 may be taken off for ten days."""
    made = ground.world.clerk("invoice", customer=HARBORLINE, amount="1000.00", terms="2%10N30")
    return ground.read(made["id"])


def _pay(ground: Ground, invoice: Invoice, amount_minor: int, *, discount: int) -> Payment:
    line = OrderLine(invoice.pk, Money(amount_minor, "USD"), discount_minor=discount)
    order = replace(ground.order((invoice, "1.00")), lines=[line])
    return start_payment(order, key=str(uuid.uuid4()))


def test_what_is_paid_in_time_less_the_discount_closes_the_invoice(ground: Ground) -> None:
    invoice = _discounted(ground)
    payment = captured(ground, _pay(ground, invoice, 98_000, discount=2_000))

    payment = ground.advance(payment)

    assert posting_of(payment).remark == ""
    assert ground.read(invoice.erp_id).erp_status == "paid"
    assert allocations(payment) == [(invoice.number, 98_000, "reflected")]


def test_money_that_came_after_the_discounts_day_leaves_it_open_and_says_so(
    ground: Ground,
) -> None:
    invoice = _discounted(ground)
    payment = captured(ground, _pay(ground, invoice, 98_000, discount=2_000))
    assert invoice.discount_until is not None
    with writing():  # a bank debit that took its time
        ErpPosting.objects.filter(source_id=payment.pk).update(
            posting_date=invoice.discount_until + timedelta(days=1)
        )

    payment = ground.advance(payment)

    posting = posting_of(payment)
    assert posting.status == ErpPosting.Status.CONFIRMED
    assert "took off 20.00 USD for paying early" in posting.remark
    assert "20.00 USD stays open" in posting.remark
    assert ground.read(invoice.erp_id).open_minor == 2_000
    with reading():
        assert payment.allocations.get().discount_missed


def test_a_full_payment_in_time_leaves_the_discount_on_account_openly(ground: Ground) -> None:
    invoice = _discounted(ground)
    with writing():  # the discount came into being after the payer had confirmed
        Invoice.objects.filter(pk=invoice.pk).update(discount_minor=0, discount_until=None)
    payment = captured(ground, _pay(ground, invoice, 100_000, discount=0))

    payment = ground.advance(payment)

    posting = posting_of(payment)
    assert lines(posting) == [(invoice.number, 98_000), ("", 2_000)]
    assert len(replaced(payment)) == 1
    assert "takes off 20.00 USD for paying early" in posting.remark
    assert ground.read(invoice.erp_id).erp_status == "paid"
    assert (ground.again(payment).on_account_minor, adds_up(payment)) == (2_000, True)


@pytest.mark.parametrize("amount_minor", [97_999, 50_000])
def test_a_part_payment_is_posted_as_it_is_and_earns_no_discount(
    ground: Ground, amount_minor: int
) -> None:
    invoice = _discounted(ground)
    payment = captured(ground, _pay(ground, invoice, amount_minor, discount=0))

    payment = ground.advance(payment)

    assert lines(posting_of(payment)) == [(invoice.number, amount_minor)]
    assert ground.read(invoice.erp_id).open_minor == 100_000 - amount_minor
