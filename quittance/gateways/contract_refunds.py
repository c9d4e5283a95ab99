"""What an adapter that gives money back must do: once, never too much, with a known end."""

from __future__ import annotations

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.gateways.base import (
    GatewayPayment,
    GatewayRefund,
    MovementKind,
    RefundRequest,
    RefundState,
)
from quittance.gateways.contract import Trouble, caught, request_for
from quittance.gateways.contract_deeds import DeedsStage, paid, part, refund_of, told


class RefundContract:
    """Money goes back once, never more than came in, and its end is always known."""

    def test_a_refund_is_exactly_what_was_asked_for(self, stage: DeedsStage) -> None:
        request = refund_of(paid(stage), 400)

        made = stage.gateway.create_refund(request)

        assert made.state in {RefundState.PENDING, RefundState.SUCCEEDED}
        assert (made.reference, made.gateway_object) == (request.reference, request.gateway_object)
        assert made.amount == request.amount
        assert stage.gateway.read_refund(made.gateway_refund) == made
        assert self._found(stage, request) == made

    def test_the_same_request_twice_is_one_refund(self, stage: DeedsStage) -> None:
        payment = paid(stage)
        request = refund_of(payment, 400)

        first = stage.gateway.create_refund(request)
        second = stage.gateway.create_refund(request)

        assert second.gateway_refund == first.gateway_refund
        assert self._refunded(stage, payment) == [(first.gateway_refund, -400)]

    def test_the_same_reference_for_another_amount_is_refused(self, stage: DeedsStage) -> None:
        payment = paid(stage)
        request = refund_of(payment, 400)
        first = stage.gateway.create_refund(request)

        caught(Refused, stage.gateway.create_refund, refund_of(payment, 401, request.reference))

        assert self._refunded(stage, payment) == [(first.gateway_refund, -400)]

    def test_more_than_was_captured_is_refused(self, stage: DeedsStage) -> None:
        payment = paid(stage, minor=1000)

        caught(Refused, stage.gateway.create_refund, refund_of(payment, 1001))
        stage.gateway.create_refund(refund_of(payment, 600))
        caught(Refused, stage.gateway.create_refund, refund_of(payment, 401))
        stage.gateway.create_refund(refund_of(payment, 400))

        assert sum(minor for _, minor in self._refunded(stage, payment)) == -1000

    def test_what_was_not_paid_is_not_refunded(self, stage: DeedsStage) -> None:
        unpaid = stage.gateway.create_payment(request_for(stage.gateway))

        caught(Refused, stage.gateway.create_refund, refund_of(unpaid, 1))

    def test_a_pending_refund_succeeds_later(self, stage: DeedsStage) -> None:
        with stage.waiting_refunds():
            made = stage.gateway.create_refund(refund_of(paid(stage), 400))

        stage.decide_refund(made, failed=False)

        assert made.state is RefundState.PENDING
        now = stage.gateway.read_refund(made.gateway_refund)
        assert now.state is RefundState.SUCCEEDED

    def test_a_failed_refund_says_why_and_the_money_is_ours_again(self, stage: DeedsStage) -> None:
        payment = paid(stage, minor=1000)
        with stage.waiting_refunds():
            made = stage.gateway.create_refund(refund_of(payment, 1000))

        stage.decide_refund(made, failed=True)

        now = stage.gateway.read_refund(made.gateway_refund)
        assert now.state is RefundState.FAILED
        assert now.detail
        back = list(stage.gateway.movements_of(payment.gateway_object))
        assert told(back, MovementKind.REFUND, MovementKind.REFUND_FAILED) == [
            (made.gateway_refund, -1000),
            (made.gateway_refund, 1000),
        ]
        assert stage.gateway.create_refund(refund_of(payment, 1000)).gateway_refund != (
            made.gateway_refund
        )

    def test_a_refund_of_somebody_else_is_seen_in_the_books(self, stage: DeedsStage) -> None:
        payment = paid(stage, minor=1000)

        stage.refund_in_pages(payment, part(payment, 300))

        ((subject, minor),) = self._refunded(stage, payment)
        assert minor == -300
        seen = stage.gateway.read_refund(subject)
        assert (seen.reference, seen.gateway_object) == ("", payment.gateway_object)
        caught(Refused, stage.gateway.create_refund, refund_of(payment, 701))

    def test_none_is_said_of_our_own_payments_only(self, stage: DeedsStage) -> None:
        payment = paid(stage)
        nowhere = f"{payment.gateway_object[:4]}{'0' * 24}"

        assert stage.gateway.find_refund("never", gateway_object=payment.gateway_object) is None
        caught(Refused, lambda: stage.gateway.find_refund("never", gateway_object=nowhere))
        caught(Refused, stage.gateway.read_refund, "re_000000000000000000000000")

    def test_no_connection_means_that_nothing_was_refunded(self, stage: DeedsStage) -> None:
        request = refund_of(paid(stage), 400)

        caught(Unavailable, stage.open_unreachable().create_refund, request)

        assert self._found(stage, request) is None

    def test_a_throttled_refund_is_made_later_under_the_same_key(self, stage: DeedsStage) -> None:
        payment = paid(stage)
        request = refund_of(payment, 400)
        stage.trouble(Trouble.THROTTLED, request.reference)

        error = caught(Unavailable, stage.gateway.create_refund, request)

        assert error.retry_after_seconds == 7
        assert self._found(stage, request) is None
        made = stage.gateway.create_refund(request)
        assert self._refunded(stage, payment) == [(made.gateway_refund, -400)]

    def test_a_refund_lost_on_the_way_is_unknown_and_then_not_found(
        self, stage: DeedsStage
    ) -> None:
        request = refund_of(paid(stage), 400)
        stage.trouble(Trouble.LOST_BEFORE, request.reference)

        caught(OutcomeUnknown, stage.gateway.create_refund, request)

        assert self._found(stage, request) is None

    def test_a_refund_whose_answer_was_lost_is_found_and_not_made_again(
        self, stage: DeedsStage
    ) -> None:
        for kind in (Trouble.LOST_AFTER, Trouble.GARBLED):
            payment = paid(stage)
            request = refund_of(payment, 400)
            stage.trouble(kind, request.reference)

            caught(OutcomeUnknown, stage.gateway.create_refund, request)

            found = self._found(stage, request)
            assert found is not None, kind
            assert stage.gateway.create_refund(request).gateway_refund == found.gateway_refund
            assert self._refunded(stage, payment) == [(found.gateway_refund, -400)]

    def test_a_failure_that_the_key_repeats_is_unknown_until_we_look(
        self, stage: DeedsStage
    ) -> None:
        payment = paid(stage)
        request = refund_of(payment, 400)
        stage.trouble(Trouble.ERROR_AFTER, request.reference)

        for _ in range(3):
            caught(OutcomeUnknown, stage.gateway.create_refund, request)

        found = self._found(stage, request)
        assert found is not None
        assert self._refunded(stage, payment) == [(found.gateway_refund, -400)]

    def test_a_twin_still_at_work_is_unavailable(self, stage: DeedsStage) -> None:
        request = refund_of(paid(stage), 400)
        stage.trouble(Trouble.STILL_AT_WORK, request.reference)

        caught(OutcomeUnknown, stage.gateway.create_refund, request)

        caught(Unavailable, stage.gateway.create_refund, request)

    def test_a_garbled_answer_to_a_question_is_unavailable(self, stage: DeedsStage) -> None:
        request = refund_of(paid(stage), 400)
        made = stage.gateway.create_refund(request)

        stage.trouble(Trouble.GARBLED_READ, request.reference)
        caught(Unavailable, stage.gateway.read_refund, made.gateway_refund)
        stage.trouble(Trouble.GARBLED_READ, request.reference)
        caught(Unavailable, self._found, stage, request)

    @staticmethod
    def _found(stage: DeedsStage, request: RefundRequest) -> GatewayRefund | None:
        return stage.gateway.find_refund(request.reference, gateway_object=request.gateway_object)

    @staticmethod
    def _refunded(stage: DeedsStage, payment: GatewayPayment) -> list[tuple[str, int]]:
        books = list(stage.gateway.movements_of(payment.gateway_object))
        return told(books, MovementKind.REFUND)
