"""Two payers, two tabs, two workers: whoever is first, nothing is paid twice."""

from __future__ import annotations

import uuid
from functools import partial

import pytest
from django.db import connection

from quittance.payments.cancel import CannotCancel, cancel_payment
from quittance.payments.models import Payment
from quittance.payments.orders import AmountNotOwed
from quittance.receivables.pull import refresh_invoices
from quittance.tenancy.rows import reading
from tests.ground import Ground
from tests.payments.rows import in_flight, payments_of, traces
from tests.payments.together import all_at_once


@pytest.mark.failure("F01")
def test_twelve_clicks_with_one_key_are_one_payment(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    key = str(uuid.uuid4())

    got = all_at_once(*[partial(ground.pay, (invoice, "100.00"), key=key)] * 12)

    assert {getattr(each, "pk", each) for each in got} == {payments_of(invoice)[0].pk}
    assert in_flight(invoice) == 10000


@pytest.mark.failure("F03")
def test_twelve_payers_of_one_invoice_are_one_payment_and_eleven_refusals(ground: Ground) -> None:
    invoice = ground.bill("100.00")

    got = all_at_once(*[partial(ground.pay, (invoice, "100.00"))] * 12)

    assert sorted(type(each).__name__ for each in got) == ["AmountNotOwed"] * 11 + ["Payment"]
    assert len(payments_of(invoice)) == 1


def test_part_payments_at_once_never_reserve_more_than_is_open(ground: Ground) -> None:
    invoice = ground.bill("100.00")

    got = all_at_once(*[partial(ground.pay, (invoice, "30.00"))] * 8)

    assert sum(isinstance(each, Payment) for each in got) == 3
    assert sum(isinstance(each, AmountNotOwed) for each in got) == 5
    assert in_flight(invoice) == 9000


def test_two_invoices_in_opposite_order_make_no_deadlock(ground: Ground) -> None:
    a, b = ground.bill("100.00"), ground.bill("100.00")

    got = all_at_once(
        *[partial(ground.pay, (a, "100.00"), (b, "100.00"))] * 5,
        *[partial(ground.pay, (b, "100.00"), (a, "100.00"))] * 5,
    )

    assert sorted(type(each).__name__ for each in got) == ["AmountNotOwed"] * 9 + ["Payment"]


def test_reading_invoices_into_the_mirror_while_they_are_paid_makes_no_deadlock(
    ground: Ground,
) -> None:
    bills = [ground.bill("10.00") for _ in range(6)]
    lines = [(bill, "0.10") for bill in bills]
    forth = [bill.erp_id for bill in bills]

    def refresh(erp_ids: list[str]) -> None:
        for _ in range(4):
            refresh_invoices(ground.legal_entity_id, erp_ids, seconds=20)

    def pay() -> None:
        for _ in range(4):
            ground.pay(*lines)

    got = all_at_once(
        partial(refresh, forth), partial(refresh, forth[::-1]), pay, pay, partial(refresh, forth)
    )

    assert got == [None] * 5


def test_two_workers_on_one_captured_payment_capture_and_post_it_once(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    ground.on_page(payment)

    got = all_at_once(*[partial(ground.advance, payment)] * 4)

    assert not [each for each in got if isinstance(each, Exception)]
    ground.advance(payment)
    assert traces(payment)[:2] == (1, 1)
    assert len(ground.world.erp_ledger(payment.number)) == 1
    assert ground.read(invoice.erp_id).open_minor == 0


def test_payers_workers_and_pulls_on_the_same_invoices_make_no_deadlock(ground: Ground) -> None:
    a, b = ground.bill("100.00"), ground.bill("100.00")
    payment = ground.pay((a, "50.00"), (b, "50.00"))
    ground.on_page(payment)

    got = all_at_once(
        *[partial(ground.advance, payment)] * 2,
        *[partial(ground.pay, (b, "10.00"), (a, "10.00"))] * 3,
        *[partial(refresh_invoices, ground.legal_entity_id, [b.erp_id, a.erp_id], seconds=20)] * 2,
    )

    assert [each for each in got if isinstance(each, Exception)] == []
    assert ground.advance(payment).status == "succeeded"
    assert len(ground.world.erp_ledger(payment.number)) == 2


def test_a_cancel_and_the_workers_at_once_end_as_the_gateway_says(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    ground.on_page(payment)

    got = all_at_once(partial(cancel_payment, payment.pk), *[partial(ground.advance, payment)] * 3)

    assert {type(each) for each in got} <= {Payment, CannotCancel}
    assert ground.advance(payment).status == "succeeded"
    assert traces(payment)[:2] == (1, 1)
    assert len(ground.world.erp_ledger(payment.number)) == 1


def test_whoever_is_refused_leaves_nothing_behind(ground: Ground) -> None:
    invoice = ground.bill("100.00")

    all_at_once(*[partial(ground.pay, (invoice, "100.00"))] * 4)

    with reading(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM payments_gatewayattempt")
        assert cursor.fetchone() == (1,)
