"""GoCardless's books: events for what money did, payouts for what it cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from quittance.core.errors import Refused
from quittance.core.money import Money
from quittance.gateways.base import Movement, MovementKind, PaymentState, RefundState
from quittance.gateways.contract import caught, request_for
from quittance.gateways.contract_deeds import paid, refund_of
from quittance.gateways.gocardless import books, calls
from sandbox.gocardless.server import GoCardless
from tests.gateways.gocardless.gocardless_stage import GoCardlessStage

KIND = MovementKind


@pytest.fixture
def alone() -> Iterator[GoCardlessStage]:
    """An account of whose books each test knows the whole."""
    server = GoCardless()
    server.start()
    made = GoCardlessStage(server)
    yield made
    made.stop()
    server.stop()


def test_a_debit_that_fails_after_it_was_confirmed_succeeded_and_was_returned(
    stage: GoCardlessStage,
) -> None:
    payment = paid(stage)

    stage.return_debit(payment, "MD06")

    assert stage.gateway.read_payment(payment.gateway_object).state is PaymentState.SUCCEEDED
    charge, taken = stage.gateway.movements_of(payment.gateway_object)
    assert (charge.kind, taken.kind, taken.code) == (KIND.CHARGE, KIND.RETURN, "MD06")


def test_a_debit_that_was_never_confirmed_moved_nothing(stage: GoCardlessStage) -> None:
    id_ = _begun(stage)

    stage.books.decide(id_, "failed", "insufficient_funds")

    assert stage.gateway.read_payment(id_).state is PaymentState.FAILED
    assert list(stage.gateway.movements_of(id_)) == []


def test_a_chargeback_is_a_return_and_one_that_is_cancelled_comes_back(
    alone: GoCardlessStage,
) -> None:
    payment = paid(alone)
    debit = alone.debit_of(payment)["id"]

    alone.books.decide(debit, "charged_back", "refund_requested", "MD06")
    alone.books.decide(debit, "chargeback_cancelled")

    _, taken, back = alone.gateway.movements_of(payment.gateway_object)
    assert (taken.kind, taken.code, taken.net) == (KIND.RETURN, "MD06", -payment.amount)
    assert (back.kind, back.subject) == (KIND.DISPUTE_WON, taken.movement_id)
    assert (back.code, back.net) == ("chargeback_cancelled", payment.amount)
    assert alone.gateway.read_payment(payment.gateway_object).state is PaymentState.SUCCEEDED
    assert _paid_out_adds_up(alone)


def test_fees_of_half_a_cent_are_one_entry_of_the_payout(alone: GoCardlessStage) -> None:
    for minor in (1050, 1050, 1050):
        paid(alone, minor=minor)

    alone.books.till.pay_out()

    (payout,) = alone.gateway.payouts()
    (fees,) = [one for one in _read(alone) if one.kind is KIND.FEE]
    items = alone.books.till.paid[payout.payout_id]
    told = [each["amount"] for each in items if each["type"] == "gocardless_fee"]
    assert told == ["-30.5", "-30.5", "-30.5"]
    assert payout.amount == Money(3150 - 91, "EUR")  # 3058.5, rounded
    assert (fees.gross.minor, fees.fee.minor, fees.code) == (0, 91, "fees")
    assert _paid_out_adds_up(alone)


def test_everything_that_a_payout_pays_out_is_an_entry_of_the_books(alone: GoCardlessStage) -> None:
    kept, returned, refunded, back = (paid(alone, minor=10_000) for _ in range(4))
    alone.return_debit(returned, "AC04")
    for _ in range(2):  # two of the same amount are two entries
        alone.refund_in_pages(refunded, Money(300, "EUR"))
    made = alone.gateway.create_refund(refund_of(back, 500))
    alone.decide_refund(made, failed=True)

    alone.books.till.pay_out()

    kinds = [one.kind for one in _inside(alone)]
    assert sorted(kinds) == sorted(
        [*[KIND.CHARGE] * 4, KIND.RETURN, *[KIND.REFUND] * 3, KIND.REFUND_FAILED, KIND.FEE]
    )
    assert kept.gateway_object in {one.gateway_object for one in _inside(alone)}
    assert _paid_out_adds_up(alone)


def test_a_payout_that_bounced_and_is_paid_again_costs_its_fees_once(
    alone: GoCardlessStage,
) -> None:
    paid(alone)
    alone.books.till.pay_out()
    (payout,) = alone.gateway.payouts()
    before = alone.gateway.movements("")

    alone.books.till.bounce(payout.payout_id)
    back = alone.gateway.movements(before.cursor)
    alone.books.till.pay_again(payout.payout_id)
    again = alone.gateway.movements(back.cursor)

    assert [one.gross.minor for one in back.movements] == [payout.amount.minor]
    assert [(one.kind, one.gross) for one in again.movements] == [(KIND.PAYOUT, -payout.amount)]
    assert len([one for one in _read(alone) if one.kind is KIND.FEE]) == 1


def test_each_bounce_of_a_payout_is_told_once(alone: GoCardlessStage) -> None:
    paid(alone)
    alone.books.till.pay_out()
    (payout,) = alone.gateway.payouts()
    alone.books.till.bounce(payout.payout_id)
    told = alone.gateway.movements("")

    assert told.movements[-1].movement_id == f"{payout.payout_id}:bounced-1"
    assert alone.gateway.movements(told.cursor).movements == []
    alone.books.till.pay_again(payout.payout_id)
    paid_again = alone.gateway.movements(told.cursor)
    alone.books.till.bounce(payout.payout_id)
    (second,) = alone.gateway.movements(paid_again.cursor).movements
    assert second.movement_id == f"{payout.payout_id}:bounced-2"


def test_a_balance_is_told_only_while_all_of_it_was_paid_out(alone: GoCardlessStage) -> None:
    paid(alone)

    assert alone.gateway.balances() == {}
    alone.books.till.pay_out()
    assert alone.gateway.balances() == {"EUR": Money(0, "EUR")}


def test_books_of_many_pages_are_read_from_their_beginning(
    alone: GoCardlessStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "_MOST", 2)
    payments = [paid(alone) for _ in range(5)]
    alone.books.till.pay_out()

    told = [one.gateway_object for one in _read(alone) if one.kind is KIND.CHARGE]

    assert told == [payment.gateway_object for payment in payments]
    assert not alone.gateway.movements("").movements[2:]


def test_books_of_more_events_than_a_list_may_have_begin_with_the_oldest(
    alone: GoCardlessStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = paid(alone)
    for _ in range(600):
        alone.books.tell("mandates", "active", {"mandate": "MD1"}, "mandate_activated")
    begin = datetime(2019, 5, 1, tzinfo=UTC)
    for second, event in enumerate(alone.books.events.values()):
        event["created_at"] = (begin + timedelta(seconds=second)).isoformat()
    monkeypatch.setattr(calls, "_PAGES", 1)  # of 500 events

    (charge,) = _read(alone)

    assert (charge.kind, charge.gateway_object) == (KIND.CHARGE, payment.gateway_object)


def test_a_refund_that_is_cancelled_is_ours_again_and_told_once(alone: GoCardlessStage) -> None:
    payment = paid(alone)
    made = alone.gateway.create_refund(refund_of(payment, 500))
    before = alone.gateway.movements("")

    alone.books.till.cancel_refund(made.gateway_refund)

    after = alone.gateway.movements(before.cursor)
    (back,) = after.movements
    assert alone.gateway.read_refund(made.gateway_refund).state is RefundState.FAILED
    assert (back.kind, back.subject, back.gross.minor) == (
        KIND.REFUND_FAILED, made.gateway_refund, 500
    )  # fmt: skip
    assert alone.gateway.movements(after.cursor).movements == []
    assert back in alone.gateway.movements_of(payment.gateway_object)
    event = next(each for each in alone.books.events.values() if each["action"] == "created")
    for old in (event, alone.books.refunds[made.gateway_refund]):
        old["created_at"] = "2019-05-01T00:00:00+00:00"
    assert KIND.REFUND_FAILED in {one.kind for one in alone.gateway.movements("").movements}
    assert _paid_out_adds_up(alone)


def test_a_place_that_it_does_not_know_is_refused(alone: GoCardlessStage) -> None:
    paid(alone)

    caught(Refused, alone.gateway.movements, "EV999999")


def test_money_of_another_program_is_in_the_books_under_its_own_id(alone: GoCardlessStage) -> None:
    id_ = alone.collect_in_pages(Money(700, "GBP"))

    (charge,) = _read(alone)

    assert (charge.gateway_object, charge.gross) == (id_, Money(700, "GBP"))


def _begun(stage: GoCardlessStage) -> str:
    payment = stage.gateway.create_payment(request_for(stage.gateway))
    stage.agree(payment)
    stage.gateway.complete_payment(payment.gateway_object)
    id_: str = stage.debit_of(payment)["id"]
    return id_


def _read(stage: GoCardlessStage) -> list[Movement]:
    """Read the books from their beginning to their end."""
    found: list[Movement] = []
    cursor, more = "", True
    while more:
        page = stage.gateway.movements(cursor)
        found += page.movements
        cursor, more = page.cursor, page.more
    return found


def _inside(stage: GoCardlessStage) -> Sequence[Movement]:
    payout = stage.gateway.payouts()[-1]
    inside: Sequence[Movement] = stage.gateway.movements_in(payout.payout_id)
    return inside


def _paid_out_adds_up(stage: GoCardlessStage) -> bool:
    """Say whether the last payout is the sum of its entries, each of which stands in the books."""
    if not stage.gateway.payouts():
        stage.books.till.pay_out()
    payout, inside, read = stage.gateway.payouts()[-1], _inside(stage), _read(stage)
    assert {one.movement_id for one in inside} <= {one.movement_id for one in read}
    assert sum(one.net.minor for one in read) == 0
    return bool(sum(one.net.minor for one in inside) == payout.amount.minor)
