"""Saving a card while paying with it, and paying with what is kept."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import httpx
import pytest
from django.test import Client

from quittance.core import clock
from quittance.payments.cancel import cancel_payment
from quittance.payments.models import Payment
from quittance.portal.checkout.kept import value_of_kept
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading, writing
from quittance.wallet.models import ConsentRecord, KeptMethod
from tests.ground import HARBORLINE
from tests.payments.checkouts import discounted
from tests.payments.kept import kept
from tests.payments.people import new_user
from tests.portal.doors import Door, begin_checkout, fields_of
from tests.wallet.wallets import Wallet


def review_of(client: Client, invoice: Any, method: str = "card") -> tuple[str, dict[str, str]]:
    """Come to the last step; return the basket and what its form sends."""
    basket = begin_checkout(client, invoice)
    shown = fields_of(client.get(f"{basket}/method").content)
    answer = client.post(f"{basket}/method", {"version": shown["version"], "method": method})
    assert answer.status_code == 303, answer.content
    return basket, fields_of(client.get(f"{basket}/review").content)


@pytest.mark.parametrize(
    ("ticks", "saved"),
    [({"save": "yes"}, 1), ({}, 0), ({"save": "yes", "save_text": "older-1"}, 0)],
    ids=["ticked", "not ticked", "another text"],
)
def test_a_card_is_saved_with_the_payment_only_under_the_text_that_was_ticked(
    door: Door, ticks: dict[str, str], saved: int
) -> None:
    client = door.buyer()
    basket, shown = review_of(client, door.ground.bill("100.00"))
    assert "save" not in shown  # nothing that gives consent is ticked

    assert client.post(f"{basket}/pay", shown | ticks).status_code == 303

    with reading():
        payment = Payment.objects.get()
    with suppress(httpx.ConnectError):  # the way back: nobody serves our pages here
        door.ground.on_page(payment)
    assert door.ground.advance(payment).status == "succeeded"
    with reading():
        assert ConsentRecord.objects.count() == saved
        assert [each.label for each in KeptMethod.objects.all()] == ["Visa ••4242"] * saved
        if saved:
            consent = ConsentRecord.objects.get()
            assert consent.text_version == shown["save_text"]
            assert (consent.ip_address, consent.user_id) == ("127.0.0.1", payment.user_id)


def test_a_kept_card_pays_at_once_and_is_named_before(door: Door) -> None:
    client, method = door.buyer(), kept(door.ground)
    basket, shown = review_of(client, door.ground.bill("100.00"), value_of_kept(method.pk))
    page = client.get(f"{basket}/review").content.decode()

    client.post(f"{basket}/pay", shown)

    assert method.label in page
    assert "Save this card" not in page
    with reading():
        payment = Payment.objects.get()
    assert (payment.status, payment.method_label) == ("succeeded", method.label)


def test_a_tick_to_save_stays_when_the_page_has_to_be_shown_again(door: Door) -> None:
    client = door.buyer()
    basket, shown = review_of(client, door.ground.bill("100.00"))

    again = client.post(f"{basket}/pay", shown | {"save": "yes", "seal": "older"})

    assert again.status_code == 409
    assert fields_of(again.content)["save"] == "yes"


def test_a_kept_debit_tells_of_the_discount_it_loses_and_is_not_offered_at_once(
    door: Door,
) -> None:
    client, invoice = door.buyer(), discounted(door.ground, "1000.00", days_ago=9)
    method = Wallet(door.ground, new_user()).save("bank_debit")
    basket = begin_checkout(client, invoice)

    first = client.get(f"{basket}/amounts").content.decode()
    second = client.get(f"{basket}/method").content.decode()

    assert value_of_kept(method.pk) not in first
    row = second[second.index(value_of_kept(method.pk)) :].partition("</label>")[0]
    assert "The money may come too late for the early-payment discount of $20.00." in row


def test_a_kept_card_of_another_customer_or_one_that_ended_is_no_way_to_pay(door: Door) -> None:
    from quittance.tenancy.rows import writing
    from quittance.wallet.ending import end_method

    method = kept(door.ground)
    stranger, buyer = door.stranger(), door.signed_in(HARBORLINE)
    theirs = begin_checkout(stranger, door.ground.bill("50.00", customer="C-20077"))
    own = begin_checkout(buyer, door.ground.bill("50.00"))
    shown = fields_of(stranger.get(f"{theirs}/method").content)
    wanted = {"version": shown["version"], "method": value_of_kept(method.pk)}

    assert stranger.post(f"{theirs}/method", wanted).status_code == 409
    with writing():
        end_method(method, "removed", cause="the payer removed it")
    page = buyer.get(f"{own}/amounts").content.decode()
    assert method.label not in page
    shown = fields_of(buyer.get(f"{own}/method").content)
    assert buyer.post(f"{own}/method", wanted | {"version": shown["version"]}).status_code == 409


def the_consent() -> ConsentRecord:
    """The only one."""
    with reading():
        return ConsentRecord.objects.get()


def test_a_click_that_is_refused_leaves_no_agreement_behind(door: Door) -> None:
    client = door.buyer()
    basket, shown = review_of(client, door.ground.bill("100.00"))
    with writing():
        Organization.objects.filter(pk=door.ground.organization_id).update(suspended_at=clock.now())

    assert client.post(f"{basket}/pay", shown | {"save": "yes"}).status_code == 409

    assert the_consent().ended_at is not None


def test_what_was_agreed_to_ends_with_a_payment_that_came_to_nothing(door: Door) -> None:
    client = door.buyer()
    basket, shown = review_of(client, door.ground.bill("100.00"))
    client.post(f"{basket}/pay", shown | {"save": "yes"})
    assert the_consent().ended_at is None
    with reading():
        payment = Payment.objects.get()

    cancel_payment(payment.pk)

    assert door.ground.advance(payment).status == "cancelled"
    assert the_consent().ended_at is not None
