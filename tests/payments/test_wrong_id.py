"""The gateway may say a wrong id: what came all the same must not be lost."""

from __future__ import annotations

from typing import Any

import pytest

from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.outside import adopt_movements
from quittance.payments.surplus import refund_quarantined
from quittance.tenancy.rows import writing
from tests.ground import CARD, Ground, pay_on_page
from tests.payments.backwards import (
    REFUND,
    again,
    charged,
    money,
    refund,
    refunds_at_gateway,
    reversals,
    shown,
    with_payment,
)
from tests.payments.rows import attempt_of, make_older
from tests.payments.test_outside import adopt, books


def paid_under_another_id(ground: Ground) -> tuple[Payment, dict[str, Any]]:
    """A payment whose id we were told wrongly, paid on the gateway's page; and what came there."""
    wrong = {"id": "pay_999999999999999999999999"}
    ground.world.gateway_fault("POST /v1/payments", "alter", changes=wrong)
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    (charge,) = ground.world.client.get(
        f"{ground.world.gateway.url}/v1/payments",
        params={"reference": f"{payment.pk}:1"},
        headers={"Authorization": "Bearer sk_sandbox_demo"},
    ).json()["data"]
    pay_on_page(charge["url"], CARD)
    return payment, charge


@pytest.mark.failure("F20")
def test_money_under_another_id_than_the_one_we_were_told_is_shown_to_a_person(
    ground: Ground,
) -> None:
    payment, charge = paid_under_another_id(ground)

    payment = ground.advance(payment)

    assert payment.status == "in_flight"  # it waits for a person, and is looked at again
    assert payment.next_at is not None
    attempt = attempt_of(payment)
    assert charge["id"] in attempt.problem
    assert attempt.came_object == charge["id"]


@pytest.mark.failure("F20")
def test_it_is_ours_when_the_gateway_still_knows_nothing_under_the_id_that_we_were_told(
    ground: Ground,
) -> None:
    payment, charge = paid_under_another_id(ground)
    ground.advance(payment)
    make_older(payment, minutes=1)

    payment = ground.advance(payment)

    assert payment.status == "succeeded"
    attempt = attempt_of(payment)
    assert (attempt.gateway_object, attempt.came_object, attempt.problem) == (charge["id"], "", "")


@pytest.mark.failure("F20")
def test_another_amount_under_another_id_can_be_sent_back_all_the_same(ground: Ground) -> None:
    payment, charge = paid_under_another_id(ground)
    with writing():  # as if we had asked for a cent less: the gateway's word does not fit
        GatewayAttempt.objects.filter(payment=payment).update(amount_minor=9999)
    ground.advance(payment)
    make_older(payment, minutes=1)
    payment = ground.advance(payment)
    attempt = attempt_of(payment)
    assert (attempt.gateway_object, attempt.came_object) == (charge["id"], charge["id"])
    assert "100.00 USD, we asked for 99.99 USD" in attempt.problem

    made = refund_quarantined(attempt.pk, key="form", note="wrong amount")

    assert (made.status, refunds_at_gateway(ground, payment)) == ("succeeded", [10000])
    assert ground.again(payment).status == "failed"


@pytest.mark.failure("F32")
def test_a_refund_under_another_id_than_the_one_we_were_told_is_counted_once(
    ground: Ground,
) -> None:
    payment = charged(ground)
    wrong = {"id": "re_999999999999999999999999"}
    ground.world.gateway_fault("POST /v1/refunds", "alter", changes=wrong)
    asked = refund(payment, 4000)
    assert again(asked).gateway_object == wrong["id"]

    ground.advance(payment)

    assert shown(payment) == [("refund", "succeeded", 4000)]
    assert refunds_at_gateway(ground, payment) == [4000]
    assert again(asked).gateway_object != wrong["id"]
    assert again(asked).problem == ""


@pytest.mark.failure("F32")
def test_an_entry_that_may_be_our_refund_under_a_wrong_id_is_not_counted_besides(
    ground: Ground,
) -> None:
    payment = charged(ground)
    ground.world.gateway_fault(REFUND, "alter", changes={"id": "re_of_nobody"})
    made = refund(payment, 4000)
    entries = books(ground, payment)
    there = entries[-1].subject
    altered = {"reference": "of nobody"}
    ground.world.gateway_fault(f"GET /v1/refunds/{there}", "alter", changes=altered)

    adopt_movements(attempt_of(payment).pk, entries)
    assert shown(payment) == [("refund", again(made).status, 4000)]
    adopt(ground, payment)

    assert again(made).gateway_object == there
    assert shown(payment) == [("refund", "succeeded", 4000)]
    assert money(ground)["gateway"] == 6000


@pytest.mark.failure("F32")
def test_a_refund_in_the_books_is_not_a_strangers_while_ours_waits_for_its_answer(
    ground: Ground,
) -> None:
    payment = charged(ground)
    ground.world.gateway_fault("POST /v1/refunds", "drop_after")
    asked = refund(payment, 4000)
    assert again(asked).status == "unknown"
    wrong = {"reference": "somebody-elses"}
    ground.world.gateway_fault("GET /v1/refunds/*", "alter", changes=wrong)

    ground.advance(payment)
    ground.advance(payment)

    assert shown(payment) == [("refund", "succeeded", 4000)]
    assert again(asked).status == "succeeded"


@pytest.mark.failure("F32")
def test_an_answer_that_names_a_refund_which_stands_here_already_is_not_believed(
    ground: Ground,
) -> None:
    payment = charged(ground)
    with_payment(ground, payment, "refund", amount_minor=4000)
    ground.advance(payment)
    (there,) = reversals(payment)
    ground.world.gateway_fault("POST /v1/refunds", "alter", changes={"id": there.gateway_object})

    asked = refund(payment, 1000)
    doubted = again(asked).problem
    ground.advance(payment)

    assert there.number in doubted
    assert shown(payment) == [("refund", "succeeded", 4000), ("refund", "succeeded", 1000)]
    assert (again(asked).problem, refunds_at_gateway(ground, payment)) == ("", [4000, 1000])
