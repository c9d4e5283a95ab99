"""Saving a card while paying with it, and paying with what is kept."""

from __future__ import annotations

import re
from contextlib import suppress
from html import unescape
from typing import Any

import httpx
import pytest
from django.test import Client

from quittance.core import clock
from quittance.notifications.models import Message
from quittance.payments.cancel import cancel_payment
from quittance.payments.models import Payment
from quittance.portal.checkout.kept import value_of_kept
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading, writing
from quittance.wallet.models import ConsentRecord, KeptMethod
from quittance.wallet.places import set_company_id
from tests.ground import HARBORLINE
from tests.payments.backwards import with_payment
from tests.payments.checkouts import discounted
from tests.payments.kept import kept
from tests.payments.people import new_user
from tests.payments.returns import settled
from tests.portal.doors import Door, begin_checkout, fields_of
from tests.wallet.wallets import DEBIT, Wallet


def review_of(client: Client, invoice: Any, method: str = "card") -> tuple[str, dict[str, str]]:
    """Come to the last step; return the basket and what its form sends."""
    basket = begin_checkout(client, invoice)
    shown = fields_of(client.get(f"{basket}/method").content)
    answer = client.post(f"{basket}/method", {"version": shown["version"], "method": method})
    assert answer.status_code == 303, answer.content
    return basket, fields_of(client.get(f"{basket}/review").content)


def to_save(client: Client, basket: str, kind: str) -> dict[str, str]:
    """What the form sends when the payer chooses to save under the text that the page shows."""
    page = client.get(f"{basket}/review").content.decode()
    found = re.search(rf'name="save" value="({kind}:[^"]+)"', page)
    assert found, page
    return {"save": found[1]}


@pytest.mark.parametrize(
    ("ticks", "saved"),
    [(None, 1), ({}, 0), ({"save": "card:older-1"}, 0)],
    ids=["ticked", "not ticked", "another text"],
)
def test_a_card_is_saved_with_the_payment_only_under_the_text_that_was_ticked(
    door: Door, ticks: dict[str, str] | None, saved: int
) -> None:
    client = door.buyer()
    basket, shown = review_of(client, door.ground.bill("100.00"))
    assert "save" not in shown  # nothing that gives consent is ticked
    ticks = to_save(client, basket, "card") if ticks is None else ticks

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
            assert ticks["save"] == f"card:{consent.text_version}"
            assert (consent.ip_address, consent.user_id) == ("127.0.0.1", payment.user_id)


@pytest.mark.parametrize(("kind", "scheme"), [("business", "ach_ccd"), ("personal", "ach_web")])
def test_a_bank_account_is_saved_with_the_payment_under_the_proof_that_the_wallet_takes(
    door: Door, kind: str, scheme: str
) -> None:
    set_company_id(door.ground.gateway_account_id, "9876543210")
    client = door.buyer()
    basket, shown = review_of(client, door.ground.bill("100.00"), "bank_debit")
    assert shown["save"] == "", "whose account it is, is asked, and nothing is chosen for the payer"
    page = unescape(client.get(f"{basket}/review").content.decode())

    assert client.post(f"{basket}/pay", shown | to_save(client, basket, kind)).status_code == 303
    with reading():
        payment = Payment.objects.get()
    with_payment(door.ground, payment, "pay", number=DEBIT)
    settled(door.ground, payment)
    door.ground.advance(payment)

    with reading():
        consent, method = ConsentRecord.objects.get(), KeptMethod.objects.get()
        mail = Message.objects.get(kind="method_saved")
    assert (consent.scheme, consent.holder) == (scheme, kind)
    assert (consent.user_id, consent.ip_address) == (payment.user_id, "127.0.0.1")
    assert len(consent.session_hash) == 64
    assert (consent.company_id, "9876543210" in consent.text) == ("9876543210", True)
    assert (method.status, method.holder, method.consent_id) == ("active", kind, consent.pk)
    assert mail.facts["text"] == consent.text
    assert all(f">{each}</p>" in page for each in consent.text.split("\n\n")), "it was all shown"


def test_a_bank_account_that_is_not_said_to_be_somebodys_is_not_saved(door: Door) -> None:
    client = door.buyer()
    basket, shown = review_of(client, door.ground.bill("100.00"), "bank_debit")

    assert client.post(f"{basket}/pay", shown).status_code == 303

    with reading():
        assert not ConsentRecord.objects.exists()


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

    tick = to_save(client, basket, "card")
    again = client.post(f"{basket}/pay", shown | tick | {"seal": "older"})

    assert again.status_code == 409
    assert fields_of(again.content)["save"] == tick["save"]


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

    assert client.post(f"{basket}/pay", shown | to_save(client, basket, "card")).status_code == 409

    assert the_consent().ended_at is not None


def test_what_was_agreed_to_ends_with_a_payment_that_came_to_nothing(door: Door) -> None:
    client = door.buyer()
    basket, shown = review_of(client, door.ground.bill("100.00"))
    client.post(f"{basket}/pay", shown | to_save(client, basket, "card"))
    assert the_consent().ended_at is None
    with reading():
        payment = Payment.objects.get()

    cancel_payment(payment.pk)

    assert door.ground.advance(payment).status == "cancelled"
    assert the_consent().ended_at is not None
