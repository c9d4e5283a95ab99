"""Discounts, credits and fees of a basket: promised on the page, checked at the last step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from quittance.core import clock
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.payments.baskets import set_amounts, set_method
from quittance.payments.checkout import start_payment
from quittance.payments.confirm import TotalChanged
from quittance.payments.contents import WITHOUT_MONEY
from quittance.payments.credits import CreditNotFree
from quittance.payments.discounts import DiscountChanged
from quittance.payments.models import Basket, FeeRule, Payment
from quittance.payments.orders import EmptyOrder
from quittance.receivables.models import Credit, Invoice
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from tests.ground import Ground
from tests.payments.checkouts import (
    begin,
    contents,
    credit_of,
    discounted,
    fee,
    order,
    pay,
    ready,
    usd,
    using,
)
from tests.payments.rows import in_flight, payments_of
from tests.payments.together import all_at_once


def bill(ground: Ground) -> Invoice:
    """An invoice of 100.00 without a discount."""
    with widened():
        return ground.bill("100.00")


def paid(ground: Ground, basket: Basket) -> Payment:
    """The buyer confirms, pays by card, and the worker goes on."""
    back = f"{ground.world.gateway.url}/pay/page.css"
    confirmed = replace(order(basket), return_url=back, cancel_url=back)
    payment = start_payment(confirmed, key=str(basket.pk))
    ground.on_page(payment)
    with widened():
        return ground.advance(payment)


def test_a_card_takes_the_discount_and_the_erp_closes_the_invoice(
    ground: Ground, buyer: User
) -> None:
    """What the screen promised is what the ERP's own ledger says."""
    invoice = discounted(ground, "1000.00")
    basket = ready(ground, buyer, invoice)
    promised = contents(basket)

    payment = paid(ground, basket)

    assert (promised.total, promised.discount) == (Money(98_000, "USD"), Money(2_000, "USD"))
    assert (payment.status, payment.amount) == ("succeeded", promised.total)
    (entry,) = ground.world.erp_ledger(payment.number)
    assert (entry["amount"], entry["remainingAmount"]) == ("-980", "0")
    with widened():
        assert ground.read(invoice.erp_id).erp_status == "paid"
    with reading():
        allocation = payment.allocations.get()
    assert (allocation.amount_minor, allocation.discount_minor) == (98_000, 2_000)


def test_a_part_payment_earns_nothing(ground: Ground, buyer: User) -> None:
    invoice = discounted(ground, "1000.00")
    basket = begin(ground, buyer, invoice)

    basket = set_amounts(basket.pk, {invoice.pk: usd(97_999)}, version=basket.version)

    found = contents(basket)
    assert (found.total.minor, found.discount.minor) == (97_999, 0)


def test_what_lies_between_the_discounted_and_the_whole_amount_pays_in_full(
    ground: Ground, buyer: User
) -> None:
    invoice = discounted(ground, "1000.00")
    basket = begin(ground, buyer, invoice)

    basket = set_amounts(basket.pk, {invoice.pk: usd(98_001, "price")}, version=basket.version)

    (item,) = contents(basket).items
    assert (item.amount.minor, item.money.minor, item.reason) == (100_000, 98_000, "")


def test_a_debit_that_may_come_too_late_is_not_promised_the_discount(
    ground: Ground, buyer: User
) -> None:
    invoice = discounted(ground, "1000.00", days_ago=9)
    basket = begin(ground, buyer, invoice)
    basket = set_method(basket.pk, "bank_debit", version=basket.version)

    found = contents(basket)

    assert (found.discount.minor, found.total.minor) == (0, 98_000)
    assert found.items[0].part.kept_back_minor == 2_000
    assert found.paid_by("card").discount.minor == 2_000
    assert order(basket).lines[0].discount_minor == 0


def test_a_debit_in_good_time_is_promised_it(ground: Ground, buyer: User) -> None:
    basket = begin(ground, buyer, discounted(ground, "1000.00"))
    basket = set_method(basket.pk, "bank_debit", version=basket.version)

    assert contents(basket).discount.minor == 2_000


def test_after_its_day_there_is_no_discount(ground: Ground, buyer: User) -> None:
    found = contents(ready(ground, buyer, discounted(ground, "1000.00", days_ago=11)))

    assert (found.discount.minor, found.total.minor) == (0, 100_000)


@pytest.mark.failure("F03")
def test_beside_another_payment_the_discount_is_neither_promised_nor_charged(
    ground: Ground, buyer: User
) -> None:
    invoice = discounted(ground, "1000.00")
    ground.pay((invoice, "400.00"))

    found = contents(ready(ground, buyer, invoice))

    assert (found.discount.minor, found.total.minor) == (0, 58_000)


@pytest.mark.failure("F55", "F07")
def test_when_the_day_turns_between_the_page_and_the_button_the_buyer_confirms_anew(
    ground: Ground, buyer: User
) -> None:
    """The legal entity moves far enough west to east that its day is over."""
    with widened(), writing():
        LegalEntity.objects.update(zone="Pacific/Pago_Pago")
    behind = clock.today("America/Los_Angeles") - clock.today("Pacific/Pago_Pago")
    invoice = discounted(ground, "1000.00", days_ago=10 + behind.days)
    assert invoice.discount_until == clock.today("Pacific/Pago_Pago")
    basket = ready(ground, buyer, invoice)
    seal = contents(basket).seal
    with widened(), writing():
        LegalEntity.objects.update(zone="Pacific/Kiritimati")

    with pytest.raises(TotalChanged, match=r"You would pay 1000\.00 USD now"):
        order(basket, seal=seal)

    assert in_flight(invoice) == 0


@pytest.mark.failure("F07")
def test_a_discount_that_the_erp_has_taken_back_is_confirmed_anew(
    ground: Ground, buyer: User
) -> None:
    invoice = bill(ground)
    with widened(), writing():  # what the mirror believed when the page was shown
        Invoice.objects.filter(pk=invoice.pk).update(
            discount_minor=200, discount_until=clock.today("UTC") + timedelta(days=5)
        )
    basket = ready(ground, buyer, invoice)
    shown = contents(basket)

    with pytest.raises(TotalChanged):
        order(basket, seal=shown.seal)

    assert shown.total.minor == 9_800
    assert contents(basket).total.minor == 10_000
    assert order(basket, seal=contents(basket).seal).total.minor == 10_000


@pytest.mark.failure("F45")
def test_a_credit_that_a_clerk_used_meanwhile_is_confirmed_anew(
    ground: Ground, buyer: User
) -> None:
    credit, invoice = credit_of(ground, "40.00"), bill(ground)
    other = bill(ground)
    basket = using(ready(ground, buyer, invoice), (credit, 4000))
    seal = contents(basket).seal
    ground.world.clerk("apply-credit", credit=credit.number, invoice=other.number)

    with pytest.raises(TotalChanged, match=r"You would pay 100\.00 USD now"):
        order(basket, seal=seal)

    assert payments_of(invoice) == []


def test_a_page_that_still_holds_is_taken_as_it_was(ground: Ground, buyer: User) -> None:
    credit, invoice = credit_of(ground, "40.00"), discounted(ground, "1000.00")
    fee(ground)
    basket = using(ready(ground, buyer, invoice, bill(ground)), (credit, 4000))
    shown = contents(basket)

    confirmed = order(basket, seal=shown.seal)

    assert confirmed.total == shown.total == Money(98_000 + 6_000 + 2_600, "USD")


def test_a_credit_is_used_only_if_the_buyer_chose_it(ground: Ground, buyer: User) -> None:
    credit, invoice = credit_of(ground, "40.00"), bill(ground)
    basket = ready(ground, buyer, invoice)

    none = contents(basket)
    some = contents(using(basket, (credit, 1500)))

    assert credit.pk in {offer.found.credit.pk for offer in none.offers}
    assert (none.credit.minor, none.total.minor) == (0, 10_000)
    assert (some.credit.minor, some.total.minor) == (1500, 8_500)


@pytest.mark.parametrize("minor", [-1, 4001])
def test_more_of_a_credit_than_is_free_cannot_be_chosen(
    ground: Ground, buyer: User, minor: int
) -> None:
    credit, invoice = credit_of(ground, "40.00"), bill(ground)

    with pytest.raises(CreditNotFree, match=credit.number):
        using(ready(ground, buyer, invoice), (credit, minor))


def test_a_credit_of_others_cannot_be_chosen(ground: Ground, buyer: User) -> None:
    others, invoice = credit_of(ground, customer="C-10519"), bill(ground)

    basket = using(ready(ground, buyer, invoice), (others, 4000))

    assert contents(basket).credit.minor == 0


def test_credits_that_cover_all_need_no_method_and_no_gateway(ground: Ground, buyer: User) -> None:
    credit, invoice = credit_of(ground, "100.00"), bill(ground)
    fee(ground)
    basket = using(begin(ground, buyer, invoice), (credit, 10_000))
    method = contents(basket).method

    payment = pay(basket)

    assert method == WITHOUT_MONEY
    assert (payment.status, payment.amount_minor, payment.fee_minor) == ("succeeded", 0, 0)
    assert in_flight(invoice) == 10_000
    assert pay(basket).pk == payment.pk


def test_a_fee_is_a_part_of_the_payment_and_of_no_invoice(ground: Ground, buyer: User) -> None:
    invoice = bill(ground)
    fee(ground)
    basket = ready(ground, buyer, invoice)

    payment = paid(ground, basket)

    assert (payment.amount_minor, payment.fee_minor) == (10_250, 250)
    assert in_flight(invoice) == 0  # the mirror shows it
    assert [entry["amount"] for entry in ground.world.erp_ledger(payment.number)] == ["-100"]
    (charge,) = ground.world.gateway_ledger(f"{payment.pk}:1")
    assert charge["gross_minor"] == 10_250


@pytest.mark.parametrize(
    ("facts", "minor"),
    [
        ({}, 250),
        ({"method": "bank_debit"}, 0),
        ({"currency": "EUR"}, 0),
        ({"at_most_minor": 100}, 100),
        ({"basis_points": 0, "fixed_minor": 30}, 30),
        ({"valid_from": clock.today("UTC") + timedelta(days=2)}, 0),
        ({"valid_until": clock.today("UTC") - timedelta(days=2)}, 0),
    ],
)
def test_a_fee_is_taken_only_where_a_rule_of_the_day_says_so(
    ground: Ground, buyer: User, facts: dict[str, object], minor: int
) -> None:
    fee(ground, **facts)

    assert contents(ready(ground, buyer, bill(ground))).fee.minor == minor


def test_of_two_rules_the_newer_one_counts(ground: Ground, buyer: User) -> None:
    fee(ground, valid_from=clock.today("UTC") - timedelta(days=30))
    fee(ground, basis_points=100)

    assert contents(ready(ground, buyer, bill(ground))).fee.minor == 100


@pytest.mark.failure("F07")
def test_a_fee_that_came_meanwhile_is_confirmed_anew(ground: Ground, buyer: User) -> None:
    basket = ready(ground, buyer, bill(ground))
    seal = contents(basket).seal
    fee(ground)

    with pytest.raises(TotalChanged, match=r"You would pay 102\.50 USD now"):
        order(basket, seal=seal)

    with widened(), writing():
        FeeRule.objects.update(valid_until=clock.today("UTC") - timedelta(days=2))
    assert order(basket, seal=seal).fee_minor == 0


def test_a_payment_without_money_has_no_fee(ground: Ground) -> None:
    invoice = bill(ground)
    confirmed = ground.order((invoice, "100.00"))
    free = replace(confirmed.lines[0], amount=Money(0, "USD"))

    with pytest.raises(EmptyOrder):
        start_payment(replace(confirmed, lines=[free], fee_minor=100), key="fee only")


@pytest.mark.parametrize(
    ("money", "discount"), [("1000.00", 0), ("980.01", 0), ("979.00", 2_000), ("980.00", 1_999)]
)
def test_no_order_passes_that_the_erp_would_settle_otherwise(
    ground: Ground, money: str, discount: int
) -> None:
    """Whoever makes an order, the checkout or another: the trap of the full amount stays shut."""
    invoice = discounted(ground, "1000.00")
    confirmed = ground.order((invoice, money))
    line = replace(confirmed.lines[0], discount_minor=discount)

    with pytest.raises(DiscountChanged):
        start_payment(replace(confirmed, lines=[line]), key="trap")

    assert in_flight(invoice) == 0


def test_a_discount_where_the_erp_has_none_is_refused(ground: Ground) -> None:
    confirmed = ground.order((bill(ground), "98.00"))
    line = replace(confirmed.lines[0], discount_minor=200)

    with pytest.raises(DiscountChanged):
        start_payment(replace(confirmed, lines=[line]), key="none")


@pytest.mark.failure("F01")
def test_many_clicks_on_a_basket_with_everything_in_it_are_one_payment(
    ground: Ground, buyer: User
) -> None:
    credit = credit_of(ground, "40.00")
    fee(ground)
    basket = ready(ground, buyer, discounted(ground, "1000.00"), bill(ground))
    basket = using(basket, (credit, 4000))

    got = all_at_once(*[partial(pay, basket)] * 6)

    assert len({getattr(each, "pk", each) for each in got}) == 1
    with reading():
        payment = Payment.objects.get()
        parts = list(payment.allocations.all())
    assert payment.amount_minor == sum(each.amount_minor for each in parts) + payment.fee_minor
    with widened(), reading():
        assert Credit.objects.get(pk=credit.pk).open_minor == 4000
