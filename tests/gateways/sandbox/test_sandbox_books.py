"""The sandbox's own books, as its adapter reads them: whole, or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from quittance.core.errors import Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways import registry
from quittance.gateways.base import MovementKind, ReportsMovements
from quittance.gateways.contract import caught
from quittance.gateways.contract_deeds import paid
from tests.gateways.sandbox.gateway_stage import SECRET, SandboxStage

ENTRY = {
    "id": "bal_1",
    "kind": "charge",
    "payment": "pay_1",
    "subject": None,
    "code": None,
    "gross_minor": 1000,
    "fee_minor": 59,
    "net_minor": 941,
    "currency": "USD",
    "payout": None,
    "created_at": "2026-03-01T09:30:00.123Z",
}


def answering(*pages: dict[str, Any], asked: list[httpx.Request] | None = None) -> ReportsMovements:
    """A gateway at the other end of which somebody else answers: ``pages``, one after another."""
    left = list(pages)

    def answer(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(request)
        return httpx.Response(200, content=json.dumps(left.pop(0)))

    settings = {"address": "http://gateway.example", "api_key": "k", "webhook_secret": SECRET}
    client = httpx.Client(transport=httpx.MockTransport(answer))
    opened = registry.open_gateway("sandbox", settings, client)
    assert isinstance(opened, ReportsMovements)
    return opened


def entry(**changes: object) -> dict[str, object]:
    return {**ENTRY, **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"net_minor": 942},
        {"gross_minor": "1000"},
        {"gross_minor": 10.5},
        {"fee_minor": None},
        {"kind": "gift"},
        {"currency": "Dollars"},
        {"created_at": "2026-03-01T09:30:00"},
        {"created_at": "yesterday"},
        {"id": ""},
        {"payment": 7},
    ],
)
def test_an_entry_that_makes_no_sense_hides_no_other(changes: dict[str, Any]) -> None:
    page = {"data": [entry(), entry(id="bal_2") | changes], "has_more": False}

    caught(Unavailable, answering(page).movements, "")
    caught(Unavailable, answering(page).movements_of, "pay_1")


def test_a_page_is_read_with_its_cursor() -> None:
    said: list[httpx.Request] = []
    gateway = answering(
        {"data": [entry(), entry(id="bal_2")], "has_more": True},
        {"data": [], "has_more": False},
        asked=said,
    )

    first = gateway.movements("")
    second = gateway.movements(first.cursor)

    assert (first.cursor, first.more) == ("bal_2", True)
    assert (second.cursor, second.more, list(second.movements)) == ("bal_2", False, [])
    assert [request.url.params.get("after") for request in said] == [None, "bal_2"]


@pytest.mark.parametrize(
    "pages",
    [
        [{"data": [entry(), entry()], "has_more": False}],
        [{"data": [entry()], "has_more": True}, {"data": [entry()], "has_more": False}],
        [{"data": [], "has_more": True}],
        [{"data": [entry()]}],
        [{"data": {}, "has_more": False}],
        [{"data": [entry(payment="pay_2")], "has_more": False}],
        [{"data": [entry(payment=None)], "has_more": False}],
    ],
)
def test_a_list_that_cannot_be_whole_is_not_taken(pages: list[dict[str, Any]]) -> None:
    caught(Unavailable, answering(*pages).movements_of, "pay_1")


def test_a_page_that_repeats_what_was_read_is_not_taken() -> None:
    page = {"data": [entry()], "has_more": False}

    caught(Unavailable, answering(page).movements, "bal_1")


@pytest.mark.parametrize("changes", [{}, {"payout": "po_2"}, {"payout": "po_1", "subject": "po_1"}])
def test_what_another_payout_paid_out_is_not_taken(changes: dict[str, Any]) -> None:
    page = {"data": [entry() | changes], "has_more": False}

    caught(Unavailable, answering(page).movements_in, "po_1")


def test_a_balance_with_a_currency_twice_is_not_taken() -> None:
    held = {"currency": "USD", "amount_minor": -1}

    assert answering({"data": [held]}).balances() == {"USD": Money(-1, "USD")}
    caught(Unavailable, answering({"data": [held, held]}).balances)


def test_payouts_of_sixty_days_are_asked_for() -> None:
    said: list[httpx.Request] = []

    answering({"data": [], "has_more": False}, asked=said).payouts()

    start = datetime.fromisoformat(said[0].url.params["created_after"])
    assert abs(datetime.now(UTC) - timedelta(days=60) - start) < timedelta(minutes=5)


def test_a_cursor_that_the_gateway_does_not_know_is_refused(stage: SandboxStage) -> None:
    caught(Refused, stage.gateway.movements, "bal_of_another_account")


def test_more_than_one_page_is_read_to_its_end(own_stage: SandboxStage) -> None:
    payment = paid(own_stage, minor=10_000)
    for _ in range(101):
        own_stage.refund_in_pages(payment, Money(1, "USD"))

    own = own_stage.gateway.movements_of(payment.gateway_object)
    first = own_stage.gateway.movements("")
    second = own_stage.gateway.movements(first.cursor)

    assert len(own) == 102
    assert first.more
    assert not second.more
    assert [*first.movements, *second.movements] == list(own)
    assert own_stage.gateway.balances() == {"USD": Money(sum(one.net.minor for one in own), "USD")}


def test_a_fee_and_a_payout_belong_to_no_payment(own_stage: SandboxStage) -> None:
    own_stage.control("/fees", amount_minor=250, currency="EUR")
    own_stage.pay_out()

    fee, payout = own_stage.gateway.movements("").movements

    assert (fee.kind, fee.gateway_object, fee.subject) == (MovementKind.FEE, "", "")
    assert (fee.gross, fee.fee) == (Money(0, "EUR"), Money(250, "EUR"))
    (made,) = own_stage.gateway.payouts()
    assert (payout.kind, payout.subject) == (MovementKind.PAYOUT, made.payout_id)
    assert (made.amount, payout.net) == (Money(-250, "EUR"), Money(250, "EUR"))
    assert list(own_stage.gateway.movements_in(made.payout_id)) == [fee]


@pytest.mark.parametrize("changes", [{"state": "appealed"}, {"answer_until": "soon"}])
def test_a_dispute_that_makes_no_sense_is_not_taken(
    stage: SandboxStage, changes: dict[str, Any]
) -> None:
    payment = paid(stage)
    stage.dispute(payment, payment.amount)
    stage.control("/faults", match="GET /v1/disputes", kind="alter", changes=changes)

    caught(Unavailable, stage.gateway.disputes_of, payment.gateway_object)


def test_a_dispute_of_another_payment_is_not_taken(stage: SandboxStage) -> None:
    payment = paid(stage)
    stage.dispute(payment, payment.amount)
    stage.control("/faults", match="GET /v1/disputes", kind="alter", changes={"payment": "pay_x"})

    caught(Unavailable, stage.gateway.disputes_of, payment.gateway_object)
