"""What every gateway adapter must do; what its further deeds must, is in ``contract_parts``.

A test module needs a fixture ``stage`` and one line: ``globals().update(parts_of(MyGateway))``. The
stage is everybody else in the play: the payer, the bank and the trouble.

The rules hold against the sandbox servers always and against a real provider by hand. This module
knows no pytest, so it can be shipped with the product for adapters in packages of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import uuid4

from quittance.core.errors import Misconfigured, OutcomeUnknown, OutsideError, Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.base import (
    REASONS,
    Gateway,
    GatewayPayment,
    PaymentRequest,
    PaymentState,
)
from quittance.gateways.saved import Saving

ErrorT = TypeVar("ErrorT", bound=OutsideError)
Linked = TypeVar("Linked", GatewayPayment, Saving)


class Trouble(StrEnum):
    """What happens to the next call that writes (``GARBLED_READ``: that reads)."""

    THROTTLED = "throttled"  # answers 429 with a Retry-After of 7 seconds
    LOST_BEFORE = "lost_before"  # the connection breaks, nothing was done
    LOST_AFTER = "lost_after"  # the connection breaks, it was done
    ERROR_AFTER = "error_after"  # answers 500, it was done
    GARBLED = "garbled"  # answers half of it, it was done
    STILL_AT_WORK = "still_at_work"  # the first request of the same key has not ended
    GARBLED_READ = "garbled_read"


class Stage(Protocol):
    """What a test needs besides the adapter: the payer, the bank and the trouble."""

    @property
    def gateway(self) -> Gateway:
        """The adapter, with two webhook secrets, the second being the one that signs."""

    def with_wrong_key(self) -> Gateway: ...

    def unreachable(self) -> Gateway: ...

    def with_other_webhook_secret(self) -> Gateway: ...

    def pay(self, payment: GatewayPayment) -> None:
        """Pay as the payer, so that it succeeds at once."""

    def decline(self, payment: GatewayPayment) -> None:
        """Try as the payer with an account that holds too little."""

    def trouble(self, kind: Trouble, reference: str) -> None:
        """Prepare trouble for the next call; ``reference`` is the payment's that it will make."""

    def webhook(
        self, payment: GatewayPayment, *, age_seconds: int = 0
    ) -> tuple[Mapping[str, str], bytes]:
        """Return a rightly signed message about ``payment``, as it came over the wire."""


def make_request(**changes: object) -> PaymentRequest:
    """Return a request for 10.50 USD by card under a reference of its own."""
    facts: dict[str, object] = {
        "reference": f"test-{uuid4()}",
        "amount": Money(1050, "USD"),
        "method": "card",
        "description": "Invoices 103021 and 103024",
        "return_url": "http://shop.example/return",
        "cancel_url": "http://shop.example/cancel",
        "locale": "en",
    }
    return PaymentRequest(**{**facts, **changes})  # type: ignore[arg-type]


def request_for(gateway: Gateway, *, minor: int = 1050, **changes: object) -> PaymentRequest:
    """Return a request that this gateway takes: USD by card, or what it has of both."""
    facts = gateway.capabilities
    currency = "USD" if not facts.currencies or "USD" in facts.currencies else min(facts.currencies)
    method = "card" if "card" in facts.methods else facts.methods[0]
    return make_request(**{"amount": Money(minor, currency), "method": method, **changes})


def caught(error: type[ErrorT], call: object, *arguments: object) -> ErrorT:
    """Call, and return the error of exactly this class."""
    assert callable(call)
    try:
        answer = call(*arguments)
    except OutsideError as raised:
        if type(raised) is not error:
            raise AssertionError(
                f"{type(raised).__name__} instead of {error.__name__}: {raised}"
            ) from raised
        return raised
    raise AssertionError(f"{error.__name__} was not raised, but this came back: {answer}")


def same(now: Linked | None, before: Linked) -> bool:
    """Say whether nothing changed but perhaps the link: some gateways make a new one each time."""
    if now is None or bool(now.redirect_url) != bool(before.redirect_url):
        return False
    return replace(now, redirect_url="") == replace(before, redirect_url="")


class GatewayContract:
    """The deeds of the port, and the four ways in which they fail."""

    def test_check_returns_name_and_id_of_the_account(self, stage: Stage) -> None:
        account = stage.gateway.check()

        assert account.name.strip()
        assert account.id.strip()
        assert stage.gateway.check() == account

    def test_a_wrong_key_is_misconfigured(self, stage: Stage) -> None:
        caught(Misconfigured, stage.with_wrong_key().check)
        caught(Misconfigured, stage.with_wrong_key().create_payment, request_for(stage.gateway))

    def test_a_new_payment_is_open_and_exactly_what_was_asked_for(self, stage: Stage) -> None:
        request = request_for(stage.gateway, minor=1234)

        made = stage.gateway.create_payment(request)

        assert made.state is PaymentState.OPEN
        assert (made.reference, made.amount) == (request.reference, request.amount)
        assert made.redirect_url.startswith(("http://", "https://"))
        assert made.succeeded_at is None

    def test_the_same_request_twice_is_one_payment(self, stage: Stage) -> None:
        request = request_for(stage.gateway)

        first = stage.gateway.create_payment(request)
        second = stage.gateway.create_payment(request)

        assert second.gateway_object == first.gateway_object

    def test_the_same_reference_for_another_amount_is_refused(self, stage: Stage) -> None:
        request = request_for(stage.gateway)
        stage.gateway.create_payment(request)

        other = request_for(stage.gateway, minor=1051, reference=request.reference)

        caught(Refused, stage.gateway.create_payment, other)

    def test_what_cannot_be_right_is_refused(self, stage: Stage) -> None:
        caught(Refused, stage.gateway.create_payment, request_for(stage.gateway, minor=0))

    def test_a_payment_is_read_and_found_as_soon_as_it_exists(self, stage: Stage) -> None:
        made = stage.gateway.create_payment(request_for(stage.gateway))

        assert same(stage.gateway.read_payment(made.gateway_object), made)
        assert same(stage.gateway.find_payment(made.reference), made)

    def test_what_was_never_made_is_not_found(self, stage: Stage) -> None:
        assert stage.gateway.find_payment(f"never-{uuid4()}") is None
        caught(Refused, stage.gateway.read_payment, "pay_000000000000000000000000")

    def test_a_paid_payment_says_when_with_what_and_for_which_fee(self, stage: Stage) -> None:
        request = request_for(stage.gateway)
        made = stage.gateway.create_payment(request)

        stage.pay(made)

        paid = stage.gateway.read_payment(made.gateway_object)
        assert paid.state is PaymentState.SUCCEEDED
        assert paid.amount == made.amount
        assert paid.succeeded_at is not None
        assert paid.succeeded_at.tzinfo is not None
        digits = [character for character in paid.method_label if character.isdigit()]
        assert paid.method_label
        assert 2 <= len(digits) <= 4 or (not digits and request.method == "wallet")
        assert paid.fee is None or paid.fee.currency == made.amount.currency

    def test_a_decline_is_an_answer_and_no_error(self, stage: Stage) -> None:
        made = stage.gateway.create_payment(request_for(stage.gateway))

        stage.decline(made)

        told = stage.gateway.read_payment(made.gateway_object)
        assert told.state in {PaymentState.OPEN, PaymentState.FAILED}
        assert told.reason in REASONS if told.state is PaymentState.FAILED else not told.reason

    def test_a_cancelled_payment_stays_cancelled(self, stage: Stage) -> None:
        made = stage.gateway.create_payment(request_for(stage.gateway))

        first = stage.gateway.cancel_payment(made.gateway_object)
        second = stage.gateway.cancel_payment(made.gateway_object)

        assert first.state is second.state is PaymentState.CANCELLED
        assert not first.redirect_url

    def test_cancelling_what_succeeded_meanwhile_says_so(self, stage: Stage) -> None:
        made = stage.gateway.create_payment(request_for(stage.gateway))
        stage.pay(made)

        told = stage.gateway.cancel_payment(made.gateway_object)

        assert told.state is PaymentState.SUCCEEDED

    def test_no_connection_means_that_nothing_was_done(self, stage: Stage) -> None:
        caught(Unavailable, stage.unreachable().create_payment, request_for(stage.gateway))
        caught(Unavailable, stage.unreachable().find_payment, "any")

    def test_a_throttled_call_did_nothing_and_says_when_to_come_back(self, stage: Stage) -> None:
        request = request_for(stage.gateway)
        stage.trouble(Trouble.THROTTLED, request.reference)

        error = caught(Unavailable, stage.gateway.create_payment, request)

        assert error.retry_after_seconds == 7
        assert stage.gateway.find_payment(request.reference) is None

    def test_a_call_lost_on_the_way_is_unknown_and_then_not_found(self, stage: Stage) -> None:
        request = request_for(stage.gateway)
        stage.trouble(Trouble.LOST_BEFORE, request.reference)

        caught(OutcomeUnknown, stage.gateway.create_payment, request)

        assert stage.gateway.find_payment(request.reference) is None

    def test_a_lost_answer_is_unknown_and_then_found(self, stage: Stage) -> None:
        for kind in (Trouble.LOST_AFTER, Trouble.ERROR_AFTER, Trouble.GARBLED):
            request = request_for(stage.gateway)
            stage.trouble(kind, request.reference)

            caught(OutcomeUnknown, stage.gateway.create_payment, request)

            found = stage.gateway.find_payment(request.reference)
            assert found is not None, kind
            assert found.amount == request.amount

    def test_a_twin_still_at_work_is_unavailable(self, stage: Stage) -> None:
        request = request_for(stage.gateway)
        stage.trouble(Trouble.STILL_AT_WORK, request.reference)

        caught(OutcomeUnknown, stage.gateway.create_payment, request)

        caught(Unavailable, stage.gateway.create_payment, request)

    def test_a_garbled_answer_to_a_question_is_unavailable(self, stage: Stage) -> None:
        made = stage.gateway.create_payment(request_for(stage.gateway))
        for call, word in (
            (stage.gateway.read_payment, made.gateway_object),
            (stage.gateway.find_payment, made.reference),
        ):
            stage.trouble(Trouble.GARBLED_READ, made.reference)

            caught(Unavailable, call, word)

    def test_a_signed_webhook_names_the_payment(self, stage: Stage) -> None:
        made = stage.gateway.create_payment(request_for(stage.gateway))
        headers, body = stage.webhook(made)

        events = stage.gateway.read_webhook(headers, body)

        assert [event.gateway_object for event in events] == [made.gateway_object]
        assert all(event.event_id and event.kind for event in events)

    def test_a_forged_webhook_is_refused(self, stage: Stage) -> None:
        made = stage.gateway.create_payment(request_for(stage.gateway))
        headers, body = stage.webhook(made)

        caught(Refused, stage.with_other_webhook_secret().read_webhook, headers, body)
        caught(Refused, stage.gateway.read_webhook, headers, body + b" ")
        caught(Refused, stage.gateway.read_webhook, {}, body)
        caught(Refused, stage.gateway.read_webhook, dict.fromkeys(headers, "\xff,"), b"\xff")

    def test_a_webhook_signed_more_than_five_minutes_ago_is_refused(self, stage: Stage) -> None:
        made = stage.gateway.create_payment(request_for(stage.gateway))

        still_good = stage.webhook(made, age_seconds=290)
        too_old = stage.webhook(made, age_seconds=310)

        assert stage.gateway.read_webhook(*still_good)
        caught(Refused, stage.gateway.read_webhook, *too_old)
