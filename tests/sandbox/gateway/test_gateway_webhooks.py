"""Webhooks: signed, repeated until taken, and misbehaving when asked to."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.sandbox.gateway.gateway_caller import SECOND_KEY, Caller, make_order, wait_until
from tests.sandbox.gateway.shop import Message, Shop


@dataclass
class Listening:
    """A shop whose endpoint the sandbox knows."""

    shop: Shop
    id: str
    secret: str

    def messages(self, kind: str = "") -> list[Message]:
        return [one for one in self.shop.messages if kind in json.loads(one.body)["type"]]

    def wait_for(self, kind: str, count: int = 1) -> list[Message]:
        wait_until(lambda: len(self.messages(kind)) >= count)
        return self.messages(kind)


@pytest.fixture
def listening(caller: Caller) -> Iterator[Listening]:
    shop = Shop()
    made = caller.api.post("/webhook_endpoints", json={"url": shop.url}).json()
    yield Listening(shop, made["id"], made["secret"])
    caller.tell("/webhooks/behaviour")
    caller.api.delete(f"/webhook_endpoints/{made['id']}")
    shop.close()


def test_what_happens_is_told_with_a_signature(caller: Caller, listening: Listening) -> None:
    payment = caller.paid_payment()

    (message,) = listening.wait_for("payment.succeeded")

    told = json.loads(message.body)
    assert message.is_signed_with(listening.secret)
    assert message.id == told["id"]
    assert told["data"] == {"payment": payment["id"], "reference": payment["reference"]}


def test_a_message_comes_again_until_it_is_taken(caller: Caller, listening: Listening) -> None:
    listening.shop.answers[:] = [500]

    caller.new_payment()

    first, second = listening.wait_for("payment.created", 2)
    assert first.id == second.id
    wait_until(lambda: not _waiting(caller))


def _waiting(caller: Caller) -> list[object]:
    deliveries = caller.control.get("/webhooks/deliveries").json()["data"]
    return [delivery for delivery in deliveries if delivery["state"] == "waiting"]


def test_another_account_hears_nothing(caller: Caller, listening: Listening) -> None:
    headers = {"Authorization": f"Bearer {SECOND_KEY}", "Idempotency-Key": "others"}
    caller.api.post("/payments", json=make_order(), headers=headers)
    payment = caller.new_payment()

    listening.wait_for("payment.created")

    assert [json.loads(one.body)["data"]["payment"] for one in listening.messages()] == [
        payment["id"]
    ]


def test_messages_can_be_doubled(caller: Caller, listening: Listening) -> None:
    caller.tell("/webhooks/behaviour", double=True)

    caller.new_payment()

    first, second = listening.wait_for("payment.created", 2)
    assert first.id == second.id


def test_messages_can_be_dropped(caller: Caller, listening: Listening) -> None:
    caller.tell("/webhooks/behaviour", drop=True)
    lost = caller.paid_payment()
    caller.tell("/webhooks/behaviour", drop=False)

    payment = caller.new_payment()

    (message,) = listening.wait_for("payment.created")
    assert json.loads(message.body)["data"]["payment"] == payment["id"]
    assert caller.events_of(lost)[-1] == "payment.succeeded"


def test_messages_can_be_late(caller: Caller, listening: Listening) -> None:
    caller.tell("/webhooks/behaviour", delay=0.4)
    start = time.monotonic()

    caller.new_payment()

    listening.wait_for("payment.created")
    assert time.monotonic() - start >= 0.4


def test_messages_can_come_in_the_wrong_order(caller: Caller, listening: Listening) -> None:
    caller.tell("/webhooks/behaviour", reorder=True)

    payments = [caller.new_payment()["id"] for _ in range(4)]

    listening.wait_for("payment.created", 4)
    came = [json.loads(one.body)["data"]["payment"] for one in listening.messages()]
    assert came != payments
    assert sorted(came) == sorted(payments)


@pytest.mark.parametrize("mode", ["wrong_secret", "changed_body", "no_signature"])
def test_messages_can_be_forged(caller: Caller, listening: Listening, mode: str) -> None:
    caller.new_payment()
    listening.wait_for("payment.created")
    listening.shop.answers[:] = [400]

    told = caller.tell("/webhooks/forge", mode=mode)

    assert told["answers"] == ["400"]
    assert not listening.messages()[-1].is_signed_with(listening.secret)


def test_an_old_message_can_be_replayed(caller: Caller, listening: Listening) -> None:
    caller.new_payment()
    (first,) = listening.wait_for("payment.created")

    caller.tell("/webhooks/replay", event=first.id)
    caller.tell("/webhooks/replay", event=first.id, old=True)

    _, again, old = listening.messages()
    assert again.body == old.body == first.body
    assert again.is_signed_with(listening.secret)
    assert not old.is_signed_with(listening.secret)  # its time is an hour ago


def test_after_a_rotation_both_secrets_sign(caller: Caller, listening: Listening) -> None:
    new = caller.api.post(f"/webhook_endpoints/{listening.id}/rotate").json()["secret"]

    caller.new_payment()

    (message,) = listening.wait_for("payment.created")
    assert new != listening.secret
    assert message.is_signed_with(new)
    assert message.is_signed_with(listening.secret)


def test_a_url_has_one_endpoint_and_its_secret_is_shown_once(
    caller: Caller, listening: Listening
) -> None:
    again = caller.api.post("/webhook_endpoints", json={"url": listening.shop.url})
    listed = caller.api.get("/webhook_endpoints").json()["data"]

    assert again.json()["error"]["code"] == "endpoint_exists"
    assert [endpoint["id"] for endpoint in listed] == [listening.id]
    assert "secret" not in listed[0]
