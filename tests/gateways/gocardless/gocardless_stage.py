"""The stage for GoCardless: the payer, the banks, its clerks and the trouble."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast
from unittest import SkipTest

from quittance.core.money import Money
from quittance.gateways import registry
from quittance.gateways.base import GatewayDispute, GatewayPayment, GatewayRefund
from quittance.gateways.contract import Trouble
from quittance.gateways.contract_kept import KeepingGateway, Later
from quittance.gateways.gocardless.gateway import sign
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

    open_unreachable = unreachable

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

    @contextmanager
    def waiting_refunds(self) -> Iterator[None]:
        yield  # each waits for a bank

    def decide_refund(self, refund: GatewayRefund, *, failed: bool) -> None:
        self.books.till.decide_refund(refund.gateway_refund, failed=failed)

    def debit_of(self, payment: GatewayPayment) -> dict[str, Any]:
        return next(
            debit
            for debit in self.books.payments.values()
            if payment.gateway_object in (debit["id"], debit["metadata"].get("billing_request"))
        )

    def refund_in_pages(self, payment: GatewayPayment, amount: Money) -> None:
        debit = self.debit_of(payment)
        asked = {
            "amount": amount.minor,
            "total_amount_confirmation": debit["amount_refunded"] + amount.minor,
            "links": {"payment": debit["id"]},
        }
        self.books.till.refund(asked, "")

    def dispute(self, payment: GatewayPayment, amount: Money) -> None:
        raise NotImplementedError

    def decide_dispute(self, dispute: GatewayDispute, *, won: bool) -> None:
        raise NotImplementedError

    def return_debit(self, payment: GatewayPayment, code: str) -> None:
        """Its bank takes it back, as the scheme's failure after the money was there."""
        id_ = self.debit_of(payment)["id"]
        self.books.decide(id_, "failed", "refer_to_payer", code)

    def pay_out(self) -> None:
        """Pay out all: somebody else's money is there too, so that no currency is below zero."""
        for currency in ("EUR", "GBP"):
            self.collect_in_pages(Money(1_000_000, currency))
        self.books.till.pay_out()

    def collect_in_pages(self, amount: Money) -> str:
        """Take money as a clerk does in GoCardless's own pages; return the debit's id."""
        scheme = {"EUR": "sepa_core", "GBP": "bacs"}[amount.currency]
        wish = {"currency": amount.currency, "scheme": scheme}
        _, asked = self.books.ask({"mandate_request": wish}, "")
        self.books.agree(asked["billing_requests"]["id"])
        mandate = list(self.books.mandates)[-1]
        content = {"amount": amount.minor, "currency": amount.currency}
        _, made = self.books.debit({**content, "links": {"mandate": mandate}}, "")
        id_: str = made["payments"]["id"]
        self.books.decide(id_, "confirmed")
        return id_

    def fail_payout(self, payout_id: str) -> None:
        self.books.till.bounce(payout_id)

    def stop(self) -> None:
        self.client.close()
