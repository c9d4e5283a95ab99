"""The sandbox's API as Stripe's documentation describes it, and as Stripe's own client uses it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.stripe import specs
from sandbox.stripe.forms import LIST, MAP
from sandbox.stripe.launch import Running
from sandbox.stripe.numbers import CARDS, luhn_holds
from tests.sandbox.stripe.stripe_caller import PUBLIC_KEY, Caller

CONFIRMED = {"confirm": "true", "return_url": "https://shop.example/back"}


def intent(caller: Caller, method: str, **more: Any) -> dict[str, Any]:
    asked = {"amount": 1050, "currency": "usd", "payment_method": method, **CONFIRMED, **more}
    return dict(caller.post("/payment_intents", **asked).json())


def test_stripes_own_client_works_unchanged_but_for_its_address(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe, "enable_telemetry", False)  # it would write into our home
    client = stripe.StripeClient("sk_test_northwind", base_addresses={"api": running.url})

    customer = client.v1.customers.create({"name": "Ann", "metadata": {"a": "b"}})
    for _ in range(3):
        client.v1.payment_intents.create(
            {"amount": 500, "currency": "eur", "customer": customer.id, "metadata": {"a": "b"}}
        )
    paged = client.v1.payment_intents.list({"customer": customer.id, "limit": 2})
    with pytest.raises(stripe.CardError) as declined:
        client.v1.payment_intents.create(
            {
                "amount": 500, "currency": "usd", "confirm": True,
                "payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds",
                "return_url": "https://shop.example/back",
            }
        )  # fmt: skip

    assert len(list(paged.auto_paging_iter())) == 3
    assert declined.value.code == "card_declined"
    assert declined.value.error is not None
    assert declined.value.error.decline_code == "insufficient_funds"
    assert declined.value.request_id


@pytest.mark.parametrize(
    ("method", "status", "code"),
    [
        ("pm_card_visa", "succeeded", None),
        ("pm_card_authenticationRequired", "requires_action", None),
        ("pm_card_visa_chargeDeclined", "requires_payment_method", "card_declined"),
    ],
)
def test_a_test_method_does_what_it_is_for(
    caller: Caller, method: str, status: str, code: str | None
) -> None:
    answer = intent(caller, method)

    shown = answer.get("error", {}).get("payment_intent", answer)
    assert shown["status"] == status
    assert answer.get("error", {}).get("code") == code
    assert caller.get(f"/payment_intents/{shown['id']}")["status"] == status


def test_without_the_payer_a_bank_that_asks_for_him_declines(caller: Caller) -> None:
    answer = intent(caller, "pm_card_authenticationRequired", off_session="true")

    assert answer["error"]["decline_code"] == "authentication_required"


def test_a_card_that_was_set_up_is_not_asked_for_again(caller: Caller) -> None:
    customer = caller.made("/customers")["id"]
    setup = caller.made("/setup_intents", customer=customer)
    caller.tell(f"/pay/{setup['id']}", number="4000002500003155", authenticate="approve")
    method = caller.get(f"/setup_intents/{setup['id']}")["payment_method"]

    answer = intent(caller, method, customer=customer, off_session="true")

    assert answer["status"] == "succeeded"


def test_a_parameter_that_nobody_knows_is_refused_and_not_kept(caller: Caller) -> None:
    asked = {"amount": 500, "currency": "usd"}
    wrong = caller.error("/payment_intents", key="k-1", colour="red", **asked)
    nested = caller.error("/payment_intents", automatic_payment_methods__on="true", **asked)

    assert (wrong["status"], wrong["code"], wrong["param"]) == (400, "parameter_unknown", "colour")
    assert nested["param"] == "automatic_payment_methods[on]"
    assert caller.error("/payment_intents", amount=500)["code"] == "parameter_missing"
    assert caller.post("/payment_intents", key="k-1", **asked).status_code == 200


def test_a_key_brings_the_first_answer_and_no_other_content(caller: Caller) -> None:
    asked = {"amount": 500, "currency": "usd"}
    first = caller.post("/payment_intents", key="k-2", **asked)
    again = caller.post("/payment_intents", key="k-2", **asked)
    other = caller.error("/payment_intents", key="k-2", amount=501, currency="usd")

    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other["status"], other["type"]) == (400, "idempotency_error")
    caller.tell("/keys/expire")
    assert caller.made("/payment_intents", key="k-2", **asked)["id"] != first.json()["id"]


def test_a_request_whose_twin_is_at_work_is_told_so(caller: Caller) -> None:
    caller.tell("/faults", match="POST /v1/payment_intents", kind="late_commit", seconds=0.3)
    asked = {"amount": 500, "currency": "usd", "metadata__late": "yes"}
    with pytest.raises(Exception, match="disconnected"):
        caller.post("/payment_intents", key="k-3", **asked)

    busy = caller.error("/payment_intents", key="k-3", **asked)

    assert (busy["status"], busy["code"]) == (409, "idempotency_key_in_use")
    caller.until(lambda: caller.post("/payment_intents", key="k-3", **asked).status_code == 200)
    late = [each for each in caller.ask("/objects/payment_intent") if each["metadata"].get("late")]
    assert len(late) == 1


def test_lists_are_the_newest_first_in_both_directions(caller: Caller) -> None:
    customer = caller.made("/customers")["id"]
    ids = [
        caller.made("/payment_intents", amount=500, currency="usd", customer=customer)["id"]
        for _ in range(5)
    ]
    newest = ids[::-1]

    def page(**query: object) -> tuple[list[str], bool]:
        told = caller.get("/payment_intents", customer=customer, **query)
        return [each["id"] for each in told["data"]], told["has_more"]

    assert page(limit=2) == (newest[:2], True)
    assert page(limit=2, starting_after=newest[1]) == (newest[2:4], True)
    assert page(limit=2, starting_after=newest[3]) == (newest[4:], False)
    assert page(limit=2, ending_before=newest[4]) == (newest[2:4], True)
    assert page(limit=2, ending_before=newest[0]) == ([], False)
    assert page(created__lt=1) == ([], False)


def test_expanded_ids_are_whole_objects(caller: Caller) -> None:
    paid = intent(caller, "pm_card_visa")

    told = caller.get(
        f"/payment_intents/{paid['id']}", expand__0="latest_charge.balance_transaction"
    )

    assert isinstance(paid["latest_charge"], str)
    assert told["latest_charge"]["balance_transaction"]["net"] == 1050 - 60
    answer = caller.api.get(f"/payment_intents/{paid['id']}", params={"expand[]": "colour"})
    assert answer.status_code == 400


def test_nobody_sees_what_is_another_merchants(running: Running, caller: Caller) -> None:
    mine = caller.made("/payment_intents", amount=500, currency="usd")
    stranger = Caller(running, "sk_test_fabrikam")
    nobody = Caller(running, "sk_test_revoked")

    seen = stranger.api.get(f"/payment_intents/{mine['id']}")
    refused = nobody.api.get("/balance")

    assert (seen.status_code, seen.json()["error"]["code"]) == (404, "resource_missing")
    assert refused.status_code == 401
    assert "sk_test_revoked" not in refused.text
    stranger.close()
    nobody.close()


def test_a_publishable_key_confirms_with_the_secret_of_one_intent_only(
    running: Running, caller: Caller
) -> None:
    mine, other = (caller.made("/payment_intents", amount=500, currency="usd") for _ in range(2))
    browser = Caller(running, PUBLIC_KEY)
    path = f"/payment_intents/{mine['id']}/confirm"

    wrong = browser.error(path, client_secret=other["client_secret"], payment_method="pm_card_visa")
    listed = browser.api.get("/payment_intents")
    right = browser.post(path, client_secret=mine["client_secret"], payment_method="pm_card_visa")

    assert wrong["status"] == 400
    assert listed.status_code == 401
    assert right.json()["status"] == "succeeded"
    browser.close()


def test_no_number_that_a_payer_types_is_kept(running: Running, caller: Caller, data: Path) -> None:
    made = caller.made("/payment_intents", amount=500, currency="usd")
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "737"}
    typed = {f"payment_method_data__card__{name}": value for name, value in card.items()}
    told = {"client_secret": made["client_secret"], "payment_method_data__type": "card", **typed}
    browser = Caller(running, PUBLIC_KEY)

    paid = browser.post(f"/payment_intents/{made['id']}/confirm", **told).json()

    browser.close()
    assert paid["status"] == "succeeded"
    kept = b"".join(file.read_bytes() for file in data.iterdir())
    assert b"4242424242424242" not in kept
    assert b'"737"' not in kept


def test_what_the_sandbox_takes_stripe_takes_too() -> None:
    """A name that only the sandbox knows would let the adapter send what Stripe refuses."""
    for spec, module, name in (
        (specs.INTENT, "_payment_intent_create_params", "PaymentIntentCreateParams"),
        (specs.SETUP, "_setup_intent_create_params", "SetupIntentCreateParams"),
        (specs.SESSION, "checkout._session_create_params", "SessionCreateParams"),
        (specs.INTENT_CONFIRM, "_payment_intent_confirm_params", "PaymentIntentConfirmParams"),
        (specs.SETUP_CONFIRM, "_setup_intent_confirm_params", "SetupIntentConfirmParams"),
        (specs.CUSTOMER, "_customer_create_params", "CustomerCreateParams"),
        (specs.METHOD, "_payment_method_create_params", "PaymentMethodCreateParams"),
    ):
        __import__(f"stripe.params.{module}")
        declared = sys.modules[f"stripe.params.{module}"]

        assert list(strangers(spec, declared, name)) == [], name


def strangers(spec: Any, module: Any, name: str) -> list[str]:
    """Return the names of a spec that the SDK's type of that name does not have."""
    shape = getattr(module, name)
    known = {key for base in shape.__orig_bases__ for key in getattr(base, "__annotations__", {})}
    known = {*known, *shape.__annotations__}
    found = [f"{name}.{key}" for key in spec if key not in known]
    for key, inside in spec.items():
        child = f"{name}{''.join(part.capitalize() for part in key.split('_'))}"
        branch = inside[0] if isinstance(inside, list) else inside
        if isinstance(inside, list):
            child = child.removesuffix("s")
        if inside not in (LIST, MAP) and isinstance(branch, dict) and hasattr(module, child):
            found += strangers(branch, module, child)
    return found


def test_every_test_card_has_its_check_digit() -> None:
    assert [card.number for card in CARDS if not luhn_holds(card.number)] == []
