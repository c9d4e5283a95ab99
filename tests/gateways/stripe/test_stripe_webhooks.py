"""Messages of Stripe: ours or nobody's, of this mode, and about our own ids."""

from __future__ import annotations

from typing import Any

import pytest

from quittance.core.errors import Misconfigured, Refused
from quittance.core.money import Money
from quittance.gateways import registry
from quittance.gateways.base import MovementKind
from quittance.gateways.contract import caught, make_request
from quittance.gateways.contract_deeds import paid, refund_of
from tests.gateways.stripe.stripe_stage import KEY, SECRET, StripeStage

failure = pytest.mark.failure
LIVE = {"api_key": "sk_live_northwind", "publishable_key": "pk_live_northwind"}


def named(stage: StripeStage, id_: str, kind: str, **changes: Any) -> list[str]:
    headers, body = stage.signed(id_, type=kind, changes=changes)
    return [event.gateway_object for event in stage.gateway.read_webhook(headers, body)]


@failure("F26")
def test_a_message_of_the_other_mode_is_refused(stage: StripeStage) -> None:
    made = stage.gateway.create_payment(make_request())
    test, live = (stage.signed(made.gateway_object, changes={"livemode": x}) for x in (False, True))

    caught(Refused, stage.gateway.read_webhook, *live)
    caught(Refused, stage.open(**LIVE).read_webhook, *test)
    assert stage.open(**LIVE).read_webhook(*live)


@failure("F26")
def test_a_message_of_another_account_is_refused(stage: StripeStage) -> None:
    made = stage.gateway.create_payment(make_request())
    message = stage.signed(made.gateway_object, changes={"account": "acct_1Stranger"})

    caught(Refused, stage.gateway.read_webhook, *message)
    caught(Refused, stage.open(account_id="acct_1NorthwindSandbox").read_webhook, *message)
    assert stage.open(account_id="acct_1Stranger").read_webhook(*message)


def test_a_key_of_another_account_is_misconfigured(stage: StripeStage) -> None:
    stage.open(account_id="acct_1NorthwindSandbox").check()

    error = caught(Misconfigured, stage.open(account_id="acct_1FabrikamSandbox").check)

    assert error.facts["field"] == "account_id"


@failure("F28")
def test_while_a_secret_is_replaced_both_are_taken(stage: StripeStage) -> None:
    made = stage.gateway.create_payment(make_request())
    message = stage.signed(made.gateway_object)

    for secrets in (SECRET, f"{SECRET} whsec_new", f"whsec_new {SECRET}"):
        assert stage.open(webhook_secret=secrets).read_webhook(*message)
    caught(Refused, stage.open(webhook_secret="whsec_new").read_webhook, *message)


def test_what_happens_to_a_hosted_payment_is_told_of_its_session(stage: StripeStage) -> None:
    payment = paid(stage)
    refund = stage.gateway.create_refund(refund_of(payment, 100))
    stage.dispute(payment, Money(200, "USD"))
    ((dispute,), session) = (
        stage.gateway.disputes_of(payment.gateway_object),
        stage.shown(payment.gateway_object),
    )
    charge = stage.client.get(
        f"{stage.running.url}/v1/payment_intents/{session['payment_intent']}",
        headers={"Authorization": f"Bearer {KEY}"},
    ).json()["latest_charge"]

    for id_, kind in (
        (session["id"], "checkout.session.async_payment_failed"),
        (refund.gateway_refund, "refund.updated"),
        (dispute.gateway_dispute, "charge.dispute.created"),
        (charge, "charge.refunded"),
    ):
        fresh = stage.open().read_webhook(*stage.signed(id_, type=kind))  # it remembers nothing
        assert [event.gateway_object for event in fresh] == [payment.gateway_object], kind


def test_a_message_is_left_out_that_its_session_tells_as_well(stage: StripeStage) -> None:
    payment = paid(stage)
    intent = stage.shown(payment.gateway_object)["payment_intent"]

    assert named(stage, intent, "payment_intent.succeeded") == []
    assert named(stage, intent, "payment_intent.created") == []


def test_a_decline_on_the_page_is_left_out_but_not_a_debit_that_failed_late(
    stage: StripeStage,
) -> None:
    debit = paid(stage, method="bank_debit")
    charge = stage.control(f"/return/{debit.gateway_object}", code="R01", late_failure=True)

    assert named(stage, charge["id"], "charge.failed") == [debit.gateway_object]
    early = {"object": {**charge, "failure_balance_transaction": None}}
    assert named(stage, charge["id"], "charge.failed", data=early) == []


def test_an_embedded_payment_is_told_by_its_intent(stage: StripeStage) -> None:
    made = stage.gateway.create_payment(make_request(embedded=True))

    found = named(stage, made.gateway_object, "payment_intent.succeeded")

    assert found == [made.gateway_object]


def test_what_is_about_no_payment_is_left_out(stage: StripeStage) -> None:
    assert named(stage, stage.any_object(), "customer.created") == []
    payout = {"object": {"object": "payout", "id": "po_1"}}
    assert named(stage, stage.any_object(), "payout.paid", data=payout) == []


@failure("F34")
def test_both_ways_in_which_a_debit_comes_back_are_returns(stage: StripeStage) -> None:
    for late_failure, code in ((True, "R01"), (False, "R29")):
        debit = paid(stage, method="bank_debit")

        stage.control(f"/return/{debit.gateway_object}", code=code, late_failure=late_failure)

        _, back = stage.gateway.movements_of(debit.gateway_object)
        assert (back.kind, back.code, back.subject) == (MovementKind.RETURN, code, "")
        assert back.gross == -debit.amount
        assert list(stage.gateway.disputes_of(debit.gateway_object)) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"api_key": "pk_test_a"}, "api_key"),
        ({"api_key": ""}, "api_key"),
        ({"api_key": "sk_test_é"}, "api_key"),
        ({"publishable_key": "sk_test_a"}, "publishable_key"),
        ({"publishable_key": "pk_live_a"}, "publishable_key"),
        ({"webhook_secret": "secret"}, "webhook_secret"),
        ({"account_id": "northwind"}, "account_id"),
        ({"address": "https://api.stripe.com/v1"}, "address"),
        ({"script_address": "js.stripe.com"}, "script_address"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(
    stage: StripeStage, changes: dict[str, str], field: str
) -> None:
    assert caught(Misconfigured, lambda: stage.open(**changes)).facts["field"] == field


def test_the_form_asks_for_little_and_hides_what_is_secret() -> None:
    fields = {field.name: field for field in registry.fields("stripe")}

    assert [name for name, field in fields.items() if field.secret] == ["api_key", "webhook_secret"]
    needed = [name for name, field in fields.items() if not field.optional]
    assert needed == ["api_key", "webhook_secret"]
    assert all(field.label and field.help for field in fields.values())
