"""The command: how it delivers, stops and remembers."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import stripe

from sandbox.stripe.__main__ import main
from sandbox.stripe.launch import Running, start_stripe
from tests.sandbox.gateway.shop import Shop
from tests.sandbox.stripe.stripe_caller import Caller


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_events_come_signed_as_stripes_own_verifier_wants_until_they_are_taken(
    caller: Caller, shop: Shop
) -> None:
    shop.answers += [500, 500]
    endpoint = caller.made("/webhook_endpoints", url=shop.url, enabled_events__0="payout.paid")
    caller.made(
        "/payment_intents", amount=900, currency="usd", payment_method="pm_card_visa",
        confirm="true", return_url="https://shop.example/back",
    )  # fmt: skip

    caller.tell("/payouts")

    caller.until(lambda: len(shop.messages) >= 3)
    bodies = {message.body for message in shop.messages}
    assert len(bodies) == 1
    for message in shop.messages:
        told = {name.lower(): value for name, value in message.headers.items()}
        event = stripe.Webhook.construct_event(
            message.body, told["stripe-signature"], endpoint["secret"]
        )
        assert event.type == "payout.paid"
    assert caller.get("/webhook_endpoints")["data"][0].get("secret") is None
    caller.api.delete(f"/webhook_endpoints/{endpoint['id']}").raise_for_status()
    shop.close()


def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    running = start_stripe(tmp_path)
    caller = Caller(running)
    made = caller.made("/payment_intents", key="before", amount=500, currency="usd")
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait()
    caller.close()

    with start_stripe(tmp_path, port=port_of(running)) as again:
        caller = Caller(again)
        assert caller.post("/payment_intents", key="before", amount=500, currency="usd").json() == (
            made
        )
        caller.close()
        assert again.stop() == 0


def port_of(running: Running) -> int:
    return int(running.url.rpartition(":")[2])


def test_a_port_that_is_taken_is_named(running: Running, tmp_path: Path, capsys: object) -> None:
    taken = str(port_of(running))
    arguments = ["--port", taken, "--script-port", "0", "--control-port", "0"]

    code = main([*arguments, "--data", str(tmp_path)])

    assert code == 2
    assert isinstance(capsys, pytest.CaptureFixture)
    assert f"127.0.0.1:{taken}" in capsys.readouterr().err
