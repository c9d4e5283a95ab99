"""Payments that nobody clicks: by a pay link, an agreement, a plan. One charge, in order."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest

from quittance.notifications.models import Message
from quittance.notifications.words import write
from quittance.payments.cancel import cancel_payment
from quittance.payments.checkout import start_payment
from quittance.payments.models import Payment
from quittance.payments.orders import (
    AmountNotOwed,
    NotItsTurn,
    PaymentOrder,
    autopay_key,
    instalment_key,
)
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading
from tests.ground import Ground
from tests.payments.people import new_user, with_user
from tests.payments.rows import in_flight, payments_of
from tests.payments.together import all_at_once

ORIGIN = Payment.Origin
DUE = date(2026, 3, 31)


def by(origin: Payment.Origin, ground: Ground, invoice: Invoice, amount: str) -> PaymentOrder:
    """What this origin wants to pay."""
    order: PaymentOrder = ground.order((invoice, amount))
    return replace(order, origin=origin)


def charges(ground: Ground, invoice: Invoice) -> int:
    """How many payments of the invoice the gateway knows of; only an open one can take money."""
    return len(payments_of(invoice))


@pytest.mark.failure("F04")
def test_a_pay_link_and_a_signed_in_payer_at_once_are_one_payment(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    link = by(ORIGIN.PAY_LINK, ground, invoice, "100.00")
    person = with_user(by(ORIGIN.CHECKOUT, ground, invoice, "100.00"), new_user())

    got = all_at_once(
        *[partial(start_payment, link, key=f"link:{n}") for n in range(4)],
        *[partial(start_payment, person, key=f"basket:{n}") for n in range(4)],
    )

    assert sorted(type(each).__name__ for each in got) == ["AmountNotOwed"] * 7 + ["Payment"]
    assert in_flight(invoice) == 10_000


@pytest.mark.failure("F05")
def test_an_autopay_run_that_happens_twice_charges_once(ground: Ground) -> None:
    invoice, agreement = ground.bill("100.00"), uuid.uuid4()
    order = by(ORIGIN.AUTOPAY, ground, invoice, "100.00")
    run = partial(start_payment, order, key=autopay_key(agreement, invoice.pk, DUE))

    got = all_at_once(*[run] * 6)

    assert {getattr(each, "pk", each) for each in got} == {payments_of(invoice)[0].pk}
    assert charges(ground, invoice) == 1


@pytest.mark.failure("F05")
def test_an_autopay_run_that_meets_a_person_charges_once(ground: Ground) -> None:
    invoice, agreement = ground.bill("100.00"), uuid.uuid4()
    auto = by(ORIGIN.AUTOPAY, ground, invoice, "100.00")
    person = with_user(by(ORIGIN.CHECKOUT, ground, invoice, "100.00"), new_user())

    got: Any = all_at_once(
        *[partial(start_payment, auto, key=autopay_key(agreement, invoice.pk, DUE))] * 3,
        *[partial(start_payment, person, key=f"basket:{n}") for n in range(3)],
    )

    assert len({each.pk for each in got if isinstance(each, Payment)}) == 1
    assert {type(each) for each in got} == {Payment, AmountNotOwed}
    assert charges(ground, invoice) == 1


@pytest.mark.failure("F06")
def test_an_instalment_that_is_executed_twice_is_charged_once(ground: Ground) -> None:
    invoice, plan = ground.bill("100.00"), uuid.uuid4()
    first = by(ORIGIN.INSTALMENT, ground, invoice, "25.00")

    got = all_at_once(*[partial(start_payment, first, key=instalment_key(plan, 1))] * 5)

    assert len({getattr(each, "pk", each) for each in got}) == 1
    assert in_flight(invoice) == 2500


@pytest.mark.failure("F06")
def test_the_next_instalment_waits_until_the_one_before_is_over(ground: Ground) -> None:
    invoice, plan = ground.bill("100.00"), uuid.uuid4()
    order = by(ORIGIN.INSTALMENT, ground, invoice, "25.00")
    second = replace(order, after=instalment_key(plan, 1))
    start_second = partial(start_payment, second, key=instalment_key(plan, 2))

    with pytest.raises(NotItsTurn):  # the first one never began
        start_second()
    first = start_payment(order, key=instalment_key(plan, 1))
    with pytest.raises(NotItsTurn):
        start_second()
    ground.on_page(first)
    ground.advance(first)

    assert start_second().status == "in_flight"
    assert charges(ground, invoice) == 2


@pytest.mark.failure("F06")
def test_an_instalment_that_came_to_nothing_does_not_block_the_next(ground: Ground) -> None:
    invoice, plan = ground.bill("100.00"), uuid.uuid4()
    order = by(ORIGIN.INSTALMENT, ground, invoice, "25.00")
    first = start_payment(order, key=instalment_key(plan, 1))
    cancel_payment(first.pk)

    second = replace(order, after=instalment_key(plan, 1))

    assert start_payment(second, key=instalment_key(plan, 2)).status == "in_flight"
    assert in_flight(invoice) == 2500


@pytest.mark.failure("F03")
def test_who_comes_second_is_told_the_name_of_who_pays(ground: Ground) -> None:
    invoice, luca = ground.bill("100.00"), new_user(name="Luca Moretti")
    first = start_payment(with_user(ground.order((invoice, "60.00")), luca), key="luca's")

    with pytest.raises(AmountNotOwed) as refused:
        ground.pay((invoice, "60.00"))

    words = str(refused.value)
    assert words.startswith(f"Luca Moretti is paying invoice {invoice.number}, payment {first}.")
    assert "40.00 USD of it can be paid now" in words
    assert "Nothing was charged" in words


@pytest.mark.failure("F03")
@pytest.mark.parametrize(
    ("origin", "who"),
    [
        (ORIGIN.PAY_LINK, "Somebody with the pay link"),
        (ORIGIN.AUTOPAY, "An automatic payment"),
        (ORIGIN.INSTALMENT, "An instalment of a payment plan"),
    ],
)
def test_who_comes_after_a_payment_without_a_person_is_told_what_it_is(
    ground: Ground, origin: Payment.Origin, who: str
) -> None:
    invoice, payer = ground.bill("100.00"), new_user()
    first = start_payment(by(origin, ground, invoice, "100.00"), key="by itself")

    with pytest.raises(AmountNotOwed) as refused:
        start_payment(with_user(ground.order((invoice, "100.00")), payer), key="on the page")

    said = f"{who} is paying invoice {invoice.number}, payment {first.number}. Another payment"
    assert str(refused.value).startswith(said)


@pytest.mark.failure("F03")
@pytest.mark.failure("F04")
@pytest.mark.failure("F05")
def test_people_tabs_a_link_and_autopay_at_once_are_one_payment_and_all_hear_whose(
    ground: Ground,
) -> None:
    invoice, dana, luca = ground.bill("100.00"), new_user(), new_user(name="Luca Moretti")
    orders = [by(ORIGIN.PAY_LINK, ground, invoice, "100.00")]
    orders += [with_user(by(ORIGIN.AUTOPAY, ground, invoice, "100.00"), dana)]
    orders += [with_user(ground.order((invoice, "100.00")), each) for each in [dana, luca] * 2]
    tabs = [partial(start_payment, order, key=f"tab:{n}") for n, order in enumerate(orders)]

    got = all_at_once(*tabs)

    (won,) = [n for n, each in enumerate(got) if isinstance(each, Payment)]
    assert (len(payments_of(invoice)), in_flight(invoice)) == (1, 10_000)
    names: dict[Any, str] = {dana.pk: "Dana Okafor is", luca.pk: "Luca Moretti is"}
    for loser, each in enumerate(got):
        if loser == won:
            continue
        winner = orders[won].user_id
        if won < 2:  # nobody clicked
            who = ("Somebody with the pay link is", "An automatic payment is")[won]
        else:
            who = "You are" if winner == orders[loser].user_id else names[winner]
        assert isinstance(each, AmountNotOwed)
        assert str(each).startswith(f"{who} paying invoice {invoice.number}")


@pytest.mark.failure("F30")
def test_autopay_that_needs_the_payer_fails_for_that_reason_and_asks_them(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payer = new_user()
    order = with_user(by(ORIGIN.AUTOPAY, ground, invoice, "100.00"), payer)
    payment = start_payment(order, key=autopay_key(uuid.uuid4(), invoice.pk, DUE))
    _bank_wants_the_payer(ground, payment)

    payment = ground.advance(payment)

    assert (payment.status, payment.reason) == ("failed", "authentication_failed")
    assert in_flight(invoice) == 0
    with reading():
        message = Message.objects.get(kind="not_charged")
        assert message.to == payer.email
        assert "confirm it yourself" in write(message.kind, message.facts).text
    by_hand = start_payment(
        with_user(by(ORIGIN.CHECKOUT, ground, invoice, "100.00"), payer), key="by-hand"
    )
    assert by_hand.status == "in_flight"


def test_a_checkout_that_fails_is_told_on_its_page_and_not_by_mail(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    order = with_user(by(ORIGIN.CHECKOUT, ground, invoice, "100.00"), new_user())
    payment = start_payment(order, key="on-the-page")
    _bank_wants_the_payer(ground, payment)

    ground.advance(payment)

    with reading():
        assert not Message.objects.filter(kind="not_charged").exists()


def _bank_wants_the_payer(ground: Ground, payment: Payment) -> None:
    """The payer's bank asks for a confirmation that nobody is there to give."""
    with reading():
        object_ = payment.attempts.get().gateway_object
    url = f"{ground.world.gateway.control_url}/payments/{object_}/fail"
    said = ground.world.client.post(url, json={"code": "authentication_failed"})
    said.raise_for_status()
