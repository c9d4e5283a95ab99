"""What we start ourselves is begun later where the gateway has no time now; its end is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from quittance.core import clock
from quittance.core.errors import Misconfigured
from quittance.gateways.charges import StartedBy
from quittance.notifications.models import Message
from quittance.notifications.words import write
from quittance.payments.checkout import start_payment
from quittance.payments.models import Payment
from quittance.payments.orders import PaymentOrder
from quittance.payments.recording import record_order
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.payments.kept import ASKS, kept, order_with
from tests.payments.people import new_user, with_user
from tests.payments.rows import make_older, statuses
from tests.payments.test_kept_charges import PREPARE, prepared, taken
from tests.payments.together import all_at_once
from tests.posting.dying import dies


def ours(ground: Ground) -> PaymentOrder:
    """An automatic payment of a hundred dollars with a card that is kept."""
    order = order_with(ground, kept(ground), ground.bill("100.00"), by=StartedBy.SELLER)
    return replace(with_user(order, new_user()), origin=Payment.Origin.AUTOPAY)


def mails(payment: Payment) -> list[str]:
    """What the payer was told by mail."""
    with reading():
        found = Message.objects.filter(key=f"not_charged:{payment.pk}")
        return [write(each.kind, each.facts).text for each in found]


@pytest.mark.failure("F16")
def test_a_gateway_that_has_no_time_is_asked_again_under_the_same_key(ground: Ground) -> None:
    ground.world.gateway_fault(PREPARE, "status", status=429, retry_after="7")

    payment = start_payment(ours(ground), key="autopay:1")
    was, next_at = statuses(payment), payment.next_at
    ground.advance(payment)

    assert was == ("in_flight", "sent", ["reserved"])
    assert next_at is not None
    assert next_at > clock.now() + timedelta(seconds=4)
    assert ground.again(payment).status == "succeeded"
    assert (taken(ground, payment), prepared(ground, payment)) == ([10000], 1)
    assert mails(payment) == []


@pytest.mark.failure("F16")
def test_a_worker_that_begins_what_we_start_does_not_give_it_up_either(ground: Ground) -> None:
    order = ours(ground)
    with writing():
        payment, _ = record_order(order, key="autopay:1")
    make_older(payment, minutes=5)
    ground.world.gateway_fault(PREPARE, "status", status=429, times=2)

    seen = []
    for _ in range(3):
        ground.advance(payment)
        seen.append(statuses(payment)[:2])

    assert seen == [("in_flight", "sent"), ("in_flight", "sent"), ("succeeded", "succeeded")]
    assert taken(ground, payment) == [10000]


@pytest.mark.failure("F13")
def test_a_worker_killed_before_it_began_leaves_what_is_begun_later(ground: Ground) -> None:
    order = ours(ground)

    died = dies(lambda: start_payment(order, key="autopay:1"), at=3)  # sent, and never arrived
    (payment,) = payments_of_key("autopay:1")
    ground.advance(payment)

    assert died
    assert ground.again(payment).status == "succeeded"
    assert (taken(ground, payment), prepared(ground, payment)) == ([10000], 1)


@pytest.mark.failure("F14")
def test_a_refusal_says_nothing_of_an_earlier_call_whose_worker_died(ground: Ground) -> None:
    order = ours(ground)
    dies(lambda: start_payment(order, key="autopay:1"), at=4)  # it was begun there
    (payment,) = payments_of_key("autopay:1")
    ground.world.gateway_fault(PREPARE, "status", status=422)

    ground.advance(payment)
    was = statuses(payment)
    ground.advance(payment)

    assert was == ("in_flight", "unknown", ["reserved"])
    assert ground.again(payment).status == "succeeded"
    assert (taken(ground, payment), prepared(ground, payment)) == ([10000], 1)


def payments_of_key(key: str) -> list[Payment]:
    with reading():
        return list(Payment.objects.filter(idempotency_key=key))


@pytest.mark.failure("F15")
def test_an_answer_that_is_lost_when_it_is_begun_again_is_looked_up(ground: Ground) -> None:
    ground.world.gateway_fault(PREPARE, "status", status=429)
    payment = start_payment(ours(ground), key="autopay:1")
    ground.world.gateway_fault(PREPARE, "drop_after")

    ground.advance(payment)
    was = statuses(payment)
    ground.advance(payment)

    assert was == ("in_flight", "unknown", ["reserved"])
    assert ground.again(payment).status == "succeeded"
    assert (taken(ground, payment), prepared(ground, payment)) == ([10000], 1)


@pytest.mark.failure("F49")
def test_four_workers_begin_it_again_once(ground: Ground) -> None:
    ground.world.gateway_fault(PREPARE, "status", status=429)
    payment = start_payment(ours(ground), key="autopay:1")

    got = all_at_once(*[partial(ground.advance, payment)] * 4)
    ground.advance(payment)

    assert not [each for each in got if isinstance(each, Exception)]
    assert ground.again(payment).status == "succeeded"
    assert (taken(ground, payment), prepared(ground, payment)) == ([10000], 1)


@pytest.mark.failure("F18")
def test_it_is_not_asked_for_again_when_the_gateway_may_have_forgotten_the_key(
    ground: Ground,
) -> None:
    ground.world.gateway_fault(PREPARE, "status", status=429)
    payment = start_payment(ours(ground), key="autopay:1")
    make_older(payment, hours=23)

    ground.advance(payment)

    assert statuses(payment) == ("failed", "failed", ["released"])
    assert (taken(ground, payment), prepared(ground, payment)) == ([], 0)
    (mail,) = mails(payment)
    assert "payment provider did not begin it" in mail


@pytest.mark.failure("F30")
@pytest.mark.parametrize("fault", ["lost", "key"])
def test_whatever_ends_what_we_start_its_payer_is_told(ground: Ground, fault: str) -> None:
    order = ours(ground)
    if fault == "key":
        ground.world.gateway_fault(PREPARE, "status", status=401)
        with pytest.raises(Misconfigured):
            start_payment(order, key="autopay:1")
    else:
        ground.world.gateway_fault(PREPARE, "drop_before")
        make_older(start_payment(order, key="autopay:1"), seconds=30)
    (payment,) = payments_of_key("autopay:1")
    ground.advance(payment)

    assert statuses(payment) == ("failed", "failed", ["released"])
    assert len(mails(payment)) == 1


@pytest.mark.failure("F30")
def test_a_bank_that_asks_for_the_payer_is_named_in_the_mail(ground: Ground) -> None:
    asks = kept(ground, ASKS)
    order = order_with(ground, asks, ground.bill("100.00"), by=StartedBy.SELLER)
    order = replace(with_user(order, new_user()), origin=Payment.Origin.AUTOPAY)

    (said,) = mails(start_payment(order, key="autopay:1"))

    assert "confirm it yourself" in said
