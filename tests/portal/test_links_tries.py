"""Who tries cards by a pay link is held up, and nobody else for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from quittance.core.ids import new_id
from quittance.payments.checkout import start_payment
from quittance.payments.guests import Guest
from quittance.payments.models import Payment
from quittance.payments.orders import PaymentOrder
from quittance.payments.tries import A_DAY, BY_LINK, TriedTooOften, note_try
from quittance.tenancy.scope import narrowed_to
from tests.ground import Ground
from tests.payments.together import all_at_once
from tests.portal.doors import Door
from tests.portal.test_checkout_tries import HERE, asked, lost
from tests.portal.test_links import made


def order_by(ground: Ground, link_id: Any) -> PaymentOrder:
    order = ground.order((ground.bill("10.00"), "10.00"))
    guest = Guest(link_id=link_id, name="Ada Paye", mail="ada@payer.example")
    return replace(order, user_id=None, guest=guest, origin=Payment.Origin.PAY_LINK)


def test_payments_that_a_link_begins_at_once_count_each_other(door: Door) -> None:
    ground = door.ground
    link = made(ground.bill("250.00")).link
    orders = [order_by(ground, link.pk) for _ in range(BY_LINK + 3)]

    with narrowed_to([ground.account().pk]):
        got = all_at_once(
            *[partial(start_payment, each, key=str(new_id()), is_try=True) for each in orders]
        )

    assert sum(isinstance(each, Payment) for each in got) == BY_LINK
    assert sum(isinstance(each, TriedTooOften) for each in got) == 3


def test_payments_by_links_in_vain_keep_no_person_of_the_customer_out(door: Door) -> None:
    ground, user = door.ground, door.person()
    lost(ground, None, A_DAY["account"], ago=timedelta(hours=2), origin="pay_link")

    assert asked(ground, user.pk) == 0
    with pytest.raises(TriedTooOften):  # and another link of the customer waits
        note_try(
            user_id=None, pay_link_id=made(ground.bill("250.00")).link.pk, ip=HERE,
            customer_account_ids=[ground.account().pk],
        )  # fmt: skip
    with pytest.raises(TriedTooOften):
        start_payment(
            order_by(ground, made(ground.bill("40.00")).link.pk), key="another", is_try=True
        )


def test_what_the_people_of_a_customer_tried_keeps_no_link_shut(door: Door) -> None:
    ground, user = door.ground, door.person()
    lost(ground, user.pk, A_DAY["account"], ago=timedelta(hours=2))

    note_try(
        user_id=None, pay_link_id=made(ground.bill("250.00")).link.pk, ip=HERE,
        customer_account_ids=[ground.account().pk],
    )  # fmt: skip
    assert start_payment(
        order_by(ground, made(ground.bill("40.00")).link.pk), key="genuine", is_try=True
    )
