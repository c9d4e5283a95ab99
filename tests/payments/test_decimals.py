"""Currencies without decimals and with three: all the way to the gateway and the ERP, and back."""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal

import pytest

from quittance.core.money import Money
from quittance.ledger import accounts
from quittance.payments.baskets import set_amounts, set_method
from quittance.payments.checkout import start_payment
from quittance.payments.refunds import refund_payment
from quittance.reconciliation.books import read_books
from quittance.reconciliation.catalogue import Sort
from quittance.reconciliation.checking import NOW, check
from quittance.reconciliation.standing import standing
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import narrowed_to, widened
from tests.ground import Ground
from tests.payments.checkouts import contents, fee, new_basket, order
from tests.payments.people import new_payer
from tests.payments.rows import balance, in_flight

pytestmark = pytest.mark.failure("F09", "F10")


@pytest.mark.parametrize(
    ("customer", "currency", "bills", "part", "fee_minor"),
    [
        ("C-40008", "JPY", ("125000", "48001", "7"), 3333, 3209),
        ("C-50003", "KWD", ("1250.505", "48.001", "0.007"), 3333, 31346),
    ],
    ids=["yen", "dinar"],
)
def test_a_basket_with_a_part_payment_is_the_same_to_the_last_unit_everywhere(
    ground: Ground,
    customer: str,
    currency: str,
    bills: tuple[str, str, str],
    part: int,
    fee_minor: int,
) -> None:
    whole, partly, small = (ground.bill(each, customer=customer) for each in bills)
    fee(ground, currency=currency, basis_points=250)
    asked = [whole.open_minor, part, small.open_minor]
    with narrowed_to([whole.customer_account_id]):
        payer = new_payer(whole.customer_account_id)
        basket = new_basket(
            customer_account_id=whole.customer_account_id, user_id=payer.pk,
            invoice_ids=[whole.pk, partly.pk, small.pk],
        )  # fmt: skip
        basket = set_amounts(
            basket.pk, {partly.pk: (Money(part, currency), "in_parts")}, version=basket.version
        )
        basket = set_method(basket.pk, "card", version=basket.version)
        shown = contents(basket)
        back = f"{ground.world.gateway.url}/pay/page.css"
        confirmed = replace(order(basket), return_url=back, cancel_url=back)
        payment = start_payment(confirmed, key=str(basket.pk))
    ground.on_page(payment)

    payment = ground.advance(payment)
    read_books(ground.gateway_account_id)

    money = sum(asked)
    assert [shown.money, shown.fee] == [Money(money, currency), Money(fee_minor, currency)]
    assert (payment.status, payment.currency) == ("succeeded", currency)
    assert (payment.amount_minor, payment.fee_minor) == (money + fee_minor, fee_minor)
    (charge,) = ground.world.gateway_ledger(f"{payment.pk}:1")
    assert (charge["gross_minor"], charge["currency"]) == (money + fee_minor, currency)
    posted = [Decimal(str(each["amount"])) for each in ground.world.erp_ledger(payment.number)]
    assert sorted(posted) == sorted(-Money(each, currency).decimal for each in asked)
    left = [ground.read(each.erp_id).open_minor for each in (whole, partly, small)]
    assert left == [0, partly.open_minor - part, 0]
    assert [in_flight(each) for each in (whole, partly, small)] == [0, 0, 0]
    of_entity = ground.legal_entity_id
    assert balance(accounts.posted_receipts(of_entity))[currency] == Money(-money, currency)
    assert balance(accounts.unposted_receipts(of_entity))[currency] == Money(0, currency)
    assert balance(accounts.fees_charged(of_entity))[currency] == Money(-fee_minor, currency)
    wrong = list(check(older_than=NOW, sorts=[Sort.NEVER]))
    wrong += [row for row in check(older_than=NOW) if row.payment_id == payment.pk]
    assert [row.sentence for row in wrong] == []


@pytest.mark.parametrize(
    ("customer", "currency", "amount", "back"),
    [("C-40008", "JPY", "1001", 333), ("C-50003", "KWD", "1.001", 333)],
    ids=["yen", "dinar"],
)
def test_a_part_goes_back_in_the_same_currency_to_the_last_unit(
    ground: Ground, customer: str, currency: str, amount: str, back: int
) -> None:
    payment = ground.paid((ground.bill(amount, customer=customer), amount))

    made = refund_payment(payment.pk, Money(back, currency), key=str(uuid.uuid4()), reopens=True)
    ground.advance(payment)
    read_books(ground.gateway_account_id)

    with widened(), reading():
        stands = {each.owed.currency: each for each in standing().gateways}
    assert made.amount == Money(back, currency)
    assert stands[currency].refunded == Money(back, currency)
