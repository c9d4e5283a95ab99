"""The clock that can be moved: a day or a month later, at once."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from sandbox.gateway.launch import start_gateway
from tests.sandbox.gateway.gateway_caller import Browser, Caller, make_order, wait_until
from tests.sandbox.gateway.shop import Shop

A_DAY_AND_AN_HOUR = 90000


def test_a_day_later_keys_are_forgotten(fresh: Caller) -> None:
    payment, order = fresh.paid_payment(), make_order()
    first = fresh.refund(payment, 100, key="R-1", reference="R-1").json()
    made = fresh.post_payment(key="P-1", **order).json()

    fresh.tell("/clock", seconds=A_DAY_AND_AN_HOUR)

    assert fresh.post_payment(key="P-1", **order).json()["id"] != made["id"]
    second = fresh.refund(payment, 100, key="R-1", reference="R-1").json()
    assert second["id"] != first["id"]
    assert second["created_at"] > first["created_at"]
    found = fresh.api.get("/refunds", params={"reference": "R-1"}).json()["data"]
    assert [refund["id"] for refund in found] == [first["id"], second["id"]]


def test_what_became_due_is_done_before_the_answer(fresh: Caller) -> None:
    unpaid = fresh.new_payment()
    debit = fresh.new_payment(method="bank_debit")
    fresh.pay(debit["id"], "000123456789")
    paid = fresh.paid_payment()
    dispute = fresh.tell(f"/payments/{paid['id']}/dispute")

    fresh.tell("/clock", seconds=8 * 86400)

    assert fresh.read(unpaid["id"])["failure"]["code"] == "expired"
    assert fresh.read(debit["id"])["state"] == "succeeded"
    assert fresh.api.get(f"/disputes/{dispute['id']}").json()["state"] == "lost"
    assert len(fresh.api.get("/payouts").json()["data"]) == 1


def test_a_form_of_the_page_is_too_old_later(fresh: Caller) -> None:
    payment = fresh.new_payment()
    with Browser(payment["url"]) as browser:
        token = browser.token()
        fresh.tell("/clock", seconds=1801)

        answer = browser.send_card_again(token)

    assert answer.status_code == 410
    assert fresh.read(payment["id"])["state"] == "open"


def test_messages_are_signed_with_the_true_time(fresh: Caller) -> None:
    shop = Shop()
    secret = fresh.api.post("/webhook_endpoints", json={"url": shop.url}).json()["secret"]
    fresh.tell("/clock", seconds=A_DAY_AND_AN_HOUR)

    payment = fresh.new_payment()

    wait_until(lambda: bool(shop.messages), 20)
    shop.close()
    (message,) = shop.messages
    assert message.is_signed_with(secret)  # which looks at the time too
    assert json.loads(message.body)["data"]["payment"] == payment["id"]


def test_what_waits_goes_on_waiting_when_the_clock_is_set_right(fresh: Caller) -> None:
    shop = Shop()
    fresh.api.post("/webhook_endpoints", json={"url": shop.url}).raise_for_status()
    fresh.tell("/webhooks/behaviour", delay=1)
    fresh.tell("/clock", seconds=A_DAY_AND_AN_HOUR)
    debit = fresh.new_payment(method="bank_debit")
    fresh.pay(debit["id"], "000123456789")

    fresh.control.delete("/clock").raise_for_status()

    wait_until(lambda: fresh.read(debit["id"])["state"] == "succeeded", 20)
    wait_until(lambda: bool(shop.messages), 20)
    shop.close()


def test_the_clock_outlives_a_restart_and_can_be_set_right(tmp_path: Path) -> None:
    with start_gateway(tmp_path) as running:
        httpx.post(f"{running.control_url}/clock", json={"seconds": 3600}).raise_for_status()
        told = httpx.post(f"{running.control_url}/clock", json={"seconds": 1800}).json()
    with start_gateway(tmp_path) as running:
        again = httpx.get(f"{running.control_url}/clock").json()
        right = httpx.delete(f"{running.control_url}/clock").json()

    assert told["ahead_seconds"] == again["ahead_seconds"] == 5400
    assert again["now"] > told["now"] > right["now"]
    assert right["ahead_seconds"] == 0


@pytest.mark.parametrize("seconds", [-1, None, "1", 10**12])
def test_the_clock_goes_ahead_only_and_not_for_ever(caller: Caller, seconds: object) -> None:
    answer = caller.control.post("/clock", json={"seconds": seconds})

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "seconds")
