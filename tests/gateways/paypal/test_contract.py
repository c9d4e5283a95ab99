"""PayPal's adapter keeps the contract, with all its optional deeds."""

from __future__ import annotations

from quittance.core.errors import OutcomeUnknown
from quittance.gateways.base import MovementKind
from quittance.gateways.contract import Trouble, caught
from quittance.gateways.contract_books import MovementContract
from quittance.gateways.contract_deeds import DeedsStage, paid, refund_of
from quittance.gateways.contract_kept import KeepingStage
from quittance.gateways.contract_parts import parts_of
from quittance.gateways.contract_refunds import RefundContract
from quittance.gateways.contract_saved import MethodNewsContract
from quittance.gateways.paypal.gateway import PayPalGateway
from quittance.gateways.saved import MethodNews

globals().update(parts_of(PayPalGateway))  # their stage is the fixture of this folder


class TestMovementContract(MovementContract):
    """PayPal debits no bank account in our name, but it takes payments back."""

    def test_a_returned_debit_says_its_code(self, stage: DeedsStage) -> None:
        payment = paid(stage)

        stage.return_debit(payment, "")

        _, taken = stage.gateway.movements_of(payment.gateway_object)
        assert (taken.kind, taken.code) == (MovementKind.RETURN, "T1106")
        assert taken.gross == -payment.amount

    def test_a_debit_can_be_returned_after_it_was_refunded(self, stage: DeedsStage) -> None:
        payment = paid(stage)
        stage.gateway.create_refund(refund_of(payment, 1000))

        stage.return_debit(payment, "")

        books = list(stage.gateway.movements_of(payment.gateway_object))
        assert sum(one.gross.minor for one in books) == -1000


class TestRefundContract(RefundContract):
    """The order shows its refunds, so a second call looks and asks for nothing."""

    def test_a_failure_that_the_key_repeats_is_unknown_until_we_look(
        self, stage: DeedsStage
    ) -> None:
        payment = paid(stage)
        request = refund_of(payment, 400)
        stage.trouble(Trouble.ERROR_AFTER, request.reference)
        caught(OutcomeUnknown, stage.gateway.create_refund, request)

        found = self._found(stage, request)

        assert found is not None
        assert stage.gateway.create_refund(request) == found
        assert self._refunded(stage, payment) == [(found.gateway_refund, -400)]


class TestMethodNewsContract(MethodNewsContract):
    """PayPal says only that an account is gone."""

    def test_a_signed_message_names_the_saving_or_the_method(self, stage: KeepingStage) -> None:
        headers, body = stage.method_webhook(MethodNews.GONE, "id_1")

        (event,) = stage.keeping.read_method_webhook(headers, body)

        assert (event.news, event.gateway_method) == (MethodNews.GONE, "id_1")
        assert list(stage.keeping.read_webhook(headers, body)) == []
