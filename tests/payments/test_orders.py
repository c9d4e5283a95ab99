"""What may be paid, and what is refused before anybody outside is asked."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import CurrencyMismatch, Money
from quittance.payments.checkout import start_payment
from quittance.payments.models import Payment
from quittance.payments.orders import (
    AmountNotOwed,
    EmptyOrder,
    IdempotencyConflict,
    InvoiceNotPayable,
    OrderLine,
    PaymentOrder,
    Suspended,
)
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from tests.ground import ALPINE, EVENTS, Ground
from tests.payments.rows import in_flight, payments_of


@pytest.mark.failure("F01", "F02")
def test_a_second_click_with_one_key_pays_once_and_returns_the_first(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    key = str(uuid.uuid4())

    first = ground.pay((invoice, "100.00"), key=key)
    second = ground.pay((invoice, "100.00"), key=key)

    assert second.pk == first.pk
    assert len(payments_of(invoice)) == 1


@pytest.mark.failure("F02")
@pytest.mark.parametrize("change", ["amount", "method", "invoice"])
def test_one_key_with_other_content_is_a_conflict(ground: Ground, change: str) -> None:
    invoice = ground.bill("100.00")
    key = str(uuid.uuid4())
    ground.pay((invoice, "40.00"), key=key)
    other = {
        "amount": lambda: ground.order((invoice, "41.00")),
        "method": lambda: ground.order((invoice, "40.00"), method="bank_debit"),
        "invoice": lambda: ground.order((ground.bill("40.00"), "40.00")),
    }[change]()

    with pytest.raises(IdempotencyConflict):
        start_payment(other, key=key)

    assert in_flight(invoice) == 4000


@pytest.mark.parametrize("amount", ["0", "-1.00"])
def test_an_amount_must_be_above_zero(ground: Ground, amount: str) -> None:
    invoice = ground.bill("100.00")

    with pytest.raises(EmptyOrder):
        ground.pay((invoice, amount))

    assert payments_of(invoice) == []


def test_more_than_is_open_is_refused_with_the_open_amount(ground: Ground) -> None:
    invoice = ground.bill("100.00")

    with pytest.raises(AmountNotOwed, match=r"100\.00 USD is open"):
        ground.pay((invoice, "100.01"))

    assert payments_of(invoice) == []


@pytest.mark.failure("F03")
def test_a_second_payer_is_told_that_another_payment_is_under_way(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    ground.pay((invoice, "60.00"))

    with pytest.raises(AmountNotOwed, match=r"under way, so 40\.00 USD of it can be paid now"):
        ground.pay((invoice, "60.00"))

    assert in_flight(invoice) == 6000


def test_the_rest_of_an_invoice_can_be_paid_while_a_part_is_under_way(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    ground.pay((invoice, "60.00"))

    ground.pay((invoice, "40.00"))

    assert in_flight(invoice) == 10000


@pytest.mark.failure("F03")
def test_what_was_captured_stays_reserved_until_the_mirror_shows_it(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    ground.world.erp_fault("POST", "status", status=503, times=50)
    ground.on_page(payment)
    ground.advance(payment)

    with pytest.raises(AmountNotOwed):
        ground.pay((invoice, "100.00"))

    assert ground.again(payment).status == "succeeded"


def test_another_customers_invoice_is_as_unknown_as_none(ground: Ground) -> None:
    own, other = ground.bill("100.00"), ground.bill("100.00", customer=EVENTS)
    order = ground.order((own, "10.00"))
    order.lines.append(OrderLine(other.pk, Money(1000, other.currency)))

    with pytest.raises(InvoiceNotPayable) as refused:
        start_payment(order, key=str(uuid.uuid4()))

    assert refused.value.facts["invoice"] == str(other.pk)
    assert payments_of(own) == []


def test_an_unknown_invoice_is_refused(ground: Ground) -> None:
    order = ground.order((ground.bill("100.00"), "10.00"))
    order.lines[:] = [OrderLine(uuid.uuid4(), Money(1000, "USD"))]

    with pytest.raises(InvoiceNotPayable):
        start_payment(order, key=str(uuid.uuid4()))


@pytest.mark.failure("F08")
def test_a_paid_invoice_is_refused(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    ground.world.clerk("post-payment", invoice=invoice.number)
    ground.read(invoice.erp_id)

    with pytest.raises(InvoiceNotPayable, match="Nothing is open"):
        ground.pay((invoice, "1.00"))


@pytest.mark.failure("F08")
def test_a_cancelled_invoice_is_refused(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    ground.world.clerk("cancel-invoice", invoice=invoice.number)
    ground.read(invoice.erp_id)

    with pytest.raises(InvoiceNotPayable):
        ground.pay((invoice, "1.00"))


@pytest.mark.failure("F09")
def test_one_payment_has_one_currency(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    order = ground.order((invoice, "10.00"))
    order.lines.append(OrderLine(ground.bill("5.00").pk, Money(500, "EUR")))

    with pytest.raises(CurrencyMismatch):
        start_payment(order, key=str(uuid.uuid4()))

    assert payments_of(invoice) == []


@pytest.mark.failure("F09")
def test_an_amount_in_another_currency_than_the_invoices_is_refused(ground: Ground) -> None:
    invoice = ground.bill("100.00", customer=ALPINE)
    assert invoice.currency != "USD"
    order = ground.order((invoice, "10.00"))
    lines = [OrderLine(invoice.pk, Money(1000, "USD"))]

    with pytest.raises(CurrencyMismatch):
        start_payment(_with(order, currency="USD", lines=lines), key=str(uuid.uuid4()))


def test_an_invoice_stands_only_once_in_a_payment(ground: Ground) -> None:
    invoice = ground.bill("100.00")

    with pytest.raises(EmptyOrder, match="twice"):
        ground.pay((invoice, "10.00"), (invoice, "20.00"))


def test_an_order_without_lines_is_refused(ground: Ground) -> None:
    order = _with(ground.order((ground.bill("1.00"), "1.00")), lines=[])

    with pytest.raises(EmptyOrder):
        start_payment(order, key=str(uuid.uuid4()))


def test_a_payment_is_the_sum_of_its_parts(ground: Ground) -> None:
    first, second = ground.bill("100.00"), ground.bill("33.33")

    payment = ground.pay((first, "12.34"), (second, "33.33"))

    assert payment.amount == Money(4567, "USD")
    assert (in_flight(first), in_flight(second)) == (1234, 3333)


def test_a_buyer_of_one_account_cannot_pay_for_another(ground: Ground) -> None:
    invoice = ground.bill("100.00", customer=EVENTS)

    with narrowed_to([ground.account().pk]), pytest.raises(InvoiceNotPayable):
        ground.pay((invoice, "100.00"))

    assert payments_of(invoice) == []


def test_a_buyer_pays_an_invoice_of_their_own_account(ground: Ground) -> None:
    invoice = ground.bill("100.00")

    with narrowed_to([ground.account().pk]):
        payment = ground.pay((invoice, "100.00"))
        with reading():
            assert Payment.objects.count() == 1

    assert payment.status == "in_flight"


@pytest.mark.failure("F58")
def test_a_suspended_organization_begins_nothing_and_ends_what_is_under_way(
    ground: Ground,
) -> None:
    first, second = ground.bill("100.00"), ground.bill("50.00")
    payment = ground.pay((first, "100.00"), key="first")
    with writing():
        Organization.objects.update(suspended_at=clock.now())

    with pytest.raises(Suspended):
        ground.pay((second, "50.00"))
    ground.on_page(payment)
    ground.advance(payment)

    assert ground.pay((first, "100.00"), key="first").status == "succeeded"
    assert ground.read(first.erp_id).erp_status == "paid"


def test_a_refusal_is_a_broken_rule_whose_words_may_be_shown(ground: Ground) -> None:
    with pytest.raises(RuleBroken) as refused:
        ground.pay((ground.bill("5.00"), "6.00"))

    assert "Nothing was charged" in str(refused.value)


def _with(order: PaymentOrder, **changes: Any) -> PaymentOrder:
    return replace(order, **changes)
