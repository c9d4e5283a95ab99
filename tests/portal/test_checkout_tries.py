"""Who tries many cards is slowed down; who pays is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.identity.throttle import note_network
from quittance.payments import tries
from quittance.payments.checkout import start_payment
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.transitions import move_attempt
from quittance.payments.tries import TriedTooOften, note_try
from quittance.portal.checkout import paying
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to, widened
from tests.ground import ALPINE, HARBORLINE, Ground
from tests.payments.together import all_at_once
from tests.portal.doors import Door, begin_checkout, confirm, fields_of

HERE = "203.0.113.7"


def given_up(client: Client, invoice: Any) -> None:
    """Begin to pay and cancel, as who was declined and tries another card."""
    answer = confirm(client, begin_checkout(client, invoice))
    assert answer.status_code == 303, answer.content
    payment = str(answer["Location"]).split("/")[2]
    assert client.post(f"/payments/{payment}/cancel").status_code == 303


def make_older(by: timedelta) -> None:
    with widened(), writing():
        for payment in Payment.objects.all():
            at = payment.created_at - by
            Payment.objects.filter(pk=payment.pk).update(created_at=at)


def test_after_four_in_vain_the_next_waits_is_told_how_long_and_the_team_is_told_once(
    door: Door,
) -> None:
    client, invoice = door.buyer(), door.ground.bill("100.00")
    for _ in range(tries.FREE):
        given_up(client, invoice)

    slowed = [confirm(client, begin_checkout(client, invoice)) for _ in range(2)]

    assert [answer.status_code for answer in slowed] == [429, 429]
    assert 1 <= int(slowed[0]["Retry-After"]) <= 30
    assert "Nothing was charged. Try again in 1 min" in slowed[0].content.decode()
    with reading():
        assert Payment.objects.count() == tries.FREE
        assert AuditEvent.objects.filter(what=tries.SLOWED).count() == 1
    make_older(timedelta(seconds=31))
    fields = fields_of(slowed[0].content)
    basket = begin_checkout(client, invoice)
    assert confirm(client, basket).status_code == 303
    assert fields  # the review was shown again, to be pressed later


def read_at(invoice: Any) -> Any:
    with widened(), reading():
        return Invoice.objects.get(pk=invoice.pk).synced_at


def test_who_has_to_wait_does_not_have_the_erp_asked(door: Door) -> None:
    client, invoice = door.buyer(), door.ground.bill("100.00")
    for _ in range(tries.FREE):
        given_up(client, invoice)
    basket = begin_checkout(client, invoice)
    before = read_at(invoice)

    answer = confirm(client, basket)

    assert answer.status_code == 429
    assert read_at(invoice) == before


def test_who_may_pay_has_the_erp_asked_at_the_last_step(door: Door) -> None:
    client, invoice = door.buyer(), door.ground.bill("100.00")
    basket = begin_checkout(client, invoice)
    before = read_at(invoice)

    assert confirm(client, basket).status_code == 303

    assert read_at(invoice) > before


def lost(
    ground: Ground, user_id: Any, number: int, *, ago: timedelta, customer: str = "",
    origin: str = "checkout", reason: str = "", link_id: Any = None,
) -> None:  # fmt: skip
    """Payments that came to nothing, written as if they had; with a reason they failed."""
    account = ground.account(customer) if customer else ground.account()
    with widened(), writing():
        rows = [
            Payment.objects.create(
                id=new_id(), number=f"P-{new_id().hex[-12:]}", customer_account=account,
                gateway_account_id=ground.gateway_account_id, user_id=user_id,
                origin=origin, pay_link_id=link_id, amount_minor=100, currency="USD", method="card",
                idempotency_key=str(new_id()), fingerprint="x", next_at=None,
            )
            for _ in range(number)
        ]  # fmt: skip
        ids = [each.pk for each in rows]
        if reason:
            Payment.objects.filter(pk__in=ids).update(status="in_flight")
        Payment.objects.filter(pk__in=ids).update(
            status="failed" if reason else "cancelled", reason=reason, ended_at=clock.now()
        )
        Payment.objects.filter(pk__in=ids).update(created_at=clock.now() - ago)


def asked(ground: Ground, user_id: Any, ip: str = HERE) -> int:
    """For how long one has to wait; 0: not at all."""
    try:
        note_try(user_id=user_id, customer_account_ids=[ground.account().pk], ip=ip)
    except TriedTooOften as error:
        return error.retry_after_seconds
    return 0


@pytest.mark.parametrize(
    ("number", "minutes", "least", "most"),
    [(4, 0, 25, 30), (6, 0, 110, 120), (6, 3, 0, 0), (10, 120, 79000, 79200)],
)
def test_the_wait_doubles_and_ten_a_day_are_the_most(
    door: Door, number: int, minutes: int, least: int, most: int
) -> None:
    user = door.person()
    lost(door.ground, user.pk, number, ago=timedelta(minutes=minutes))

    assert least <= asked(door.ground, user.pk) <= most


def test_what_a_gateway_in_trouble_did_not_begin_is_nobodys_try(door: Door) -> None:
    client, ground = door.buyer(), door.ground
    for status in (429, 401, 400, 429, 503):  # after 503 nobody knows whether it began
        ground.world.gateway_fault("POST /v1/payments", "status", status=status)
        basket = begin_checkout(client, ground.bill("10.00"))
        assert confirm(client, basket).status_code == 303
    user = door.person(email="luca@example.test")
    lost(ground, user.pk, 20, ago=timedelta(0), reason="gateway_fault")

    assert confirm(client, begin_checkout(client, ground.bill("10.00"))).status_code == 303
    assert asked(ground, user.pk) == 0
    with reading():
        assert set(Payment.objects.values_list("status", flat=True)) == {"failed", "in_flight"}


def test_what_we_charge_without_a_click_is_nobodys_try(door: Door) -> None:
    user = door.person()
    lost(door.ground, user.pk, 20, ago=timedelta(0), origin="autopay", reason="insufficient_funds")

    assert asked(door.ground, user.pk) == 0


def test_pages_that_are_open_count_as_tries(door: Door) -> None:
    client, ground = door.buyer(), door.ground
    for _ in range(tries.FREE):
        assert confirm(client, begin_checkout(client, ground.bill("10.00"))).status_code == 303

    slowed = confirm(client, begin_checkout(client, ground.bill("10.00")))

    assert slowed.status_code == 429
    with widened(), writing():  # the bank has them all: its days are no tries
        for attempt in GatewayAttempt.objects.all():
            move_attempt(attempt, "processing", cause="the bank has it")
    assert confirm(client, begin_checkout(client, ground.bill("10.00"))).status_code == 303


def test_pages_that_are_opened_at_once_count_each_other(door: Door) -> None:
    ground, user = door.ground, door.person(HARBORLINE)
    orders = [
        replace(ground.order((ground.bill("10.00"), "10.00")), user_id=user.pk) for _ in range(8)
    ]

    with narrowed_to([ground.account().pk]):
        got = all_at_once(
            *[partial(start_payment, each, key=str(new_id()), is_try=True) for each in orders]
        )

    begun = [each for each in got if isinstance(each, Payment)]
    assert len(begun) == tries.FREE
    assert sum(isinstance(each, TriedTooOften) for each in got) == 8 - tries.FREE


def test_who_presses_once_more_comes_to_his_payment_also_when_he_would_have_to_wait(
    door: Door,
) -> None:
    ground, user = door.ground, door.person(HARBORLINE)
    order = replace(ground.order((ground.bill("10.00"), "10.00")), user_id=user.pk)
    first = start_payment(order, key="click", is_try=True)
    lost(ground, user.pk, 9, ago=timedelta(0))

    assert start_payment(order, key="click", is_try=True).pk == first.pk
    with pytest.raises(TriedTooOften):
        start_payment(order, key="another", is_try=True)


def test_the_second_of_two_clicks_at_once_comes_to_the_payment_also_when_it_would_have_to_wait(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, invoice = door.buyer(), door.ground.bill("100.00")
    basket = begin_checkout(client, invoice)
    fields = fields_of(client.get(f"{basket}/amounts").content)
    client.post(f"{basket}/amounts", fields)
    fields = fields_of(client.get(f"{basket}/method").content)
    client.post(f"{basket}/method", {"version": fields["version"], "method": "card"})
    fields = fields_of(client.get(f"{basket}/review").content)
    clicks = iter(["the other"])

    def overtaken(**facts: Any) -> None:
        if next(clicks, ""):
            client.post(f"{basket}/pay", fields)
            with widened(), reading():
                begun = Payment.objects.get()
            lost(door.ground, begun.user_id, 9, ago=timedelta(0))
        note_try(**facts)

    monkeypatch.setattr(paying, "note_try", overtaken)
    answer = client.post(f"{basket}/pay", fields)

    assert answer.status_code == 303
    assert str(answer["Location"]).startswith("/payments/")


def test_a_customer_account_and_a_network_are_counted_whoever_tries(door: Door) -> None:
    ground, others = door.ground, [door.person(email=f"p{n}@example.test").pk for n in range(6)]
    for user_id in others[:5]:
        lost(ground, user_id, 3, ago=timedelta(minutes=5))

    assert asked(ground, others[5]) > 3600
    make_older(timedelta(days=1))
    assert asked(ground, others[5]) == 0
    with widened(), writing():
        for _ in range(tries.BY_NETWORK - 1):
            note_network(tries.ACT, HERE)
    assert asked(ground, others[5]) > 3000
    assert asked(ground, others[5], "203.0.114.7") == 0


def test_a_payment_that_was_made_ends_the_row(door: Door) -> None:
    user = door.person()
    lost(door.ground, user.pk, 8, ago=timedelta(seconds=5))
    assert asked(door.ground, user.pk) > 0
    paid = door.ground.paid((door.ground.bill("10.00"), "10.00"))
    with widened(), writing():
        Payment.objects.filter(pk=paid.pk).update(user_id=user.pk)

    assert asked(door.ground, user.pk) == 0


def test_others_go_on_paying(door: Door) -> None:
    thief, buyer = door.person().pk, door.person(email="luca@example.test").pk
    lost(door.ground, thief, 9, ago=timedelta(0), customer=ALPINE)

    assert asked(door.ground, thief) > 0
    assert asked(door.ground, buyer) == 0
