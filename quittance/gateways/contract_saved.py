"""What an adapter that keeps methods must do: with consent, and without numbers."""

from __future__ import annotations

import re
from datetime import date
from unittest import SkipTest
from urllib.parse import urlsplit

from quittance.core.errors import OutcomeUnknown, Refused, Unavailable
from quittance.gateways.base import REASONS, Holder
from quittance.gateways.contract import Trouble, caught, request_for, same
from quittance.gateways.contract_kept import (
    KeepingStage,
    consent,
    finished,
    next_year,
    save_request,
    saved,
)
from quittance.gateways.fields import EmbedsFields
from quittance.gateways.saved import SCHEMES, MandateState, MethodNews, Proof, Saving, SavingState

MOST_TRIES = 20  # of wrong proofs, before no gateway takes more


class SavingContract:
    """A method is kept when the payer says so, and no number comes with it."""

    def test_a_new_saving_is_open_and_leads_to_the_gateway(self, stage: KeepingStage) -> None:
        request = save_request(stage)

        made = stage.keeping.start_saving(request)

        assert (made.reference, made.state) == (request.reference, SavingState.OPEN)
        assert made.redirect_url.startswith(("http://", "https://"))
        assert made.saved is None
        assert same(stage.keeping.read_saving(made.gateway_saving), made)

    def test_the_same_request_twice_is_one_saving(self, stage: KeepingStage) -> None:
        request = save_request(stage)

        first = stage.keeping.start_saving(request)
        second = stage.keeping.start_saving(request)

        assert second.gateway_saving == first.gateway_saving

    def test_a_lost_answer_is_asked_for_again(self, stage: KeepingStage) -> None:
        request = save_request(stage)
        stage.trouble(Trouble.LOST_AFTER, request.reference)

        caught(OutcomeUnknown, stage.keeping.start_saving, request)

        assert stage.keeping.start_saving(request).reference == request.reference

    def test_no_connection_means_that_nothing_was_made(self, stage: KeepingStage) -> None:
        caught(Unavailable, stage.keeping_unreachable().start_saving, save_request(stage))

    def test_of_a_saved_method_at_most_four_digits_are_told(self, stage: KeepingStage) -> None:
        for method in sorted(stage.keeping.capabilities.saved_methods):
            kept = saved(stage, method)

            assert (kept.method, kept.is_usable) == (method, True)
            assert kept.gateway_method
            assert kept.label
            assert re.fullmatch(r"[0-9]{2,4}" if method != "wallet" else r"[0-9]{0,4}", kept.last4)
            assert not re.search(r"[0-9]{5}", kept.label)
            assert (kept.expires_on is not None) == (method == "card")
            assert kept.funding in {"", "credit", "debit", "prepaid"}
            assert stage.keeping.read_method(kept.gateway_method) == kept

    def test_a_method_that_its_bank_does_not_take_is_not_saved(self, stage: KeepingStage) -> None:
        made = stage.keeping.start_saving(save_request(stage))

        stage.decline_saving(made)

        told = stage.keeping.read_saving(made.gateway_saving)
        assert told.state in {SavingState.OPEN, SavingState.FAILED}
        assert told.saved is None
        assert told.reason in REASONS if told.state is SavingState.FAILED else not told.reason

    def test_a_payment_saves_its_method_only_with_consent(self, stage: KeepingStage) -> None:
        request = save_request(stage)
        plain = request_for(stage.keeping, method=request.method)
        asked = request_for(
            stage.keeping, method=request.method, payer=request.payer, consent=consent()
        )
        payments = [stage.keeping.create_payment(each) for each in (plain, asked)]
        for payment in payments:
            stage.pay(payment)

        without, kept = (stage.keeping.method_of_payment(each.gateway_object) for each in payments)

        assert without is None
        assert kept is not None
        assert kept.is_usable
        assert stage.keeping.read_method(kept.gateway_method) == kept

    def test_a_removed_method_is_gone_however_often_it_is_removed(
        self, stage: KeepingStage
    ) -> None:
        kept = saved(stage)

        stage.keeping.remove_method(kept.gateway_method)
        stage.keeping.remove_method(kept.gateway_method)

        assert not stage.keeping.read_method(kept.gateway_method).is_usable

    def test_a_method_that_its_bank_closed_is_not_usable(self, stage: KeepingStage) -> None:
        kept = saved(stage)

        stage.close(kept)

        assert not stage.keeping.read_method(kept.gateway_method).is_usable


class EmbeddedSavingContract:
    """A method is saved in the gateway's fields on our page, and nobody is led away."""

    def test_an_embedded_saving_leads_nowhere_and_shows_fields(self, stage: KeepingStage) -> None:
        facts = stage.keeping.capabilities
        both = sorted(facts.saved_methods & facts.embedded_methods)
        if not both or not isinstance(stage.keeping, EmbedsFields):
            raise SkipTest("This gateway saves on its own page only.")
        request = save_request(stage, "card" if "card" in both else both[0], embedded=True)

        made = stage.keeping.start_saving(request)

        assert (made.state, made.redirect_url) == (SavingState.OPEN, "")
        fields = stage.keeping.fields_of_saving(made.gateway_saving)
        script = urlsplit(fields.script)
        assert f"{script.scheme}://{script.netloc}" in facts.origins.script
        assert fields.client_token
        assert fields.client_token not in repr(fields)


class MandateContract:
    """Who may debit, under which rules, until when."""

    def test_a_bank_account_is_saved_with_its_mandate(self, stage: KeepingStage) -> None:
        mandate = saved(stage, "bank_debit").mandate

        assert mandate is not None
        assert mandate.scheme in SCHEMES
        assert mandate.state in {MandateState.PENDING, MandateState.ACTIVE}
        assert stage.keeping.read_mandate(mandate.gateway_mandate) == mandate

    def test_the_holder_decides_the_rules_of_an_american_debit(self, stage: KeepingStage) -> None:
        for holder, scheme in ((Holder.BUSINESS, "ach_ccd"), (Holder.PERSONAL, "ach_web")):
            request = save_request(stage, "bank_debit", consent=consent(holder))
            kept = finished(stage, stage.keeping.start_saving(request))

            assert kept.holder in {holder, None}  # not every gateway keeps it
            assert kept.mandate is not None
            if kept.mandate.scheme.startswith("ach"):
                assert kept.mandate.scheme == scheme

    def test_a_revoked_mandate_ends_and_its_method_with_it(self, stage: KeepingStage) -> None:
        kept = saved(stage, "bank_debit")
        assert kept.mandate is not None

        first = stage.keeping.revoke_mandate(kept.mandate.gateway_mandate)
        second = stage.keeping.revoke_mandate(kept.mandate.gateway_mandate)

        assert first.state is second.state is MandateState.ENDED
        assert not stage.keeping.read_method(kept.gateway_method).is_usable


class VerificationContract:
    """An account is kept when the payer can read its statement."""

    def test_the_right_amounts_save_the_account(self, stage: KeepingStage) -> None:
        waiting = self._waiting(stage, Proof.AMOUNTS)

        done = stage.keeping.verify_with_amounts(
            waiting.gateway_saving, *reversed(stage.right_amounts(waiting))
        )

        assert done.state is SavingState.SAVED
        assert done.saved is not None
        assert done.saved.is_usable

    def test_the_right_code_saves_the_account(self, stage: KeepingStage) -> None:
        waiting = self._waiting(stage, Proof.CODE)

        done = stage.keeping.verify_with_code(waiting.gateway_saving, stage.right_code(waiting))

        assert done.state is SavingState.SAVED

    def test_a_wrong_proof_is_an_answer_and_too_many_end_it(self, stage: KeepingStage) -> None:
        waiting = now = self._waiting(stage, Proof.AMOUNTS)
        first, _ = stage.right_amounts(waiting)

        for _ in range(MOST_TRIES):
            before = now.verification.tries_left if now.verification else None
            now = stage.keeping.verify_with_amounts(waiting.gateway_saving, first, first)
            if now.state is not SavingState.VERIFYING:
                break
            left = now.verification.tries_left if now.verification else None
            assert before is None or left == before - 1

        assert (now.state, now.reason) == (SavingState.FAILED, "verification_failed")

    def test_what_waits_for_no_proof_is_not_verified(self, stage: KeepingStage) -> None:
        made = stage.keeping.start_saving(save_request(stage, "bank_debit"))

        caught(Refused, stage.keeping.verify_with_code, made.gateway_saving, "AB12CD")

    @staticmethod
    def _waiting(stage: KeepingStage, proof: Proof) -> Saving:
        made = stage.keeping.start_saving(save_request(stage, "bank_debit"))
        stage.begin_to_verify(made, proof)
        waiting = stage.keeping.read_saving(made.gateway_saving)
        assert waiting.state is SavingState.VERIFYING
        assert waiting.verification is not None
        assert waiting.verification.proof is proof
        return waiting


class RenewalContract:
    """A card that was extended keeps its token."""

    def test_a_later_month_is_kept(self, stage: KeepingStage) -> None:
        kept = saved(stage, "card")

        changed = stage.keeping.change_expiry(kept.gateway_method, next_year())

        assert changed.expires_on == next_year()
        assert stage.keeping.read_method(kept.gateway_method) == changed

    def test_a_month_that_is_past_is_refused(self, stage: KeepingStage) -> None:
        kept = saved(stage, "card")

        caught(Refused, stage.keeping.change_expiry, kept.gateway_method, date(2021, 1, 31))


class MethodNewsContract:
    """The gateway says by itself that a method changed; what changed is asked."""

    def test_a_signed_message_names_the_saving_or_the_method(self, stage: KeepingStage) -> None:
        for news in MethodNews:
            headers, body = stage.method_webhook(news, "id_1")

            (event,) = stage.keeping.read_method_webhook(headers, body)

            named = event.gateway_saving if news is MethodNews.SAVING else event.gateway_method
            assert (event.news, named) == (news, "id_1")
            assert event.event_id
            assert list(stage.keeping.read_webhook(headers, body)) == []

    def test_a_forged_message_is_refused(self, stage: KeepingStage) -> None:
        headers, body = stage.method_webhook(MethodNews.GONE, "id_1")

        caught(Refused, stage.keeping.read_method_webhook, headers, body + b" ")
        caught(Refused, stage.keeping.read_method_webhook, {}, body)
