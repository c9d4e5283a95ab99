"""What an adapter must do that embeds fields, waits for our word, or instructs a transfer."""

from __future__ import annotations

import hashlib
import tomllib
from typing import Final, Protocol
from urllib.parse import urlsplit

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.gateways.base import (
    CompletesPayments,
    Gateway,
    GatewayPayment,
    PaymentState,
)
from quittance.gateways.contract import Trouble, caught, request_for
from quittance.gateways.fields import EmbedsFields

_MOVED: Final = {PaymentState.PROCESSING, PaymentState.SUCCEEDED}


class EmbeddingGateway(Gateway, EmbedsFields, Protocol):
    """A gateway whose fields stand on our page."""


class CompletingGateway(Gateway, CompletesPayments, Protocol):
    """A gateway that waits for our word."""


class FieldsStage(Protocol):
    """What these tests need: the payer in front of the fields."""

    @property
    def embedding(self) -> EmbeddingGateway: ...

    def pay_in_fields(self, payment: GatewayPayment) -> None:
        """Type something that succeeds at once into the fields, and confirm."""


class CompletionStage(Protocol):
    """What these tests need: the payer who agrees, and the trouble."""

    @property
    def completing(self) -> CompletingGateway: ...

    def agree(self, payment: GatewayPayment) -> None:
        """Agree as the payer on the gateway's page, so that the gateway waits for us."""

    def trouble(self, kind: Trouble, reference: str) -> None: ...


def _embedded(stage: FieldsStage) -> GatewayPayment:
    method = next(
        each
        for each in stage.embedding.capabilities.methods
        if each in stage.embedding.capabilities.embedded_methods
    )
    return stage.embedding.create_payment(
        request_for(stage.embedding, method=method, embedded=True)
    )


class FieldsContract:
    """The fields are the gateway's, on its own origin, and what they did is asked of it."""

    def test_an_embedded_payment_is_open_and_leads_nowhere(self, stage: FieldsStage) -> None:
        made = _embedded(stage)

        assert (made.state, made.redirect_url) == (PaymentState.OPEN, "")
        assert stage.embedding.read_payment(made.gateway_object) == made

    def test_the_script_comes_from_an_origin_that_the_facts_name(self, stage: FieldsStage) -> None:
        made = _embedded(stage)

        facts = stage.embedding.fields_of_payment(made.gateway_object)

        script = urlsplit(facts.script)
        assert f"{script.scheme}://{script.netloc}" in stage.embedding.capabilities.origins.script
        assert stage.embedding.capabilities.origins.frame
        assert facts.client_token
        assert facts.client_token not in repr(facts)
        assert "export" in stage.embedding.fields_module()
        assert "mount" in stage.embedding.fields_module()

    def test_the_inventory_has_the_hash_of_the_module_and_says_why(
        self, stage: FieldsStage
    ) -> None:
        said = tomllib.loads(stage.embedding.fields_inventory())

        module = stage.embedding.fields_module().encode()
        assert said["sha256"] == hashlib.sha256(module).hexdigest()
        assert all(said[name] for name in ("module", "owner", "purpose", "source"))
        for name in ("script", "frame", "connect", "image"):
            assert all(each.startswith("https://") for each in said[name])

    def test_what_was_paid_in_the_fields_is_asked_of_the_gateway(self, stage: FieldsStage) -> None:
        made = _embedded(stage)

        stage.pay_in_fields(made)

        told = stage.embedding.read_payment(made.gateway_object)
        assert (told.state, told.amount) == (PaymentState.SUCCEEDED, made.amount)
        caught(Refused, stage.embedding.fields_of_payment, made.gateway_object)


class CompletionContract:
    """Nothing moves before our word, and it moves once."""

    def test_a_payment_waits_for_us_only_after_the_payer_agreed(
        self, stage: CompletionStage
    ) -> None:
        made = stage.completing.create_payment(request_for(stage.completing))

        early = stage.completing.complete_payment(made.gateway_object)
        assert (early.state, early.waits_for_us) == (PaymentState.OPEN, False)
        stage.agree(made)

        for _ in range(2):  # to read is to look, and takes nothing
            told = stage.completing.read_payment(made.gateway_object)
            assert (told.state, told.waits_for_us) == (PaymentState.OPEN, True)

    def test_cancelling_what_waits_for_us_cancels_it(self, stage: CompletionStage) -> None:
        made = stage.completing.create_payment(request_for(stage.completing))
        stage.agree(made)

        for _ in range(2):
            told = stage.completing.cancel_payment(made.gateway_object)
            assert (told.state, told.waits_for_us) == (PaymentState.CANCELLED, False)
            assert not told.redirect_url

    def test_our_word_takes_the_money_once(self, stage: CompletionStage) -> None:
        made = stage.completing.create_payment(request_for(stage.completing))
        stage.agree(made)

        first = stage.completing.complete_payment(made.gateway_object)
        second = stage.completing.complete_payment(made.gateway_object)

        assert first.state is second.state
        assert first.state in _MOVED
        assert not first.waits_for_us
        assert first.amount == second.amount == made.amount

    def test_a_lost_answer_to_our_word_is_read(self, stage: CompletionStage) -> None:
        for kind, was_done in ((Trouble.LOST_BEFORE, False), (Trouble.LOST_AFTER, True)):
            made = stage.completing.create_payment(request_for(stage.completing))
            stage.agree(made)
            stage.trouble(kind, made.reference)

            caught(OutcomeUnknown, stage.completing.complete_payment, made.gateway_object)

            told = stage.completing.read_payment(made.gateway_object)
            assert (told.state in _MOVED, told.waits_for_us) == (was_done, not was_done)

    def test_throttled_means_that_nothing_was_taken(self, stage: CompletionStage) -> None:
        made = stage.completing.create_payment(request_for(stage.completing))
        stage.agree(made)
        stage.trouble(Trouble.THROTTLED, made.reference)

        caught(Unavailable, stage.completing.complete_payment, made.gateway_object)

        assert stage.completing.read_payment(made.gateway_object).waits_for_us
