"""A gateway may wait for our word: the money is taken once, and never of what was given up."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from functools import partial

import pytest
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from quittance.connections.keep import keep_gateway_account
from quittance.connections.open import gateway_for
from quittance.payments.cancel import CannotCancel, cancel_payment
from quittance.payments.jobs import look_soon
from quittance.payments.models import Payment
from quittance.payments.taking import GivenUp, let_go
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from tests.ground import Ground, _gateway_settings
from tests.payments.backwards import with_payment
from tests.payments.rows import attempt_of, in_flight, make_older, statuses, traces
from tests.payments.together import all_at_once
from tests.posting.dying import dies

COMPLETE = "POST /v1/payments/*/complete"


@pytest.fixture
def waiting(ground: Ground) -> Ground:
    """The ground, with a gateway account whose payments wait for our word."""
    settings = {**_gateway_settings(ground.world), "completion": "ours"}
    with writing():
        account = keep_gateway_account(kind="sandbox", name="Waiting", settings=settings)
    return replace(
        ground, gateway_account_id=account.pk, webhook_path=account.webhook_path
    )  # fmt: skip


def agreed(ground: Ground, amount: str = "100.00") -> Payment:
    """A payment to which the payer has said yes on the gateway's page."""
    payment = ground.pay((ground.bill(amount), amount))
    ground.on_page(payment)
    return payment


def taken(ground: Ground, payment: Payment) -> list[int]:
    """What the gateway's own books say came with a payment."""
    return [each["gross_minor"] for each in ground.world.gateway_ledger(f"{payment.pk}:1")]


def words(ground: Ground, payment: Payment) -> int:
    """How often the gateway was told to take the money of a payment."""
    path = f"/v1/payments/{attempt_of(payment).gateway_object}/complete"
    said = ground.world.client.get(f"{ground.world.gateway.control_url}/requests").json()
    return sum(each["path"] == path for each in said["data"])


def test_the_money_is_taken_when_the_payer_agreed(waiting: Ground) -> None:
    payment = agreed(waiting)
    assert taken(waiting, payment) == []

    waiting.advance(payment)

    assert statuses(payment) == ("succeeded", "succeeded", ["reflected"])
    assert taken(waiting, payment) == [10000]
    assert traces(payment)[:2] == (1, 1)


def test_the_word_is_not_said_before_the_payer_agreed(waiting: Ground) -> None:
    payment = waiting.pay((waiting.bill("100.00"), "100.00"))

    waiting.advance(payment)

    assert statuses(payment) == ("in_flight", "open", ["reserved"])
    assert words(waiting, payment) == 0


def test_one_who_agreed_an_hour_ago_pays_all_the_same(waiting: Ground) -> None:
    payment = agreed(waiting)
    make_older(payment, minutes=61)

    waiting.advance(payment)

    assert waiting.again(payment).status == "succeeded"
    assert taken(waiting, payment) == [10000]


@pytest.mark.failure("F13")
def test_that_our_word_is_said_is_committed_before_it_is_said(waiting: Ground) -> None:
    payment = agreed(waiting)
    waiting.world.gateway_fault(COMPLETE, "delay", seconds=1)

    def advance() -> None:
        try:
            waiting.advance(payment)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        taking = thread.submit(copy_context().run, advance)
        while attempt_of(payment).word_at is None:
            time.sleep(0.01)
        seen, was_waiting = statuses(payment), not taking.done()
        taking.result()

    assert was_waiting
    assert seen == ("in_flight", "sent", ["reserved"])
    assert waiting.again(payment).status == "succeeded"


@pytest.mark.failure("F15")
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "malformed_json", "error_after"])
def test_an_answer_that_was_lost_is_unknown_and_then_looked_up(waiting: Ground, fault: str) -> None:
    payment = agreed(waiting)
    waiting.world.gateway_fault(COMPLETE, fault, status=500)

    waiting.advance(payment)
    was = statuses(payment)
    with pytest.raises(CannotCancel):
        cancel_payment(payment.pk)
    waiting.advance(payment)

    assert was == ("in_flight", "unknown", ["reserved"])
    assert waiting.again(payment).status == "succeeded"
    assert taken(waiting, payment) == [10000]
    assert words(waiting, payment) == (2 if fault == "drop_before" else 1)


@pytest.mark.parametrize("status", [401, 429, 400])
def test_a_gateway_that_surely_took_nothing_is_told_again(waiting: Ground, status: int) -> None:
    payment = agreed(waiting)
    waiting.world.gateway_fault(COMPLETE, "status", status=status)

    waiting.advance(payment)
    was = statuses(payment), attempt_of(payment).word_at
    waiting.advance(payment)

    assert was == (("in_flight", "open", ["reserved"]), None)
    assert waiting.again(payment).status == "succeeded"
    assert taken(waiting, payment) == [10000]


def test_what_the_gateway_refuses_for_an_hour_is_given_up(waiting: Ground) -> None:
    payment = agreed(waiting)
    make_older(payment, minutes=61)
    waiting.world.gateway_fault(COMPLETE, "status", status=400)

    waiting.advance(payment)

    assert statuses(payment) == ("cancelled", "cancelled", ["released"])
    assert taken(waiting, payment) == []


def test_a_payer_who_agreed_and_cancels_before_our_word_is_not_charged(waiting: Ground) -> None:
    payment = agreed(waiting)

    cancel_payment(payment.pk)
    waiting.advance(payment)

    assert statuses(payment) == ("cancelled", "cancelled", ["released"])
    assert (taken(waiting, payment), words(waiting, payment)) == ([], 0)


@pytest.mark.failure("F21")
def test_a_payment_that_was_given_up_is_never_taken_also_when_its_end_was_not_heard(
    waiting: Ground,
) -> None:
    payment = waiting.pay((waiting.bill("100.00"), "100.00"))
    waiting.world.gateway_fault("POST /v1/payments/*/cancel", "drop_before")
    with pytest.raises(Exception, match="broke"):
        cancel_payment(payment.pk)
    waiting.on_page(payment)  # and then the payer agrees all the same

    waiting.advance(payment)

    assert statuses(payment) == ("cancelled", "cancelled", ["released"])
    assert (taken(waiting, payment), words(waiting, payment)) == ([], 0)


@pytest.mark.failure("F11")
@pytest.mark.parametrize("is_refused", [False, True])
def test_what_is_given_up_ends_also_where_the_gateway_closes_nothing(
    waiting: Ground, *, is_refused: bool
) -> None:
    payment = agreed(waiting)
    waiting.world.gateway_fault("POST /v1/payments/*/cancel", "status", status=409, times=9)

    if is_refused:
        make_older(payment, minutes=61)
        waiting.world.gateway_fault(COMPLETE, "status", status=422)
    else:
        cancel_payment(payment.pk)
    waiting.advance(payment)
    waiting.advance(payment)

    assert statuses(payment) == ("cancelled", "cancelled", ["released"])
    assert (taken(waiting, payment), words(waiting, payment)) == ([], 1 if is_refused else 0)


@pytest.mark.failure("F20")
@pytest.mark.parametrize(
    "changes", [{"amount_minor": 10001}, {"currency": "EUR"}, {"reference": "another"}]
)
def test_our_word_is_not_said_to_what_is_not_what_we_asked_for(
    waiting: Ground, changes: dict[str, object]
) -> None:
    payment = agreed(waiting)
    waiting.world.gateway_fault("GET /v1/payments/*", "alter", changes=changes)

    waiting.advance(payment)

    assert words(waiting, payment) == 0
    assert attempt_of(payment).problem


@pytest.mark.failure("F49")
def test_four_workers_at_once_take_the_money_once(waiting: Ground) -> None:
    payment = agreed(waiting)

    got = all_at_once(*[partial(waiting.advance, payment)] * 4)

    assert not [each for each in got if isinstance(each, Exception)]
    waiting.advance(payment)
    assert waiting.again(payment).status == "succeeded"
    assert taken(waiting, payment) == [10000]
    assert traces(payment)[:2] == (1, 1)


@pytest.mark.failure("F11")
def test_a_cancel_and_our_word_at_once_exclude_each_other(waiting: Ground) -> None:
    payment = agreed(waiting)

    all_at_once(partial(cancel_payment, payment.pk), *[partial(waiting.advance, payment)] * 2)
    waiting.advance(payment)

    status, attempt, _ = statuses(payment)
    assert (status, attempt) in {("cancelled", "cancelled"), ("succeeded", "succeeded")}
    assert taken(waiting, payment) == ([10000] if status == "succeeded" else [])


@pytest.mark.failure("F11")
def test_nobody_gives_up_by_old_news_what_our_word_is_on_its_way_to(waiting: Ground) -> None:
    payment = waiting.pay((waiting.bill("100.00"), "100.00"))
    gateway, attempt = gateway_for(waiting.gateway_account_id), attempt_of(payment)
    told = gateway.read_payment(attempt.gateway_object or "")  # the payer has not agreed yet
    waiting.on_page(payment)
    waiting.world.gateway_fault(COMPLETE, "delay", seconds=2)

    def advance() -> None:
        try:
            waiting.advance(payment)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        taking = thread.submit(copy_context().run, advance)
        while attempt_of(payment).word_at is None:
            time.sleep(0.01)
        with pytest.raises(GivenUp):
            let_go(gateway, attempt, told)
        taking.result()

    assert attempt_of(payment).given_up_at is None
    assert waiting.again(payment).status == "succeeded"
    assert taken(waiting, payment) == [10000]


@pytest.mark.failure("F13", "F14")
@pytest.mark.parametrize("at", range(1, 6))  # read, commit, read again, take, commit
def test_a_worker_killed_at_any_boundary_of_our_word_takes_the_money_once(
    waiting: Ground, at: int
) -> None:
    payment = agreed(waiting)

    died = dies(lambda: waiting.advance(payment), at=at)
    waiting.advance(payment)

    assert died
    assert waiting.again(payment).status == "succeeded"
    assert taken(waiting, payment) == [10000]


def test_a_decline_after_our_word_is_an_answer(waiting: Ground) -> None:
    invoice = waiting.bill("100.00")
    payment = waiting.pay((invoice, "100.00"), method="bank_debit")
    with_payment(waiting, payment, "pay", number="000555555559")  # the bank says it when told to

    waiting.advance(payment)
    was = statuses(payment)
    with_payment(waiting, payment, "fail", code="insufficient_funds")
    waiting.advance(payment)

    assert was == ("in_flight", "processing", ["reserved"])
    assert statuses(payment) == ("failed", "failed", ["released"])
    assert in_flight(invoice) == 0


def test_a_payer_who_comes_back_has_his_payment_looked_at_at_once(waiting: Ground) -> None:
    payment = agreed(waiting)
    later = waiting.again(payment).next_at

    with narrowed_to([waiting.account().pk]):
        look_soon(payment.pk)

    assert later is not None
    assert (waiting.again(payment).next_at or later) < later
    with reading():
        found = ProcrastinateJob.objects.filter(args__payment_id=str(payment.pk))
        assert found.filter(task_name="payments.advance").exists()
