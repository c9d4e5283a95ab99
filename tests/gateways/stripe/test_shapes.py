"""What we send and what the sandbox answers are what Stripe's own types say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from quittance.gateways.base import Agreement
from quittance.gateways.charges import StartedBy
from quittance.gateways.contract import make_request
from quittance.gateways.contract_deeds import paid, refund_of
from quittance.gateways.contract_kept import (
    charge_of,
    consent,
    finished,
    next_year,
    save_request,
    saved,
)
from quittance.gateways.saved import Proof
from quittance.gateways.stripe.transport import API_VERSION
from tests.gateways.stripe.shapes import problems_of_answer, problems_of_request
from tests.gateways.stripe.stripe_stage import StripeStage

SAMPLES = Path(__file__).parents[4] / "shared/gateways/stripe/fixtures3.json"
OURS = (
    "account", "balance", "balance_transaction", "charge", "checkout.session", "customer",
    "dispute", "event", "mandate", "payment_intent", "payment_method", "payout", "refund",
    "setup_intent", "webhook_endpoint",
)  # fmt: skip
# The samples are of August 2026; the package is of October and promises this since.
YOUNGER = {"dispute.evidence_details.submission_method is missing"}


def play_everything(stage: StripeStage) -> None:
    """Do each of the adapter's deeds once, so that each call is in the sandbox's log."""
    gateway = stage.gateway
    gateway.check()
    payment = paid(stage)
    refund = gateway.create_refund(refund_of(payment, 100))
    gateway.read_refund(refund.gateway_refund)
    gateway.find_refund(refund.reference, gateway_object=payment.gateway_object)
    stage.dispute(payment, payment.amount - refund.amount)
    gateway.disputes_of(payment.gateway_object)
    debit = paid(stage, method="bank_debit")
    stage.return_debit(debit, "R01")
    gateway.movements_of(debit.gateway_object)
    gateway.find_payment(payment.reference)
    request = save_request(stage)
    asked = make_request(payer=request.payer, consent=consent(), embedded=True)
    embedded = gateway.create_payment(asked)
    gateway.fields_of_payment(embedded.gateway_object)
    gateway.cancel_payment(embedded.gateway_object)
    gateway.cancel_payment(gateway.create_payment(make_request()).gateway_object)
    for by in StartedBy:
        for method in ("card", "bank_debit"):
            order = charge_of(stage, saved(stage, method), by=by)
            made = gateway.prepare_charge(order)
            gateway.charge(made.gateway_object, order)
    fields = gateway.start_saving(save_request(stage, embedded=True))
    gateway.fields_of_saving(fields.gateway_saving)
    waiting = gateway.start_saving(save_request(stage, "bank_debit"))
    stage.begin_to_verify(waiting, Proof.CODE)
    gateway.verify_with_code(waiting.gateway_saving, "SM11AA")
    waiting = gateway.start_saving(save_request(stage, "bank_debit"))
    stage.begin_to_verify(waiting, Proof.AMOUNTS)
    gateway.verify_with_amounts(waiting.gateway_saving, *stage.right_amounts(waiting))
    card = finished(stage, gateway.start_saving(save_request(stage)))
    gateway.change_expiry(card.gateway_method, next_year())
    gateway.remove_method(card.gateway_method)
    stage.pay_out()
    page = gateway.movements("")
    gateway.movements(page.cursor)
    gateway.movements_in(gateway.payouts()[-1].payout_id)
    gateway.balances()


@pytest.fixture(scope="module")
def calls(stage: StripeStage) -> list[dict[str, Any]]:
    seen = stage.mark()
    play_everything(stage)
    return stage.requests(seen)


def test_every_request_is_as_stripes_types_say(calls: list[dict[str, Any]]) -> None:
    ours = [call for call in calls if call["version"] and call["asked"] is not None]
    problems = {
        problem
        for call in ours
        for problem in problems_of_request(call["method"], call["path"], call["asked"])
    }

    assert problems == set()
    assert len({(call["method"], call["path"].split("/")[2]) for call in ours}) > 12


def test_every_answer_is_as_stripes_types_say(calls: list[dict[str, Any]]) -> None:
    answers = [json.loads(call["answer"]) for call in calls if call["status"] == 200]

    assert {problem for answer in answers for problem in problems_of_answer(answer)} == set()


@pytest.mark.parametrize("kind", OURS)
def test_all_that_the_sandbox_ever_made_is_as_stripes_types_say(
    kind: str, calls: list[dict[str, Any]], stage: StripeStage
) -> None:
    made = stage.client.get(f"{stage.running.control_url}/objects/{kind}").json()["data"]

    problems = {
        problem
        for each in made
        for problem in problems_of_answer({k: v for k, v in each.items() if k != "account"})
    }

    assert problems == set()


def test_each_call_names_the_version_for_which_it_was_written(
    calls: list[dict[str, Any]],
) -> None:
    import stripe

    assert {call["version"] for call in calls} == {API_VERSION}
    assert stripe.api_version == API_VERSION


def test_a_call_that_moves_money_has_our_reference_as_its_key(
    calls: list[dict[str, Any]],
) -> None:
    for call in calls:
        if call["method"] == "POST" and call["path"] in {
            "/v1/payment_intents", "/v1/checkout/sessions", "/v1/refunds", "/v1/setup_intents"
        }:  # fmt: skip
            assert call["key"] == call["asked"]["metadata"]["quittance_reference"]


def test_a_charge_of_ours_says_so_and_one_of_the_payer_does_not(
    calls: list[dict[str, Any]],
) -> None:
    confirmed = [call["asked"] for call in calls if call["path"].endswith("/confirm")]
    ours = [asked for asked in confirmed if asked.get("off_session") == "true"]
    theirs = [asked for asked in confirmed if "off_session" not in asked]

    assert len(ours) == len(theirs) == 2
    assert [usage(asked) for asked in ours] == ["unscheduled", None]
    assert [usage(asked) for asked in theirs] == [None, None]
    assert all(asked["return_url"] for asked in theirs)
    assert consent().agreement is Agreement.UNSCHEDULED


def usage(asked: Mapping[str, Any]) -> str | None:
    card = asked.get("payment_method_options", {}).get("card", {})
    told: str | None = card.get("stored_credential_usage")
    return told


@pytest.mark.skipif(not SAMPLES.exists(), reason="Stripe's sample objects are not beside us.")
def test_the_checker_finds_nothing_wrong_with_stripes_own_samples() -> None:
    samples = json.loads(SAMPLES.read_text())["resources"]

    problems = {problem for kind in OURS for problem in problems_of_answer(samples[kind])}

    assert problems == YOUNGER


@pytest.mark.skipif(not SAMPLES.exists(), reason="Stripe's sample objects are not beside us.")
@pytest.mark.parametrize(
    ("kind", "changes", "problem"),
    [
        ("charge", {"colour": "red"}, "charge.colour is unknown"),
        ("charge", {"amount": "100"}, "charge.amount is '100' instead of int"),
        ("charge", {"status": "fine"}, "charge.status is 'fine', which is no word of Stripe's"),
        ("charge", {"currency": None}, "charge.currency is null"),
        ("charge", {"outcome": {"type": "a", "x": 1}}, "charge.outcome.x is unknown"),
        ("payout", {"paid": True}, "payout.paid is unknown"),
    ],
)
def test_the_checker_sees_each_kind_of_mistake(
    kind: str, changes: dict[str, object], problem: str
) -> None:
    sample = json.loads(SAMPLES.read_text())["resources"][kind]

    assert problems_of_answer({**sample, **changes}) == [problem]
    missing = {name: value for name, value in sample.items() if name != "amount"}
    assert problems_of_answer(missing) == [f"{kind}.amount is missing"]


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"amount": "5"}, "currency is missing"),
        ({"amount": "five", "currency": "usd"}, "amount is 'five' and no whole number"),
        (
            {"amount": "5", "currency": "usd", "payment_method_types": {"0": "card"}},
            "payment_method_types is unknown",  # since the release of this name
        ),
        (
            {"amount": "5", "currency": "usd", "setup_future_usage": "ever"},
            "setup_future_usage is 'ever', which is no word of Stripe's",
        ),
        (
            {"amount": "5", "currency": "usd", "automatic_payment_methods": {"on": "true"}},
            "automatic_payment_methods.on is unknown",
        ),
    ],
)
def test_the_checker_sees_what_a_request_may_not_say(asked: dict[str, Any], problem: str) -> None:
    found = problems_of_request("POST", "/v1/payment_intents", asked)

    assert f"POST /v1/payment_intents: {problem}" in found
