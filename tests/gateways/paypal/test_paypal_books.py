"""PayPal's report: late, in any order, and read without a gap or a double."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quittance.core.errors import Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.base import Movement, MovementKind, RefundRequest
from quittance.gateways.contract import caught, request_for
from quittance.gateways.contract_deeds import paid, refund_of
from tests.gateways.paypal.paypal_stage import PayPalStage

HOUR = 3600


def read_on(stage: PayPalStage, cursor: str) -> tuple[str, list[Movement]]:
    found: list[Movement] = []
    while True:
        page = stage.gateway.movements(cursor)
        found += page.movements
        cursor = page.cursor
        if not page.more:
            return cursor, found


@pytest.mark.failure("F32")
def test_a_late_report_loses_nothing_and_doubles_nothing(own_stage: PayPalStage) -> None:
    """Lines appear up to three hours late and in no order, while we read every half hour."""
    own_stage.control("/pace", report_delay=3 * HOUR)
    cursor, books = read_on(own_stage, "")
    expected = []
    for step in range(12):
        if step < 5:
            payment = paid(own_stage)
            own_stage.refund_in_pages(payment, Money(100, "USD"))
            expected += [payment.gateway_object] * 2
        own_stage.control("/clock", seconds=HOUR / 2)
        cursor, new = read_on(own_stage, cursor)
        books += new

    assert [one.gateway_object for one in books] == expected
    assert len({one.movement_id for one in books}) == len(books)
    assert own_stage.gateway.balances() == {"USD": _sum(books)}


def _sum(books: list[Movement]) -> Money:
    return Money(sum(one.net.minor for one in books), "USD")


def test_a_line_is_taken_only_when_no_earlier_one_can_come(own_stage: PayPalStage) -> None:
    own_stage.control("/pace", report_delay=3 * HOUR)
    payments = [paid(own_stage) for _ in range(5)]
    own_stage.control("/clock", seconds=2 * HOUR)
    start, end = (
        (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        for days in (-1, 1)
    )
    shown = own_stage.ask("GET", f"/v1/reporting/transactions?start_date={start}&end_date={end}")

    cursor, early = read_on(own_stage, "")
    own_stage.control("/clock", seconds=2 * HOUR)
    _, late = read_on(own_stage, cursor)

    assert 0 < len(shown.get("transaction_details", [])) <= len(payments)
    assert early == []
    assert [one.gateway_object for one in late] == [one.gateway_object for one in payments]


def test_what_was_pending_when_we_passed_it_comes_once_when_it_is_done(
    own_stage: PayPalStage,
) -> None:
    payments = []
    for funding in ("echeck", "echeck_denied", "echeck"):
        payment = own_stage.gateway.create_payment(request_for(own_stage.gateway))
        own_stage.control(f"/orders/{payment.gateway_object}/approve", funding=funding)
        own_stage.whole.complete_payment(payment.gateway_object)
        payments.append(payment)
    other = paid(own_stage)
    cursor, first = read_on(own_stage, "")

    own_stage.control(f"/captures/{own_stage.capture_of(payments[0])}/settle")
    own_stage.control(f"/captures/{own_stage.capture_of(payments[1])}/deny")
    cursor, second = read_on(own_stage, cursor)
    cursor, third = read_on(own_stage, cursor)

    assert [one.gateway_object for one in first] == [other.gateway_object]
    assert [one.gateway_object for one in second] == [payments[0].gateway_object]
    assert third == []
    assert second[0].fee.minor > 0


def test_a_part_that_does_not_fit_one_answer_is_asked_for_in_smaller_parts(
    own_stage: PayPalStage,
) -> None:
    cursor, _ = read_on(own_stage, "")
    payments = [paid(own_stage) for _ in range(2)]
    own_stage.control(
        "/faults",
        match="GET /v1/reporting/transactions",
        kind="alter",
        changes={"total_pages": 2, "transaction_details": []},
        times=3,
    )

    _, books = read_on(own_stage, cursor)

    assert [one.gateway_object for one in books] == [one.gateway_object for one in payments]


def test_money_without_an_order_is_shown_read_and_sent_back(own_stage: PayPalStage) -> None:
    cursor, _ = read_on(own_stage, "")
    capture = own_stage.control("/received", currency_code="USD", value="12.34")
    _, (charge,) = read_on(own_stage, cursor)

    told = own_stage.gateway.read_payment(charge.gateway_object)
    request = RefundRequest(
        reference="back-1", gateway_object=charge.gateway_object, amount=Money(1234, "USD")
    )
    assert own_stage.gateway.find_refund("back-1", gateway_object=charge.gateway_object) is None
    back = own_stage.gateway.create_refund(request)

    assert charge.gateway_object == told.gateway_object == capture["id"]
    assert (told.amount, told.reference) == (Money(1234, "USD"), "")
    assert own_stage.gateway.find_refund("back-1", gateway_object=capture["id"]) == back
    assert own_stage.gateway.create_refund(request) == back
    assert [one.kind for one in own_stage.gateway.movements_of(capture["id"])] == [
        MovementKind.CHARGE,
        MovementKind.REFUND,
    ]


def test_what_we_have_no_word_for_moves_the_balance_all_the_same(stage: PayPalStage) -> None:
    """A dispute costs a fee that stands on a line of its own."""
    payment = paid(stage)
    stage.dispute(payment, payment.amount)

    fees = [
        one
        for one in stage.gateway.movements_of(payment.gateway_object)
        if one.kind is MovementKind.FEE
    ]

    assert [(one.gross.minor, one.fee.minor, one.code) for one in fees] == [(0, 2000, "T0106")]


def test_an_inquiry_that_is_lost_frees_the_hold_and_takes_the_money(stage: PayPalStage) -> None:
    payment = paid(stage)
    dispute = stage.control(
        f"/captures/{stage.capture_of(payment)}/dispute", external=False, fee_minor=0
    )
    stage.control(f"/disputes/{dispute['dispute_id']}", won=False)

    moved = list(stage.gateway.movements_of(payment.gateway_object))[1:]

    assert [(one.kind, one.gross.minor) for one in moved] == [
        (MovementKind.DISPUTE, -1000),
        (MovementKind.DISPUTE_WON, 1000),
        (MovementKind.RETURN, -1000),
    ]


def test_paypals_promise_of_three_hours_is_waited_for(stage: PayPalStage) -> None:
    paid(stage)
    patient, cursor, more = stage.open(report_lag="180"), "", True
    seen: list[Movement] = []

    while more:
        page = patient.movements(cursor)
        cursor, more, seen = page.cursor, page.more, [*seen, *page.movements]

    assert seen == []


def test_a_place_that_is_none_is_refused(stage: PayPalStage) -> None:
    caught(Refused, stage.gateway.movements, "yesterday")
    caught(Refused, stage.gateway.movements_in, "NOSUCHWITHDRAWAL1")


def test_a_line_that_makes_no_sense_stops_the_reading(stage: PayPalStage) -> None:
    stage.control(
        "/faults",
        match="GET /v1/reporting/transactions",
        kind="alter",
        changes={"transaction_details": [{"transaction_info": {"transaction_id": "X"}}]},
    )

    caught(Unavailable, stage.gateway.movements, "")


def test_a_refund_is_refused_while_the_payment_is_pending(stage: PayPalStage) -> None:
    payment = stage.gateway.create_payment(request_for(stage.gateway))
    stage.control(f"/orders/{payment.gateway_object}/approve", funding="echeck")
    stage.whole.complete_payment(payment.gateway_object)

    caught(Refused, stage.gateway.create_refund, refund_of(payment, 100))
