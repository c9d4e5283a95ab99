"""What an adapter that charges saved methods must do: once, and never behind the payer's back."""

from __future__ import annotations

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.core.money import Money
from quittance.gateways.base import (
    REASONS,
    GatewayPayment,
    MovementKind,
    PaymentState,
    ReportsMovements,
)
from quittance.gateways.charges import ChargeRequest, StartedBy
from quittance.gateways.contract import Trouble, caught
from quittance.gateways.contract_deeds import told
from quittance.gateways.contract_kept import KeepingStage, Later, charge_of, saved

MOVED = {PaymentState.PROCESSING, PaymentState.SUCCEEDED}


class ChargeContract:
    """Money is taken from a saved method once, and a lost answer is always found."""

    def test_a_prepared_charge_is_found_and_moves_nothing(self, stage: KeepingStage) -> None:
        request = charge_of(stage, saved(stage), by=StartedBy.SELLER)

        made = stage.keeping.prepare_charge(request)

        assert (made.reference, made.amount) == (request.reference, request.amount)
        assert made.waits_for_us or made.state in MOVED
        assert made.state in {PaymentState.OPEN, *MOVED}
        assert stage.keeping.find_payment(request.reference) == made
        assert stage.keeping.read_payment(made.gateway_object) == made
        if made.waits_for_us:
            assert self._taken(stage, made) in ([], None)

    def test_a_charge_takes_exactly_what_was_asked(self, stage: KeepingStage) -> None:
        for method in sorted(stage.keeping.capabilities.saved_methods):
            request = charge_of(stage, saved(stage, method), by=StartedBy.SELLER)

            taken = self._charged(stage, request)

            assert taken.state in MOVED
            assert (taken.amount, taken.waits_for_us) == (request.amount, False)
            stage.settle(taken)
            done = stage.keeping.read_payment(taken.gateway_object)
            assert done.state is PaymentState.SUCCEEDED
            assert self._taken(stage, done) in ([request.amount.minor], None)

    def test_a_charge_is_made_once_however_often_it_is_asked(self, stage: KeepingStage) -> None:
        request = charge_of(stage, saved(stage), by=StartedBy.SELLER)

        first, second = (stage.keeping.prepare_charge(request) for _ in range(2))
        for _ in range(3):
            taken = stage.keeping.charge(first.gateway_object, request)

        assert second.gateway_object == first.gateway_object
        stage.settle(taken)
        assert self._taken(stage, taken) in ([request.amount.minor], None)

    def test_the_same_reference_for_another_amount_is_refused(self, stage: KeepingStage) -> None:
        method = saved(stage)
        request = charge_of(stage, method, by=StartedBy.SELLER)
        stage.keeping.prepare_charge(request)
        more = Money(request.amount.minor + 1, request.amount.currency)

        other = charge_of(
            stage, method, by=StartedBy.SELLER, reference=request.reference, amount=more
        )

        caught(Refused, stage.keeping.prepare_charge, other)

    def test_a_decline_is_an_answer_with_a_reason(self, stage: KeepingStage) -> None:
        request = charge_of(stage, saved(stage, later=Later.DECLINED), by=StartedBy.SELLER)

        told_ = self._charged(stage, request)

        assert told_.state is PaymentState.FAILED
        assert told_.reason in REASONS - {"authentication_required", "method_gone"}
        assert self._taken(stage, told_) in ([], None)

    def test_a_charge_of_ours_that_needs_the_payer_is_over(self, stage: KeepingStage) -> None:
        request = charge_of(stage, saved(stage, later=Later.NEEDS_PAYER), by=StartedBy.SELLER)

        told_ = self._charged(stage, request)

        assert (told_.state, told_.reason) == (PaymentState.FAILED, "authentication_required")
        again = stage.keeping.charge(told_.gateway_object, request)
        assert again.state is PaymentState.FAILED
        assert self._taken(stage, told_) in ([], None)

    def test_a_payer_who_is_there_answers_his_bank(self, stage: KeepingStage) -> None:
        method = saved(stage, later=Later.NEEDS_PAYER)
        for approve, state in ((True, PaymentState.SUCCEEDED), (False, PaymentState.FAILED)):
            asked = self._charged(stage, charge_of(stage, method, by=StartedBy.PAYER))
            assert asked.state is PaymentState.OPEN
            assert asked.redirect_url.startswith(("http://", "https://"))

            stage.answer_bank(asked, approve=approve)

            assert stage.keeping.read_payment(asked.gateway_object).state is state

    def test_a_method_that_was_removed_is_not_charged(self, stage: KeepingStage) -> None:
        method = saved(stage)
        stage.keeping.remove_method(method.gateway_method)
        request = charge_of(stage, method, by=StartedBy.SELLER)

        try:
            answer = self._charged(stage, request)
        except Refused:
            found = stage.keeping.find_payment(request.reference)
            assert found is None or found.state not in MOVED
        else:
            assert (answer.state, answer.reason) == (PaymentState.FAILED, "method_gone")

    def test_a_charge_that_was_given_up_takes_nothing(self, stage: KeepingStage) -> None:
        request = charge_of(stage, saved(stage), by=StartedBy.SELLER)
        made = stage.keeping.prepare_charge(request)
        if not made.waits_for_us:
            return  # it is under way already, and cannot be given up

        given_up = stage.keeping.cancel_payment(made.gateway_object)

        assert given_up.state is PaymentState.CANCELLED
        assert self._taken(stage, made) in ([], None)

    def test_no_connection_means_that_nothing_was_taken(self, stage: KeepingStage) -> None:
        request = charge_of(stage, saved(stage), by=StartedBy.SELLER)
        away = stage.keeping_unreachable()
        caught(Unavailable, away.prepare_charge, request)
        made = stage.keeping.prepare_charge(request)

        caught(Unavailable, away.charge, made.gateway_object, request)

        assert stage.keeping.read_payment(made.gateway_object) == made

    def test_an_answer_that_was_lost_is_read_and_not_guessed(self, stage: KeepingStage) -> None:
        method = saved(stage)
        for kind, was_done in ((Trouble.LOST_BEFORE, False), (Trouble.LOST_AFTER, True)):
            request = charge_of(stage, method, by=StartedBy.SELLER)
            made = stage.keeping.prepare_charge(request)
            if not made.waits_for_us:
                return  # one step only: the next case is its own
            stage.trouble(kind, request.reference)

            caught(OutcomeUnknown, stage.keeping.charge, made.gateway_object, request)

            now = stage.keeping.read_payment(made.gateway_object)
            assert (now.state in MOVED) == was_done
            taken = stage.keeping.charge(made.gateway_object, request)
            stage.settle(taken)
            assert self._taken(stage, taken) in ([request.amount.minor], None)

    def test_a_preparation_that_was_lost_is_found(self, stage: KeepingStage) -> None:
        method = saved(stage)
        for kind, was_done in ((Trouble.LOST_BEFORE, False), (Trouble.LOST_AFTER, True)):
            request = charge_of(stage, method, by=StartedBy.SELLER)
            stage.trouble(kind, request.reference)

            caught(OutcomeUnknown, stage.keeping.prepare_charge, request)

            found = stage.keeping.find_payment(request.reference)
            assert (found is not None) == was_done

    @staticmethod
    def _charged(stage: KeepingStage, request: ChargeRequest) -> GatewayPayment:
        made = stage.keeping.prepare_charge(request)
        return stage.keeping.charge(made.gateway_object, request)

    @staticmethod
    def _taken(stage: KeepingStage, payment: GatewayPayment) -> list[int] | None:
        """Return what the gateway's books say was taken; ``None`` when it shows no books."""
        if not isinstance(stage.keeping, ReportsMovements):
            return None
        books = list(stage.keeping.movements_of(payment.gateway_object))
        return [minor for _, minor in told(books, MovementKind.CHARGE)]
