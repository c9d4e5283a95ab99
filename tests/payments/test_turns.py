"""Two ways in, one invoice: who is first goes on, who is second hears why."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, connections, transaction

from demo.visitor import Unexpected
from quittance.core.errors import OutsideError
from quittance.payments.cancel import cancel_payment
from quittance.payments.checkout import redirect_url, start_payment
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.orders import AmountNotOwed, PaymentOrder
from quittance.payments.recording import record_order
from quittance.tenancy.rows import writing
from tests.ground import CARD, Ground, pay_on_page
from tests.payments.backwards import with_payment
from tests.payments.people import new_user, with_user
from tests.payments.rows import attempt_of, in_flight, payments_of

_HELD_SECONDS = 1.5  # shorter than the time that a transaction waits for a lock


class _Died(Exception):
    """The first one comes to nothing."""


@pytest.mark.failure("F03")
def test_of_two_who_wait_for_a_reservation_that_came_to_nothing_the_first_goes_on(
    ground: Ground,
) -> None:
    invoice = ground.bill("100.00")
    order, held, go = ground.order((invoice, "100.00")), threading.Event(), threading.Event()

    def holder() -> None:
        with writing():
            record_order(order, key="holder")
            held.set()
            go.wait(_HELD_SECONDS)
            raise _Died

    def waiter(key: str) -> Payment:
        return start_payment(order, key=key)

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(copy_context().run, _closing, holder)
        assert held.wait(10)
        second = threads.submit(copy_context().run, _closing, lambda: waiter("second"))
        _until_waiting(1)
        third = threads.submit(copy_context().run, _closing, lambda: waiter("third"))
        _until_waiting(2)
        go.set()
        ends = [_end(each) for each in (first, second, third)]

    assert [type(each) for each in ends] == [_Died, Payment, AmountNotOwed]
    assert [each.idempotency_key for each in payments_of(invoice)] == ["second"]
    assert in_flight(invoice) == 10000


@pytest.mark.failure("F04", "F12")
def test_who_signs_in_pays_what_the_link_was_paying_once_that_is_closed_at_the_gateway(
    ground: Ground,
) -> None:
    invoice = ground.bill("100.00")
    link = replace(ground.order((invoice, "100.00")), origin=Payment.Origin.PAY_LINK)
    person = with_user(ground.order((invoice, "100.00")), new_user())
    first = start_payment(link, key="link")
    old_page = redirect_url(first)
    with pytest.raises(AmountNotOwed, match="Somebody with the pay link is paying"):
        start_payment(person, key="person")

    ended = cancel_payment(first.pk)
    second = start_payment(person, key="person")
    with pytest.raises(Unexpected, match="This payment was cancelled"):
        pay_on_page(old_page, CARD)  # the payer has the old page open still
    ground.on_page(second)
    ground.advance(first)
    second = ground.advance(second)

    assert (ended.status, second.status) == ("cancelled", "succeeded")
    assert ground.world.gateway_ledger(f"{first.pk}:1") == []
    (charge,) = ground.world.gateway_ledger(f"{second.pk}:1")
    assert charge["gross_minor"] == 10000


@pytest.mark.failure("F12")
def test_another_way_to_pay_is_begun_only_when_the_first_is_surely_closed(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    by_card = ground.pay((invoice, "100.00"))
    by_debit: PaymentOrder = ground.order((invoice, "100.00"), method="bank_debit")
    ground.world.gateway_fault("POST /v1/payments/*/cancel", "drop_before", times=5)

    with pytest.raises(OutsideError):
        cancel_payment(by_card.pk)
    with pytest.raises(AmountNotOwed):
        start_payment(by_debit, key="debit")
    ground.world.client.request("DELETE", f"{ground.world.gateway.control_url}/faults")
    ground.advance(by_card)
    if not ground.again(by_card).is_over:
        cancel_payment(by_card.pk)
    second = start_payment(by_debit, key="debit")
    with_payment(ground, second, "pay", number="000123456789")
    with_payment(ground, second, "settle")
    second = ground.advance(second)

    assert ground.again(by_card).status == "cancelled"
    assert second.status == "succeeded"
    charges = [ground.world.gateway_ledger(f"{each.pk}:1") for each in (by_card, second)]
    assert [len(each) for each in charges] == [0, 1]


@pytest.mark.failure("F12")
def test_the_database_refuses_a_second_attempt_while_one_is_alive(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    first = attempt_of(payment)

    with pytest.raises(IntegrityError, match="attempt_one_alive"), writing():
        GatewayAttempt.objects.create(
            payment=payment, customer_account_id=first.customer_account_id,
            gateway_account_id=first.gateway_account_id, ordinal=2, reference=f"{payment.pk}:2",
            amount_minor=first.amount_minor, currency="USD", method="bank_debit", return_url="",
            cancel_url="", locale="en",
        )  # fmt: skip


def _closing(deed: object) -> object:
    try:
        return deed()  # type: ignore[operator]
    finally:
        connections.close_all()


def _end(future: Future[object]) -> object:
    error = future.exception(timeout=60)
    return error if error is not None else future.result()


def _until_waiting(count: int) -> None:
    """Wait until so many wait for a row's lock, which they get in the order in which they came."""
    deadline = time.monotonic() + _HELD_SECONDS
    while time.monotonic() < deadline:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.01)
    raise AssertionError("they do not wait")
