"""The checkout before anything is promised: what stands in it, for how long, and by whose word."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial

import pytest

from quittance.core import clock
from quittance.core.errors import Misconfigured
from quittance.core.money import CurrencyMismatch, Money
from quittance.identity.models import User
from quittance.payments.baskets import (
    BasketChanged,
    MethodMissing,
    new_baskets,
    set_amounts,
    set_method,
    ways_to_pay,
)
from quittance.payments.contents import BasketGone
from quittance.payments.models import Basket
from quittance.payments.orders import AmountNotOwed, EmptyOrder, InvoiceNotPayable
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import narrowed_to, widened
from tests.ground import ALPINE, EVENTS, Ground
from tests.payments.checkouts import begin, contents, new_basket, order, ready, usd
from tests.payments.people import new_payer
from tests.payments.rows import in_flight
from tests.payments.together import all_at_once


def test_a_basket_begins_with_all_that_is_free_to_pay(ground: Ground, buyer: User) -> None:
    first, second = ground.bill("100.00"), ground.bill("33.33")
    ground.pay((first, "60.00"))

    found = contents(begin(ground, buyer, first, second))

    assert {item.invoice.pk: item.amount.minor for item in found.items} == {
        first.pk: 4000, second.pk: 3333,
    }  # fmt: skip
    assert found.total == Money(7333, "USD")


def test_a_basket_reserves_nothing(ground: Ground, buyer: User) -> None:
    invoice = ground.bill("100.00")
    begin(ground, buyer, invoice)

    assert in_flight(invoice) == 0


def test_invoices_that_cannot_be_paid_are_left_out(ground: Ground, buyer: User) -> None:
    good, taken = ground.bill("100.00"), ground.bill("50.00")
    ground.pay((taken, "50.00"))

    found = contents(begin(ground, buyer, good, taken))

    assert [item.invoice.pk for item in found.items] == [good.pk]


def test_another_customers_invoice_never_gets_into_a_basket(ground: Ground, buyer: User) -> None:
    with widened():
        others = ground.bill("100.00", customer=EVENTS)

    with pytest.raises(InvoiceNotPayable):
        begin(ground, buyer, others)
    with widened(), pytest.raises(InvoiceNotPayable):
        begin(ground, buyer, others)


def test_a_basket_of_nothing_is_refused(ground: Ground, buyer: User) -> None:
    with pytest.raises(InvoiceNotPayable):
        begin(ground, buyer)


@pytest.mark.failure("F09")
def test_a_basket_has_one_currency(ground: Ground) -> None:
    """An account may owe in two; the mirror is told so here."""
    account, invoice, other = ground.account(), ground.bill("100.00"), ground.bill("100.00")
    with writing():
        Invoice.objects.filter(pk=other.pk).update(currency="EUR")

    baskets = new_baskets(
        account_ids=[account.pk], user_id=new_payer(account.pk).pk,
        invoice_ids=[invoice.pk, other.pk],
    )  # fmt: skip

    assert [
        (basket.currency, [item.invoice.pk for item in contents(basket).items])
        for basket in baskets
    ] == [("EUR", [other.pk]), ("USD", [invoice.pk])]


def test_every_change_makes_a_new_version(ground: Ground, buyer: User) -> None:
    invoice = ground.bill("100.00")
    basket = begin(ground, buyer, invoice)

    changed = set_amounts(basket.pk, {invoice.pk: usd(5000, "in_parts")}, version=1)
    changed = set_method(basket.pk, "card", version=changed.version)

    assert (basket.version, changed.version) == (1, 3)
    (item,) = contents(basket).items
    assert (item.amount.minor, item.reason) == (5000, "in_parts")


def test_an_older_page_is_told_that_the_basket_has_changed(ground: Ground, buyer: User) -> None:
    invoice = ground.bill("100.00")
    basket = begin(ground, buyer, invoice)
    set_amounts(basket.pk, {invoice.pk: usd(5000)}, version=1)

    with pytest.raises(BasketChanged):
        set_amounts(basket.pk, {invoice.pk: usd(6000)}, version=1)
    with pytest.raises(BasketChanged):
        set_method(basket.pk, "card", version=1)

    assert contents(basket).total.minor == 5000


@pytest.mark.failure("F01")
def test_two_windows_that_change_a_basket_at_once_are_told_apart(
    ground: Ground, buyer: User
) -> None:
    invoice = ground.bill("100.00")
    basket = begin(ground, buyer, invoice)

    got = all_at_once(
        *[partial(set_amounts, basket.pk, {invoice.pk: usd(minor)}, version=1)
          for minor in (1000, 2000, 3000)]
    )  # fmt: skip

    assert sorted(type(each).__name__ for each in got) == ["Basket"] + ["BasketChanged"] * 2


def test_an_amount_of_zero_leaves_the_invoice_out(ground: Ground, buyer: User) -> None:
    first, second = ground.bill("100.00"), ground.bill("50.00")
    basket = begin(ground, buyer, first, second)

    set_amounts(basket.pk, {first.pk: usd(0)}, version=1)

    assert [item.invoice.pk for item in contents(basket).items] == [second.pk]


def test_a_basket_without_any_amount_is_refused_and_stays(ground: Ground, buyer: User) -> None:
    invoice = ground.bill("100.00")
    basket = begin(ground, buyer, invoice)

    with pytest.raises(EmptyOrder):
        set_amounts(basket.pk, {invoice.pk: usd(0)}, version=1)

    assert contents(basket).total.minor == 10000


@pytest.mark.parametrize("minor", [-1, 10001])
def test_an_amount_below_zero_or_above_what_is_free_is_refused(
    ground: Ground, buyer: User, minor: int
) -> None:
    invoice = ground.bill("100.00")
    basket = begin(ground, buyer, invoice)

    with pytest.raises(AmountNotOwed) as refused:
        set_amounts(basket.pk, {invoice.pk: usd(minor)}, version=1)

    assert refused.value.facts["invoice"] == invoice.number


@pytest.mark.failure("F09")
def test_an_amount_in_another_currency_is_refused(ground: Ground, buyer: User) -> None:
    invoice = ground.bill("100.00")
    basket = begin(ground, buyer, invoice)

    with pytest.raises(CurrencyMismatch):
        set_amounts(basket.pk, {invoice.pk: (Money(1000, "EUR"), "")}, version=1)


def test_an_amount_for_an_invoice_that_is_not_in_the_basket_changes_nothing(
    ground: Ground, buyer: User
) -> None:
    invoice, other = ground.bill("100.00"), ground.bill("50.00")
    basket = begin(ground, buyer, invoice)

    set_amounts(basket.pk, {other.pk: usd(100)}, version=1)

    assert contents(basket).total.minor == 10000


def test_a_full_amount_needs_no_reason(ground: Ground, buyer: User) -> None:
    invoice = ground.bill("100.00")
    basket = begin(ground, buyer, invoice)

    set_amounts(basket.pk, {invoice.pk: usd(10000, "damaged")}, version=1)

    assert contents(basket).items[0].reason == ""


def test_a_basket_is_gone_after_a_day(ground: Ground, buyer: User) -> None:
    basket = ready(ground, buyer, ground.bill("100.00"))
    with writing():
        Basket.objects.update(expires_at=clock.now() - timedelta(seconds=1))

    for deed in (partial(order, basket), partial(set_method, basket.pk, "card", version=2)):
        with pytest.raises(BasketGone):
            deed()


def test_an_unknown_basket_is_gone(ground: Ground, buyer: User) -> None:
    with pytest.raises(BasketGone):
        set_method(uuid.uuid4(), "card", version=1)


def test_another_customers_basket_is_gone(ground: Ground, buyer: User) -> None:
    basket = ready(ground, buyer, ground.bill("100.00"))

    with narrowed_to([uuid.uuid4()]), pytest.raises(BasketGone):
        order(basket)


@pytest.mark.parametrize("method", ["", "cheque"])
def test_a_method_that_is_not_offered_is_refused(ground: Ground, buyer: User, method: str) -> None:
    basket = begin(ground, buyer, ground.bill("100.00"))

    with pytest.raises(MethodMissing):
        set_method(basket.pk, method, version=1)


def test_the_cheapest_method_is_offered_first(ground: Ground, buyer: User) -> None:
    basket = begin(ground, buyer, ground.bill("100.00"))

    assert [way.method for way in ways_to_pay(contents(basket)).ways] == ["bank_debit", "card"]


def test_without_a_gateway_nothing_can_be_paid(ground: Ground, buyer: User) -> None:
    from quittance.connections.models import GatewayAccount

    basket = begin(ground, buyer, ground.bill("100.00"))
    with widened(), writing():
        GatewayAccount.objects.update(is_active=False)

    assert isinstance(ways_to_pay(contents(basket)).trouble, Misconfigured)


def test_accounts_of_several_currencies_pay_in_their_own(ground: Ground) -> None:
    invoice = ground.bill("100.00", customer=ALPINE)
    user = new_payer(invoice.customer_account_id)
    with narrowed_to([invoice.customer_account_id]):
        basket = new_basket(
            customer_account_id=invoice.customer_account_id, user_id=user.pk,
            invoice_ids=[invoice.pk],
        )  # fmt: skip

    assert basket.currency == invoice.currency != "USD"
