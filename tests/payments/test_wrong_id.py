"""The gateway may say a wrong id: what came all the same must not be lost."""

from __future__ import annotations

import pytest

from tests.ground import CARD, Ground, pay_on_page
from tests.payments.rows import attempt_of


@pytest.mark.failure("F20")
def test_money_under_another_id_than_the_one_we_were_told_is_shown_to_a_person(
    ground: Ground,
) -> None:
    wrong = {"id": "pay_999999999999999999999999"}
    ground.world.gateway_fault("POST /v1/payments", "alter", changes=wrong)
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    (charge,) = ground.world.client.get(
        f"{ground.world.gateway.url}/v1/payments",
        params={"reference": f"{payment.pk}:1"},
        headers={"Authorization": "Bearer sk_sandbox_demo"},
    ).json()["data"]
    pay_on_page(charge["url"], CARD)

    payment = ground.advance(payment)

    assert payment.status == "in_flight"  # it waits for a person, and is looked at again
    assert payment.next_at is not None
    attempt = attempt_of(payment)
    assert charge["id"] in attempt.problem
    assert attempt.came_object == charge["id"]
