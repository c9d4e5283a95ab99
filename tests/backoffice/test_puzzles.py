"""A gateway's answer that does not fit: its row offers more than handing it on."""

from __future__ import annotations

import pytest

from quittance.core.money import Money
from quittance.gateways.base import PaymentState
from quittance.payments.models import Payment
from tests.backoffice.office import action, words
from tests.payments.rows import attempt_of
from tests.payments.test_puzzles import said
from tests.portal.doors import Door

pytestmark = pytest.mark.failure("F20")
S = PaymentState


def puzzling(door: Door, *, end: PaymentState | None = None) -> Payment:
    """A payment of which the gateway says another amount."""
    payment = door.ground.pay((door.ground.bill("100.00"), "100.00"))
    if end:
        said(payment, end)
    said(payment, S.OPEN, amount=Money(9999, "USD"))
    return payment


def test_a_clerk_asks_the_gateway_again_and_the_row_is_gone(door: Door) -> None:
    payment, client = puzzling(door), door.clerk()
    page = client.get(f"/office/exceptions/attempt/{attempt_of(payment).pk}")
    ask = action(page, "ask-again")

    answer = client.post(ask)
    again = client.post(ask)

    assert "Ask the gateway again" in words(page)
    assert answer["Location"] == "/office/exceptions?done=fits"
    assert again["Location"] == "/office/exceptions?done=fits"
    assert "Nothing waits for you" in words(client.get("/office/exceptions"))


def test_a_gateway_that_says_the_same_leaves_the_row_and_says_so(door: Door) -> None:
    payment, client = puzzling(door), door.clerk()
    page = client.get(f"/office/exceptions/attempt/{attempt_of(payment).pk}")
    door.ground.world.gateway_fault("GET /v1/payments/*", "alter", changes={"amount_minor": 9999})

    answer = client.post(action(page, "ask-again"))

    assert "done=puzzles_still" in answer["Location"]
    assert "says the same" in words(client.get(answer["Location"]))


def test_a_gateway_that_is_down_changes_nothing_and_says_so(door: Door) -> None:
    payment, client = puzzling(door), door.clerk()
    page = client.get(f"/office/exceptions/attempt/{attempt_of(payment).pk}")
    door.ground.world.gateway_fault("GET /v1/payments/*", "status", status=503, times=9)

    answer = client.post(action(page, "ask-again"))
    door.ground.world.client.request("DELETE", f"{door.ground.world.gateway.control_url}/faults")

    assert answer.status_code == 409
    assert "Nothing was changed" in words(answer)


def test_an_answer_without_money_is_set_aside_once_the_payment_is_over(door: Door) -> None:
    open_, over, client = puzzling(door), puzzling(door, end=S.FAILED), door.clerk()
    live = client.get(f"/office/exceptions/attempt/{attempt_of(open_).pk}")
    page = client.get(f"/office/exceptions/attempt/{attempt_of(over).pk}")
    aside = action(page, "set-aside")

    without = client.post(aside, {"note": ""})
    done = client.post(aside, {"note": "Mended at the gateway."})

    assert "Set the answer aside" not in words(live)
    assert without.status_code == 409
    assert "Write down why" in words(without)
    assert done["Location"] == "/office/exceptions?done=set_aside"
    assert "puzzle set aside" in words(client.get(f"/office/payments/{over.number}")).lower()


def test_what_came_stands_beside_what_was_asked_for(door: Door) -> None:
    payment = door.ground.pay((door.ground.bill("100.00"), "100.00"))
    said(payment, S.SUCCEEDED, amount=Money(9000, "EUR"))
    client = door.clerk()

    page = words(client.get(f"/office/exceptions/attempt/{attempt_of(payment).pk}"))

    assert "€90.00" in page
    assert "Nothing came" not in page
    assert "Send back what came" in page
