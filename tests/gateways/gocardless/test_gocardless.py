"""The adapter for GoCardless keeps the contract, against the stand-in only."""

from __future__ import annotations

from quittance.core.errors import Refused
from quittance.core.money import Money
from quittance.gateways.base import PaymentState
from quittance.gateways.charges import StartedBy
from quittance.gateways.contract import caught, request_for
from quittance.gateways.contract_kept import KeepingStage, charge_of, save_request, saved
from quittance.gateways.contract_parts import parts_of
from quittance.gateways.gocardless.gateway import GoCardlessGateway, sign
from quittance.gateways.saved import MethodNews
from tests.gateways.gocardless.gocardless_stage import SECRET, GoCardlessStage, message

globals().update(parts_of(GoCardlessGateway))


def test_a_debit_that_failed_says_why(stage: GoCardlessStage) -> None:
    kept: KeepingStage = stage
    for cause, reason in {
        "insufficient_funds": "insufficient_funds",
        "bank_account_closed": "account_closed",
        "mandate_cancelled": "method_gone",
        "something_new": "declined",
    }.items():
        request = charge_of(kept, saved(kept), by=StartedBy.SELLER)
        made = stage.gateway.prepare_charge(request)
        stage.books.decide(made.gateway_object, "failed", cause)

        told = stage.gateway.read_payment(made.gateway_object)

        assert (told.state, told.reason) == (PaymentState.FAILED, reason)
        assert cause in told.detail


def test_the_scheme_follows_the_currency(stage: GoCardlessStage) -> None:
    for currency, scheme in (("GBP", "bacs"), ("EUR", "sepa_core")):
        saving = stage.gateway.start_saving(save_request(stage, currency=currency))
        stage.save(saving)

        mandate = stage.gateway.read_saving(saving.gateway_saving).saved.mandate

        assert mandate.scheme == scheme
        assert mandate.reference


def test_a_debit_is_taken_once_though_the_mandate_was_used_before(stage: GoCardlessStage) -> None:
    payment = stage.gateway.create_payment(request_for(stage.gateway))
    stage.agree(payment)
    before = len(stage.books.payments)
    mandate = stage.books.billing_requests[payment.gateway_object]["links"]
    method = stage.gateway.read_method(mandate["mandate_request_mandate"])
    stage.gateway.prepare_charge(charge_of(stage, method, by=StartedBy.PAYER))

    for _ in range(2):
        taken = stage.gateway.complete_payment(payment.gateway_object)

    assert len(stage.books.payments) == before + 2
    assert taken.reference == payment.reference


def test_a_currency_that_has_no_scheme_here_is_refused_before_it_is_asked(
    stage: GoCardlessStage,
) -> None:
    before = len(stage.books.billing_requests)

    request = request_for(stage.gateway, amount=Money(1050, "USD"))

    caught(Refused, stage.gateway.create_payment, request)
    assert len(stage.books.billing_requests) == before


def test_the_banks_own_code_about_an_account_comes_with_the_news(stage: GoCardlessStage) -> None:
    body = message("mandates", "transferred", {"mandate": "MD1"}, reason_code="ADDACS-3")

    (event,) = stage.gateway.read_method_webhook({"webhook-signature": sign(SECRET, body)}, body)

    assert (event.news, event.code) == (MethodNews.CHANGED, "ADDACS-3")
