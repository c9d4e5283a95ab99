"""No call outside happens inside a transaction, and no job that breaks keeps the others waiting."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from quittance.connections import open as opened
from quittance.connections.offers import Sale, offers_for
from quittance.connections.open import erp_for, gateway_for
from quittance.core import clock
from quittance.core.money import Money
from quittance.payments.cancel import cancel_payment
from quittance.payments.checkout import start_payment
from quittance.payments.jobs import sweep
from quittance.payments.models import Payment
from quittance.payments.repair import retry_posting
from quittance.payments.settle import advance_payment
from quittance.posting.models import ErpPosting
from quittance.posting.queue import NothingToRetry
from quittance.receivables.pull import pull_changes, refresh_invoices
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.payments.rows import make_older, written_down


def test_the_whole_road_calls_nobody_inside_a_transaction(ground: Ground) -> None:
    calls: list[tuple[str, bool]] = []

    def watch(request: httpx.Request) -> None:
        calls.append((f"{request.method} {request.url.path}", connection.in_atomic_block))

    gateway_for(ground.gateway_account_id)
    for seconds in (5.0, 20.0, 30.0, 60.0):
        erp_for(ground.legal_entity_id, seconds=seconds)
    for _, client in opened._opened.values():
        client.event_hooks = {"request": [watch]}

    pull_changes(ground.legal_entity_id)
    payment = ground.paid((ground.bill("100.00"), "100.00"))

    assert payment.status == "succeeded"
    assert len(calls) > 10
    assert [call for call, inside in calls if inside] == []


SALE = Sale(payers=(), amount=Money(100, "USD"), day=clock.today("UTC"))


@pytest.mark.parametrize(
    "deed",
    [
        lambda ground: start_payment(ground.order((ground.bill("1.00"), "1.00")), key="k"),
        lambda ground: cancel_payment(uuid.uuid4()),
        lambda ground: advance_payment(uuid.uuid4()),
        lambda ground: pull_changes(ground.legal_entity_id),
        lambda ground: refresh_invoices(ground.legal_entity_id, [], seconds=5),
        lambda ground: offers_for(SALE),
    ],
    ids=["start", "cancel", "advance", "pull", "refresh", "methods"],
)
def test_what_calls_outside_refuses_to_run_inside_a_transaction(
    ground: Ground, deed: Callable[[Ground], object]
) -> None:
    with writing(), pytest.raises(RuntimeError, match="durable"):
        deed(ground)


@pytest.mark.failure("F50")
def test_the_sweep_wakes_every_payment_whose_time_has_come(ground: Ground) -> None:
    due = [written_down(ground, ground.bill("100.00")) for _ in range(2)]

    sweep(0)

    assert _woken(due[0]) == _woken(due[1]) == 1
    assert all((ground.again(each).next_at or clock.now()) > clock.now() for each in due)


@pytest.mark.failure("F15", "F16")
def test_a_silent_gateway_is_asked_at_growing_intervals_and_none_is_left_out(
    ground: Ground,
) -> None:
    ground.world.gateway_fault("POST /v1/payments", "drop_after")
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    ground.world.gateway_fault("GET /v1/payments", "drop_before", times=10)
    seconds = []

    for _ in range(4):
        with writing():
            Payment.objects.filter(pk=payment.pk).update(next_at=clock.now())
        sweep(0)
        before = clock.now()
        ground.advance(payment)
        seconds.append(((ground.again(payment).next_at or before) - before).total_seconds())

    slower = 30  # than nothing, on a busy machine
    for waited, wait in zip(seconds, (15, 60, 300, 900), strict=True):
        assert 0.8 * wait <= waited <= 1.2 * wait + slower, seconds


def test_the_sweep_leaves_a_payment_that_is_over(ground: Ground) -> None:
    payment = written_down(ground, ground.bill("100.00"))
    make_older(payment, minutes=3)
    ground.advance(payment)

    sweep(0)

    assert ground.again(payment).next_at is None
    assert _woken(payment) == 0


def test_a_payment_that_is_not_there_is_no_trouble(ground: Ground) -> None:
    advance_payment(uuid.uuid4())


def test_a_rejected_posting_is_sent_again_by_a_person(ground: Ground) -> None:
    payment, posting = _rejected(ground)
    ground.world.clerk("posting-range")

    retry_posting(posting.pk)
    ground.advance(payment)

    with reading():
        posting.refresh_from_db()
    assert posting.status == "confirmed"
    assert len(ground.world.erp_ledger(payment.number)) == 1


def test_two_clerks_who_retry_at_once_retry_once(ground: Ground) -> None:
    _, posting = _rejected(ground)
    ground.world.clerk("posting-range")
    retry_posting(posting.pk)

    with pytest.raises(NothingToRetry):
        retry_posting(posting.pk)


@pytest.mark.failure("F50")
def test_a_retry_that_died_half_way_is_found_by_the_sweep(ground: Ground) -> None:
    payment, posting = _rejected(ground)
    before = ground.again(payment).next_at

    def die_when_a_job_is_queued(execute: Any, sql: Any, *rest: Any) -> Any:
        if "procrastinate_defer" in str(sql):
            raise ConnectionResetError
        return execute(sql, *rest)

    with connection.execute_wrapper(die_when_a_job_is_queued), pytest.raises(ConnectionResetError):
        retry_posting(posting.pk)

    with reading():
        posting.refresh_from_db()
    assert (before, posting.status) == (None, "queued")
    assert ground.again(payment).next_at is not None


def _woken(payment: Payment) -> int:
    with reading():
        return ProcrastinateJob.objects.filter(
            task_name="payments.advance", args__payment_id=str(payment.pk)
        ).count()


def _rejected(ground: Ground) -> tuple[Payment, ErpPosting]:
    """A payment whose posting the ERP refused, because the period is closed."""
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    ground.world.clerk("posting-range", to="2020-01-31")
    try:
        ground.on_page(payment)
        ground.advance(payment)
    finally:
        ground.world.clerk("posting-range")
    with reading():
        posting = ErpPosting.objects.get(source_id=payment.pk)
    assert posting.status == "rejected"
    return payment, posting
