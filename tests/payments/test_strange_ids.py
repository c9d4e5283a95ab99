"""The gateway tells an id that exists and is not ours."""

from __future__ import annotations

import uuid
from typing import Any, Final

import pytest

from quittance.payments.cancel import CannotCancel, cancel_payment
from quittance.payments.models import GatewayAttempt
from quittance.payments.surplus import NotOurs, refund_quarantined
from quittance.tenancy.rows import writing
from tests.ground import CARD, Ground, pay_on_page
from tests.payments.rows import attempt_of, in_flight, make_older

KEY: Final = {"Authorization": "Bearer sk_sandbox_demo"}


def asked_of(ground: Ground, path: str, **query: str) -> Any:
    return ground.world.client.get(
        f"{ground.world.gateway.url}/v1{path}", params=query, headers=KEY
    ).json()


def elsewhere(ground: Ground, reference: str) -> Any:
    """A payment that another shop has with the same account at the gateway."""
    page = f"{ground.world.gateway.url}/pay/page.css"
    return (
        ground.world.client.post(
            f"{ground.world.gateway.url}/v1/payments",
            headers={**KEY, "Idempotency-Key": str(uuid.uuid4())},
            json={
                "reference": reference,
                "amount_minor": 4200,
                "currency": "USD",
                "method": "card",
                "description": "Web shop",
                "return_url": page,
                "cancel_url": page,
                "locale": "en",
            },
        )
        .raise_for_status()
        .json()
    )


@pytest.mark.failure("F20")
def test_a_wrong_id_that_is_a_strangers_payment_never_cancels_that_one(ground: Ground) -> None:
    other = elsewhere(ground, "webshop:77")
    ground.world.gateway_fault("POST /v1/payments", "alter", changes={"id": other["id"]})
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    assert attempt_of(payment).gateway_object == other["id"]
    make_older(payment, minutes=61)

    with pytest.raises(CannotCancel):
        cancel_payment(payment.pk)
    ground.advance(payment)

    assert asked_of(ground, f"/payments/{other['id']}")["state"] == "open"


@pytest.mark.failure("F20")
def test_a_payment_under_a_strangers_id_is_found_by_our_reference(ground: Ground) -> None:
    other = elsewhere(ground, "webshop:78")
    ground.world.gateway_fault("POST /v1/payments", "alter", changes={"id": other["id"]})
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    (charge,) = asked_of(ground, "/payments", reference=f"{payment.pk}:1")["data"]
    pay_on_page(charge["url"], CARD)
    for minutes in (1, 59, 61):
        make_older(payment, minutes=minutes)
        payment = ground.advance(payment)
    assert payment.status == "succeeded"
    assert attempt_of(payment).gateway_object == charge["id"]
    assert (attempt_of(payment).problem, in_flight(invoice)) == ("", 0)


@pytest.mark.failure("F20")
def test_a_wrong_id_that_is_another_attempts_starts_all_the_same(ground: Ground) -> None:
    first = ground.pay((ground.bill("100.00"), "100.00"))
    ground.world.gateway_fault(
        "POST /v1/payments", "alter", changes={"id": attempt_of(first).gateway_object}
    )
    second = ground.pay((ground.bill("80.00"), "80.00"))
    make_older(second, minutes=1)
    second = ground.advance(second)
    assert attempt_of(second).status == "open"


@pytest.mark.failure("F20")
def test_a_strangers_money_is_not_sent_back_as_misfit(ground: Ground) -> None:
    other = elsewhere(ground, "webshop:79")
    ground.world.gateway_fault("POST /v1/payments", "alter", changes={"id": other["id"]})
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    pay_on_page(other["url"], CARD)  # the web shop's buyer pays
    ground.advance(payment)
    attempt = attempt_of(payment)
    assert attempt.came_object == ""  # it is not even taken for what came
    with writing():  # as it might have been before
        GatewayAttempt.objects.filter(pk=attempt.pk).update(
            came_object=other["id"], came_minor=4200, came_currency="USD"
        )

    with pytest.raises(NotOurs):
        refund_quarantined(attempt.pk, key="k1", note="does not fit")

    assert asked_of(ground, "/refunds", payment=other["id"])["data"] == []
