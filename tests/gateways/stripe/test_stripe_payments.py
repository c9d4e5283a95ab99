"""What is Stripe's own about payments: two kinds of objects, its lists, its currencies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.gateways.amounts import from_whole_number, whole_number
from quittance.gateways.base import PaymentState
from quittance.gateways.contract import caught, make_request
from quittance.gateways.contract_kept import save_request
from tests.gateways.stripe.stripe_stage import StripeStage


def test_on_the_hosted_page_an_intent_comes_when_the_payer_presses(stage: StripeStage) -> None:
    made = stage.gateway.create_payment(make_request())
    before = stage.shown(made.gateway_object)["payment_intent"]

    stage.pay(made)

    assert made.gateway_object.startswith("cs_")
    assert before is None
    intent = stage.shown(made.gateway_object)["payment_intent"]
    assert stage.gateway.read_payment(intent).gateway_object == made.gateway_object


def test_after_a_decline_the_page_takes_another_card(stage: StripeStage) -> None:
    made = stage.gateway.create_payment(make_request())

    stage.decline(made)

    declined = stage.gateway.read_payment(made.gateway_object)
    assert (declined.state, declined.redirect_url) == (PaymentState.OPEN, made.redirect_url)
    assert declined.detail.startswith("insufficient_funds")
    stage.pay(made)
    assert stage.gateway.read_payment(made.gateway_object).state is PaymentState.SUCCEEDED


def test_a_payer_who_is_asked_by_his_bank_has_not_paid_yet(stage: StripeStage) -> None:
    made = stage.gateway.create_payment(make_request())

    asked = stage.control(f"/pay/{made.gateway_object}", number="4000002760003184")

    assert stage.gateway.read_payment(made.gateway_object).state is PaymentState.OPEN
    stage.control(f"/answer/{asked['id']}", decision="approve")
    assert stage.gateway.read_payment(made.gateway_object).state is PaymentState.SUCCEEDED


@pytest.mark.parametrize("reason", ["account_closed", "insufficient_funds"])
def test_a_debit_that_its_bank_refuses_later_has_failed_with_its_reason(
    stage: StripeStage, reason: str
) -> None:
    made = stage.gateway.create_payment(make_request(method="bank_debit"))
    stage.control(f"/pay/{made.gateway_object}", number="000000000009")
    waiting = stage.gateway.read_payment(made.gateway_object)

    stage.control(f"/settle/{made.gateway_object}", code=reason)

    now = stage.gateway.read_payment(made.gateway_object)
    assert waiting.state is PaymentState.PROCESSING
    assert (now.state, now.reason) == (PaymentState.FAILED, reason)
    assert now.detail.startswith(reason)


@pytest.mark.parametrize("embedded", [True, False])
def test_no_payment_waits_days_for_the_proof_of_an_account(
    stage: StripeStage, embedded: bool
) -> None:
    made = stage.gateway.create_payment(make_request(method="bank_debit", embedded=embedded))
    typed = {"number": "000123456789", "deposits": "amounts"}

    refused = stage.client.post(
        f"{stage.running.control_url}/pay/{made.gateway_object}", json=typed
    )

    assert refused.status_code == 400
    assert stage.gateway.read_payment(made.gateway_object).state is PaymentState.OPEN


def test_a_debit_under_way_is_not_cancelled(stage: StripeStage) -> None:
    made = stage.gateway.create_payment(make_request(method="bank_debit"))
    stage.control(f"/pay/{made.gateway_object}", number="000000000009")

    told = stage.gateway.cancel_payment(made.gateway_object)

    assert told.state is PaymentState.PROCESSING


def test_a_page_that_ran_out_is_cancelled_as_abandoned(stage: StripeStage) -> None:
    made = stage.gateway.create_payment(make_request())
    stage.gateway.cancel_payment(made.gateway_object)
    ours = stage.gateway.read_payment(made.gateway_object)

    past = {"expires_at": 1}
    stage.control("/faults", match="GET /v1/checkout/sessions/*", kind="alter", changes=past)
    ran_out = stage.gateway.read_payment(made.gateway_object)

    assert ours.state is ran_out.state is PaymentState.CANCELLED
    assert (ours.reason, ran_out.reason) == ("", "abandoned")


def test_an_embedded_payment_is_found_at_once_where_the_search_is_still_blind(
    stage: StripeStage,
) -> None:
    request = make_request(reference=f"{new_id()}:1", embedded=True)
    made = stage.gateway.create_payment(request)

    search = stage.client.get(
        f"{stage.running.url}/v1/payment_intents/search",
        params={"query": f"metadata['quittance_reference']:'{request.reference}'"},
        headers={"Authorization": "Bearer sk_test_northwind"},
    ).json()

    assert search["data"] == []
    assert stage.gateway.find_payment(request.reference) == made
    assert stage.gateway.find_payment(f"{new_id()}:1") is None


def test_only_the_days_of_a_reference_are_looked_through(stage: StripeStage) -> None:
    seen = stage.mark()

    stage.gateway.find_payment(f"{new_id()}:2")
    stage.gateway.find_payment(f"autopay-{uuid4()}")

    asked = [call["asked"] for call in stage.requests(seen)]
    times = [each["created"] for each in asked if "starting_after" not in each]
    first, second, undated = times[0], times[2], times[4]
    assert first["lte"] == second["gt"]  # no second is left out between the two
    assert int(second["lte"]) - int(first["gte"]) == 7 * 86400 + 3600
    assert "lte" not in undated
    assert int(first["gte"]) - int(undated["gte"]) > 29 * 86400


def test_a_list_that_makes_no_sense_is_not_taken_for_an_empty_one(stage: StripeStage) -> None:
    stage.control("/faults", match="GET /v1/checkout/sessions", kind="alter", changes={"id": ""})
    made = stage.gateway.create_payment(make_request())

    caught(Unavailable, stage.gateway.find_payment, made.reference)


@pytest.mark.parametrize(
    ("amount", "there"),
    [
        (Money(500, "JPY"), 500),
        (Money(12340, "KWD"), 12340),
        (Money(1050, "HUF"), 1050),
        (Money(500, "ISK"), 50000),
        (Money(700, "UGX"), 70000),
        (Money(100000, "MGA"), 1000),
    ],
)
def test_each_currency_is_counted_as_stripe_counts_it(
    stage: StripeStage, amount: Money, there: int
) -> None:
    facts = stage.gateway.capabilities
    made = stage.gateway.create_payment(make_request(amount=amount))

    assert stage.shown(made.gateway_object)["amount_total"] == there
    assert made.amount == amount == from_whole_number(there, amount.currency, facts)
    assert whole_number(amount, facts) == there


@pytest.mark.parametrize("amount", [Money(12345, "KWD"), Money(150, "MGA")])
def test_what_stripe_can_not_write_is_refused_before_it_is_asked(
    stage: StripeStage, amount: Money
) -> None:
    seen = stage.mark()

    caught(Refused, stage.gateway.create_payment, make_request(amount=amount))

    assert stage.mark() == seen


def test_a_debit_in_a_currency_without_one_is_refused(stage: StripeStage) -> None:
    request = make_request(method="bank_debit", amount=Money(1000, "GBP"))

    caught(Refused, stage.gateway.create_payment, request)


def test_a_debit_in_euro_is_a_sepa_debit(stage: StripeStage) -> None:
    request = make_request(method="bank_debit", amount=Money(1000, "EUR"))
    made = stage.gateway.create_payment(request)

    assert stage.types(made.gateway_object) == ["sepa_debit"]
    stage.pay(made)
    paid = stage.gateway.read_payment(made.gateway_object)
    assert paid.state is PaymentState.SUCCEEDED
    assert paid.fee == Money(38, "EUR")


def test_an_answer_about_another_payment_is_no_answer(stage: StripeStage) -> None:
    made, other = (stage.gateway.create_payment(make_request()) for _ in range(2))
    about = {"id": other.gateway_object}
    stage.control("/faults", match="GET /v1/checkout/sessions/*", kind="alter", changes=about)

    caught(Unavailable, stage.gateway.read_payment, made.gateway_object)


def test_fields_of_our_own_need_the_publishable_key(stage: StripeStage) -> None:
    without = stage.open(publishable_key="")

    assert without.capabilities.embedded_methods == frozenset()
    assert without.capabilities.origins == replace(without.capabilities.origins, script=())
    caught(Refused, without.create_payment, make_request(embedded=True))


def test_the_sdk_asks_once_and_tells_nothing_of_this_machine(stage: StripeStage) -> None:
    sent: list[httpx.Request] = []
    stage.client.event_hooks = {"request": [sent.append]}
    stage.control("/faults", match="POST /v1/*", kind="status", status=500, times=9)

    caught(OutcomeUnknown, stage.gateway.create_payment, make_request())

    stage.client.event_hooks = {}
    stage.client.delete(f"{stage.running.control_url}/faults").raise_for_status()
    (_, only) = sent
    assert only.url.path == "/v1/checkout/sessions"
    assert only.headers["user-agent"] == "quittance"
    assert not [name for name in only.headers if name.startswith("x-stripe")]


def test_the_sdk_writes_no_log_of_payers_and_no_file_of_its_own(
    stage: StripeStage,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("stripe._telemetry_id._loaded", False)

    with caplog.at_level("DEBUG"):
        stage.gateway.start_saving(save_request(stage))

    assert [record.name for record in caplog.records if record.name == "stripe"] == []
    assert list(tmp_path.iterdir()) == []
