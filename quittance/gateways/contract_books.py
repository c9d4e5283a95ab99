"""What an adapter that shows disputes and the gateway's own books must do."""

from __future__ import annotations

from datetime import UTC, datetime

from quittance.core.money import Money
from quittance.gateways.base import (
    DisputeState,
    GatewayDispute,
    GatewayPayment,
    Movement,
    MovementKind,
)
from quittance.gateways.contract_deeds import DeedsStage, paid, part, refund_of, told

_TRIES = 50  # until nothing moves while we add up


class DisputeContract:
    """The payer's bank takes money, and each movement of it is in the books."""

    def test_a_payment_that_nobody_disputed_has_none(self, stage: DeedsStage) -> None:
        assert list(stage.gateway.disputes_of(paid(stage).gateway_object)) == []

    def test_a_dispute_takes_the_money_and_waits_for_us(self, stage: DeedsStage) -> None:
        payment = paid(stage, minor=1000)

        opened = self._disputed(stage, payment, part(payment, 600))

        assert opened.state is DisputeState.OPEN
        assert (opened.gateway_object, opened.amount) == (
            payment.gateway_object,
            part(payment, 600),
        )
        assert opened.reason
        assert opened.answer_until is not None
        assert opened.answer_until > datetime.now(UTC)
        assert self._moved(stage, payment) == [(opened.gateway_dispute, -600)]

    def test_a_dispute_that_is_won_brings_the_money_back(self, stage: DeedsStage) -> None:
        payment = paid(stage)
        opened = self._disputed(stage, payment, payment.amount)

        stage.decide_dispute(opened, won=True)

        (closed,) = stage.gateway.disputes_of(payment.gateway_object)
        assert closed.state is DisputeState.WON
        assert self._moved(stage, payment) == [
            (opened.gateway_dispute, -1000),
            (opened.gateway_dispute, 1000),
        ]

    def test_a_dispute_that_is_lost_moves_no_more(self, stage: DeedsStage) -> None:
        payment = paid(stage)
        opened = self._disputed(stage, payment, payment.amount)

        stage.decide_dispute(opened, won=False)

        (closed,) = stage.gateway.disputes_of(payment.gateway_object)
        assert (closed.state, closed.answer_until) == (DisputeState.LOST, None)
        assert self._moved(stage, payment) == [(opened.gateway_dispute, -1000)]

    @staticmethod
    def _disputed(stage: DeedsStage, payment: GatewayPayment, amount: Money) -> GatewayDispute:
        stage.dispute(payment, amount)
        (opened,) = stage.gateway.disputes_of(payment.gateway_object)
        return opened

    @staticmethod
    def _moved(stage: DeedsStage, payment: GatewayPayment) -> list[tuple[str, int]]:
        books = list(stage.gateway.movements_of(payment.gateway_object))
        return told(books, MovementKind.DISPUTE, MovementKind.DISPUTE_WON)


class MovementContract:
    """The books are whole: nothing is lost, nothing comes twice, and they add up."""

    def test_a_payment_is_one_charge_with_its_fee(self, stage: DeedsStage) -> None:
        payment = paid(stage)

        (charge,) = stage.gateway.movements_of(payment.gateway_object)

        assert charge.kind is MovementKind.CHARGE
        assert (charge.gateway_object, charge.subject) == (payment.gateway_object, "")
        assert (charge.gross, charge.fee) == (payment.amount, payment.fee or part(payment, 0))
        assert charge.net == charge.gross - charge.fee
        assert charge.happened_at.tzinfo is not None

    def test_the_cursor_neither_loses_nor_repeats(self, stage: DeedsStage) -> None:
        start, _ = self._read_on(stage, "")
        payments = [paid(stage) for _ in range(3)]
        cursor, first = self._read_on(stage, start)
        payments.append(paid(stage))
        end, second = self._read_on(stage, cursor)

        ours = {payment.gateway_object for payment in payments}
        came = [one.gateway_object for one in [*first, *second] if one.gateway_object in ours]
        assert came == [payment.gateway_object for payment in payments]
        _, again = self._read_on(stage, start)
        assert again[: len(first) + len(second)] == [*first, *second]
        _, nothing_new = self._read_on(stage, end)
        assert not [one for one in nothing_new if one.gateway_object in ours]

    def test_the_movements_of_a_payment_are_those_of_the_books(self, stage: DeedsStage) -> None:
        start, _ = self._read_on(stage, "")
        payment, other = paid(stage), paid(stage)
        stage.refund_in_pages(payment, part(payment, 100))
        stage.refund_in_pages(other, part(other, 100))

        _, books = self._read_on(stage, start)

        own = list(stage.gateway.movements_of(payment.gateway_object))
        assert [one.kind for one in own] == [MovementKind.CHARGE, MovementKind.REFUND]
        assert own == [one for one in books if one.gateway_object == payment.gateway_object]

    def test_all_movements_add_up_to_the_balances(self, stage: DeedsStage) -> None:
        paid(stage)
        if not stage.gateway.balances():  # what lies there is not told before it was paid out
            stage.pay_out()
        for _ in range(_TRIES):
            before = stage.gateway.balances()
            _, books = self._read_on(stage, "")
            if stage.gateway.balances() == before:  # nothing moved meanwhile
                break
        sums: dict[str, Money] = {}
        for one in books:
            currency = one.net.currency
            sums[currency] = sums.get(currency, Money(0, currency)) + one.net

        assert before
        assert sums == before

    def test_a_returned_debit_says_its_code(self, stage: DeedsStage) -> None:
        payment = paid(stage, method="bank_debit")

        stage.return_debit(payment, "R10")

        _, taken = stage.gateway.movements_of(payment.gateway_object)
        assert (taken.kind, taken.code) == (MovementKind.RETURN, "R10")
        assert taken.gross == -payment.amount

    def test_a_debit_can_be_returned_after_it_was_refunded(self, stage: DeedsStage) -> None:
        payment = paid(stage, method="bank_debit")
        stage.gateway.create_refund(refund_of(payment, 1000))

        stage.return_debit(payment, "R01")

        books = list(stage.gateway.movements_of(payment.gateway_object))
        assert sum(one.gross.minor for one in books) == -1000

    def test_a_payout_is_the_sum_of_what_it_pays_out(self, stage: DeedsStage) -> None:
        currency = paid(stage).amount.currency
        known = {one.payout_id for one in stage.gateway.payouts()}

        stage.pay_out()

        (made,) = [
            one
            for one in stage.gateway.payouts()
            if one.payout_id not in known and one.amount.currency == currency
        ]
        inside = stage.gateway.movements_in(made.payout_id)
        assert made.state in {"in_transit", "paid"}
        assert sum(one.net.minor for one in inside) == made.amount.minor
        assert made.payout_id not in {one.subject for one in inside}
        assert self._payouts_in_books(stage, made.payout_id) == [-made.amount.minor]

    def test_a_failed_payout_comes_back(self, stage: DeedsStage) -> None:
        paid(stage)
        stage.pay_out()
        made = stage.gateway.payouts()[-1]

        stage.fail_payout(made.payout_id)

        (now,) = [one for one in stage.gateway.payouts() if one.payout_id == made.payout_id]
        assert now.state == "failed"
        assert self._payouts_in_books(stage, made.payout_id) == [
            -made.amount.minor,
            made.amount.minor,
        ]

    def _payouts_in_books(self, stage: DeedsStage, payout_id: str) -> list[int]:
        _, books = self._read_on(stage, "")
        return [
            minor for subject, minor in told(books, MovementKind.PAYOUT) if subject == payout_id
        ]

    @staticmethod
    def _read_on(stage: DeedsStage, cursor: str) -> tuple[str, list[Movement]]:
        """Read the books from ``cursor`` to their end, page by page."""
        found: list[Movement] = []
        while True:
            page = stage.gateway.movements(cursor)
            found += page.movements
            cursor = page.cursor
            if not page.more:
                return cursor, found
