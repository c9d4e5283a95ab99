"""Stripe's books: the newest first, and more than its own word for everything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from quittance.core.errors import Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.base import DisputeState, Movement, MovementKind
from quittance.gateways.contract import caught, make_request
from quittance.gateways.contract_deeds import paid, refund_of
from quittance.gateways.stripe import calls
from tests.gateways.stripe.stripe_stage import StripeStage, WholeGateway


@pytest.fixture
def other(stage: StripeStage, monkeypatch: pytest.MonkeyPatch) -> Iterator[WholeGateway]:
    """An account with few entries in its books, read by pages of two."""
    monkeypatch.setattr(calls, "PAGE", 2)
    yield stage.open(api_key="sk_test_fabrikam", publishable_key="pk_test_fabrikam")
    stage.client.delete(f"{stage.running.control_url}/clock").raise_for_status()


def test_books_of_many_pages_are_read_from_their_beginning(
    stage: StripeStage, other: WholeGateway
) -> None:
    assert other.movements("").movements == []
    made = []
    for seconds in (0, 1000, 1000, 0, 1000):
        stage.control("/clock", seconds=seconds)
        made.append(other.create_payment(make_request()))
        stage.control(f"/pay/{made[-1].gateway_object}", number="4242424242424242")

    read: list[Movement] = []
    page = other.movements("")
    read += page.movements
    while page.more:
        page = other.movements(page.cursor)
        read += page.movements

    assert [one.gateway_object for one in read] == [one.gateway_object for one in made]
    assert other.movements(page.cursor).movements == []


def test_an_entry_that_does_not_add_up_stops_the_reading(stage: StripeStage) -> None:
    payment = paid(stage)
    stage.control("/faults", match="GET /v1/balance_transactions", kind="alter", changes={"net": 1})

    caught(Unavailable, stage.gateway.movements, "")
    assert stage.gateway.movements_of(payment.gateway_object)


def test_what_stripe_keeps_for_itself_is_a_fee_with_its_word(stage: StripeStage) -> None:
    paid(stage)
    told = {"type": "stripe_fee", "reporting_category": "fee", "amount": -70, "fee": 0, "net": -70}
    changes = {**told, "source": None}
    stage.control("/faults", match="GET /v1/balance_transactions", kind="alter", changes=changes)

    fee = stage.gateway.movements("").movements[-1]

    assert (fee.kind, fee.code, fee.gateway_object) == (MovementKind.FEE, "stripe_fee", "")
    assert (fee.gross, fee.fee, fee.net) == (Money(0, "USD"), Money(70, "USD"), Money(-70, "USD"))


def test_a_dispute_takes_its_fee_too_and_keeps_it_when_it_is_won(stage: StripeStage) -> None:
    payment = paid(stage, minor=10_000)
    stage.dispute(payment, payment.amount)
    (dispute,) = stage.gateway.disputes_of(payment.gateway_object)

    stage.decide_dispute(dispute, won=True)

    _, taken, back = stage.gateway.movements_of(payment.gateway_object)
    assert (taken.gross.minor, taken.fee.minor) == (-10_000, 1500)
    assert (back.gross.minor, back.fee.minor) == (10_000, 0)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("warning_needs_response", DisputeState.OPEN),
        ("warning_closed", DisputeState.WON),
        ("appeal_under_review", DisputeState.UNDER_REVIEW),
    ],
)
def test_each_word_for_a_dispute_has_one_of_ours(
    stage: StripeStage, word: str, state: DisputeState
) -> None:
    payment = paid(stage)
    stage.dispute(payment, payment.amount)
    stage.control("/faults", match="GET /v1/disputes", kind="alter", changes={"status": word})

    (told,) = stage.gateway.disputes_of(payment.gateway_object)

    assert told.state is state


def test_a_word_that_nobody_knows_is_no_state(stage: StripeStage) -> None:
    payment = paid(stage)
    refund = stage.gateway.create_refund(refund_of(payment, 100))
    stage.control("/faults", match="GET /v1/refunds/*", kind="alter", changes={"status": "new"})

    caught(Unavailable, stage.gateway.read_refund, refund.gateway_refund)


def test_a_payment_that_nobody_made_yet_has_no_books(stage: StripeStage) -> None:
    made = stage.gateway.create_payment(make_request())

    assert list(stage.gateway.movements_of(made.gateway_object)) == []
    assert list(stage.gateway.disputes_of(made.gateway_object)) == []
    assert stage.gateway.find_refund("any", gateway_object=made.gateway_object) is None
    caught(Refused, stage.gateway.read_payment, "ch_1")
