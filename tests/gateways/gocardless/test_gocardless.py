"""The adapter for GoCardless keeps the contract, against the stand-in only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast
from unittest import SkipTest

import pytest

from quittance.core.errors import Refused
from quittance.core.money import Money
from quittance.gateways import registry
from quittance.gateways.base import GatewayPayment, PaymentState
from quittance.gateways.charges import StartedBy
from quittance.gateways.contract import Trouble, caught, request_for
from quittance.gateways.contract_kept import (
    KeepingGateway,
    KeepingStage,
    Later,
    charge_of,
    save_request,
    saved,
)
from quittance.gateways.contract_parts import parts_of
from quittance.gateways.gocardless.gateway import GoCardlessGateway, sign
from quittance.gateways.saved import MethodNews, Proof, SavedMethod, Saving
from quittance.httpclient.client import new_client
from sandbox.gocardless.server import TOKEN, GoCardless

SECRET, OLD_SECRET = "secret_of_the_tests", "secret_before"
NEWS = {
    MethodNews.SAVING: ("billing_requests", "fulfilled", "billing_request"),
    MethodNews.CHANGED: ("mandates", "transferred", "mandate"),
    MethodNews.GONE: ("mandates", "cancelled", "mandate"),
    MethodNews.MANDATE: ("mandates", "active", "mandate"),
}


def message(
    kind: str, action: str, links: dict[str, str], *, reason_code: str = "", **metadata: str
) -> bytes:
    details = {"origin": "bank", "reason_code": reason_code} if reason_code else {}
    event = {"id": "EV1", "created_at": datetime.now(UTC).isoformat(), "details": details}
    told = {"resource_type": kind, "action": action, "links": links}
    return json.dumps({"events": [{**event, **told, "resource_metadata": metadata}]}).encode()


class GoCardlessStage:
    """The payer, the bank and the trouble."""

    def __init__(self, server: GoCardless) -> None:
        self.server, self.books = server, server.books
        self.client = new_client(timeout_seconds=5)
        self.gateway = self.keeping = self.completing = self.open()

    def open(self, **changes: str) -> Any:
        settings = {
            "address": self.server.url,
            "access_token": TOKEN,
            "webhook_secret": f"{OLD_SECRET} {SECRET}",
        }
        return registry.open_gateway("gocardless", {**settings, **changes}, self.client)

    def with_wrong_key(self) -> Any:
        return self.open(access_token="revoked")

    def unreachable(self) -> Any:
        return self.open(address="http://127.0.0.1:1")

    def keeping_unreachable(self) -> KeepingGateway:
        return cast("KeepingGateway", self.unreachable())

    def with_other_webhook_secret(self) -> Any:
        return self.open(webhook_secret=OLD_SECRET)

    def agree(self, payment: GatewayPayment) -> None:
        self.books.agree(payment.gateway_object)

    def pay(self, payment: GatewayPayment) -> None:
        self.agree(payment)
        self.settle(self.completing.complete_payment(payment.gateway_object))

    def settle(self, payment: GatewayPayment) -> None:
        for debit in self.books.payments.values():
            mine = payment.gateway_object in (debit["id"], debit["metadata"].get("billing_request"))
            if mine and debit["status"] == "pending_submission":
                self.books.decide(debit["id"], "confirmed")

    def decline(self, payment: GatewayPayment) -> None:
        self.agree(payment)
        self.completing.complete_payment(payment.gateway_object)
        debit = list(self.books.payments)[-1]
        self.books.decide(debit, "failed", "insufficient_funds")

    def save(self, saving: Saving, later: Later = Later.TAKEN) -> None:
        if later is not Later.TAKEN:
            raise SkipTest("A bank declines a debit days later, and never asks for the payer.")
        self.books.agree(saving.gateway_saving)

    def decline_saving(self, saving: Saving) -> None:
        """On its pages an account that cannot be one is typed in again and again."""

    def begin_to_verify(self, saving: Saving, proof: Proof) -> None:
        raise NotImplementedError

    def right_amounts(self, saving: Saving) -> tuple[Money, Money]:
        raise NotImplementedError

    def right_code(self, saving: Saving) -> str:
        raise NotImplementedError

    def answer_bank(self, payment: GatewayPayment, *, approve: bool) -> None:
        raise NotImplementedError

    def close(self, method: SavedMethod) -> None:
        self.books.mandates[method.gateway_method]["status"] = "failed"

    def trouble(self, kind: Trouble, reference: str) -> None:
        if kind is Trouble.STILL_AT_WORK:
            raise SkipTest("What it answers while the first request is at work is not described.")
        self.server.trouble = kind.value

    def webhook(
        self, payment: GatewayPayment, *, age_seconds: int = 0
    ) -> tuple[Mapping[str, str], bytes]:
        if age_seconds:
            raise SkipTest("Its signature holds no time.")
        links = {"payment": "PM1"}
        body = message("payments", "confirmed", links, billing_request=payment.gateway_object)
        return {"Webhook-Signature": sign(SECRET, body)}, body

    def method_webhook(self, news: MethodNews, id_: str) -> tuple[Mapping[str, str], bytes]:
        kind, action, name = NEWS[news]
        body = message(kind, action, {name: id_}, purpose="saving 2026-1")
        return {"Webhook-Signature": sign(SECRET, body)}, body

    def stop(self) -> None:
        self.client.close()


@pytest.fixture(scope="module")
def stage() -> Iterator[GoCardlessStage]:
    server = GoCardless()
    server.start()
    made = GoCardlessStage(server)
    yield made
    made.stop()
    server.stop()


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
