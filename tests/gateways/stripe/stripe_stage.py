"""Stripe's payer, banks, clerks and trouble, played by the sandbox, for the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, cast
from unittest import SkipTest

from quittance.core.money import Money
from quittance.gateways import registry
from quittance.gateways.base import (
    Gateway,
    GatewayDispute,
    GatewayPayment,
    GatewayRefund,
    PaymentState,
)
from quittance.gateways.contract import Trouble
from quittance.gateways.contract_deeds import FullGateway
from quittance.gateways.contract_fields import EmbeddingGateway
from quittance.gateways.contract_kept import KeepingGateway, Later
from quittance.gateways.saved import MethodNews, Proof, SavedMethod, Saving
from quittance.httpclient.client import new_client
from sandbox.stripe.launch import Running

KEY, PUBLIC_KEY = "sk_test_northwind", "pk_test_northwind"
SECRET, OLD_SECRET = "whsec_secretofthetests", "whsec_oldersecret"
_WRITES = {"match": "POST /v1/*", "unless": "POST /v1/customers"}
_FAULTS: dict[Trouble, dict[str, Any]] = {
    Trouble.THROTTLED: {"kind": "status", "status": 429, "retry_after": "7"},
    Trouble.LOST_BEFORE: {"kind": "drop_before"},
    Trouble.LOST_AFTER: {"kind": "drop_after"},
    Trouble.ERROR_AFTER: {"kind": "error_after", "status": 500},
    Trouble.GARBLED: {"kind": "malformed_json"},
    Trouble.STILL_AT_WORK: {"kind": "late_commit", "seconds": 5},
    Trouble.GARBLED_READ: {"kind": "malformed_json", "match": "GET /v1/*"},
}
_LATER = {
    Later.TAKEN: "4242424242424242",
    Later.DECLINED: "4000000000000341",
    Later.NEEDS_PAYER: "4000002760003184",
}
_NEWS = {
    MethodNews.SAVING: ("setup_intent.succeeded", {"object": "setup_intent", "id": ""}),
    MethodNews.CHANGED: ("payment_method.automatically_updated", {"id": ""}),
    MethodNews.GONE: ("payment_method.detached", {"id": ""}),
    MethodNews.MANDATE: ("mandate.updated", {"id": "mandate_1", "payment_method": ""}),
}


class WholeGateway(FullGateway, KeepingGateway, EmbeddingGateway, Protocol):
    """Stripe has every deed but one: nothing waits for our word."""


class StripeStage:
    """One sandbox process and adapters that talk to it."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.client = new_client(timeout_seconds=10)
        self.gateway = self.keeping = self.embedding = self.open()

    def open(self, **changes: str) -> WholeGateway:
        settings = {
            "api_key": KEY,
            "publishable_key": PUBLIC_KEY,
            "webhook_secret": f"{OLD_SECRET} {SECRET}",
            "address": self.running.url,
            "script_address": f"{self.running.script_url}/endive/stripe.js",
        }
        opened = registry.open_gateway("stripe", {**settings, **changes}, self.client)
        return cast("WholeGateway", opened)

    def with_wrong_key(self) -> Gateway:
        return self.open(api_key="sk_test_revoked")

    def unreachable(self) -> Gateway:
        return self.open_unreachable()

    def keeping_unreachable(self) -> KeepingGateway:
        return self.open_unreachable()

    def open_unreachable(self) -> WholeGateway:
        return self.open(address="http://127.0.0.1:1")

    def with_other_webhook_secret(self) -> Gateway:
        return self.open(webhook_secret=OLD_SECRET)

    def pay(self, payment: GatewayPayment) -> None:
        kind = self.types(payment.gateway_object)[0]
        if kind == "card":
            self.control(f"/pay/{payment.gateway_object}", number="4242424242424242")
            return
        waits = {"us_bank_account": "000000000009", "sepa_debit": "DE08370400440532013003"}[kind]
        self.control(f"/pay/{payment.gateway_object}", number=waits)
        self.control(f"/settle/{payment.gateway_object}")

    def decline(self, payment: GatewayPayment) -> None:
        self.control(f"/pay/{payment.gateway_object}", number="4000000000009995")

    def trouble(self, kind: Trouble, reference: str) -> None:
        self.control("/faults", **{**_WRITES, **_FAULTS[kind]})

    def webhook(
        self, payment: GatewayPayment, *, age_seconds: int = 0
    ) -> tuple[Mapping[str, str], bytes]:
        return self.signed(payment.gateway_object, age=age_seconds)

    def signed(self, id_: str, **told: object) -> tuple[Mapping[str, str], bytes]:
        kind = "checkout.session.completed" if id_.startswith("cs_") else ""
        message = self.control(f"/sign/{id_}", **{"secret": SECRET, "type": kind, **told})
        return dict(message["headers"]), str(message["body"]).encode()

    @contextmanager
    def waiting_refunds(self) -> Iterator[None]:
        self.control("/refunds/behaviour", pending=True)
        yield
        self.control("/refunds/behaviour")

    def decide_refund(self, refund: GatewayRefund, *, failed: bool) -> None:
        self.control(f"/refunds/{refund.gateway_refund}/{'fail' if failed else 'settle'}")

    def refund_in_pages(self, payment: GatewayPayment, amount: Money) -> None:
        self.control(f"/refund/{payment.gateway_object}", amount=amount.minor)

    def dispute(self, payment: GatewayPayment, amount: Money) -> None:
        self.control(f"/dispute/{payment.gateway_object}", amount=amount.minor)

    def decide_dispute(self, dispute: GatewayDispute, *, won: bool) -> None:
        self.control(f"/disputes/{dispute.gateway_dispute}/{'win' if won else 'lose'}")

    def return_debit(self, payment: GatewayPayment, code: str) -> None:
        self.control(f"/return/{payment.gateway_object}", code=code)

    def pay_out(self) -> None:
        self.control("/payouts")

    def fail_payout(self, payout_id: str) -> None:
        self.control(f"/payouts/{payout_id}/fail")

    def save(self, saving: Saving, later: Later = Later.TAKEN) -> None:
        is_card = self.types(saving.gateway_saving)[0] == "card"
        if not is_card and later is not Later.TAKEN:
            raise SkipTest("A bank never asks for the payer of a debit.")
        said = self.shown(saving.gateway_saving)["metadata"]
        self.control(
            f"/pay/{saving.gateway_saving}",
            number=_LATER[later] if is_card else "000123456789",
            authenticate="approve",
            holder="company" if said.get("quittance_holder") != "personal" else "individual",
        )

    def decline_saving(self, saving: Saving) -> None:
        self.control(f"/pay/{saving.gateway_saving}", number="4000000000000002")

    def begin_to_verify(self, saving: Saving, proof: Proof) -> None:
        how = "amounts" if proof is Proof.AMOUNTS else "descriptor_code"
        self.control(f"/pay/{saving.gateway_saving}", number="000123456789", deposits=how)

    def right_amounts(self, saving: Saving) -> tuple[Money, Money]:
        return Money(32, "USD"), Money(45, "USD")

    def right_code(self, saving: Saving) -> str:
        return "SM11AA"

    def settle(self, payment: GatewayPayment) -> None:
        if payment.state is PaymentState.PROCESSING:
            self.control(f"/settle/{payment.gateway_object}")

    def answer_bank(self, payment: GatewayPayment, *, approve: bool) -> None:
        decision = "approve" if approve else "fail"
        page = self.client.post(payment.redirect_url, data={"decision": decision})
        assert page.is_redirect, page.text

    def close(self, method: SavedMethod) -> None:
        self.control(f"/methods/{method.gateway_method}/lose")

    def pay_in_fields(self, payment: GatewayPayment) -> None:
        self.control(f"/pay/{payment.gateway_object}", number="4242424242424242")

    def method_webhook(self, news: MethodNews, id_: str) -> tuple[Mapping[str, str], bytes]:
        kind, told = _NEWS[news]
        about = {name: value or id_ for name, value in told.items()}
        event = {"type": kind, "data": {"object": about}}
        return self.signed(self.any_object(), changes=event)

    def any_object(self) -> str:
        """The id of something that the sandbox has, for a message that names something else."""
        made = self.client.post(
            f"{self.running.url}/v1/customers", headers={"Authorization": f"Bearer {KEY}"}
        )
        return str(made.json()["id"])

    def shown(self, id_: str) -> dict[str, Any]:
        """Return an object as the API shows it."""
        kind = "checkout/sessions" if id_.startswith("cs_") else "payment_intents"
        kind = "setup_intents" if id_.startswith("seti_") else kind
        answer = self.client.get(
            f"{self.running.url}/v1/{kind}/{id_}", headers={"Authorization": f"Bearer {KEY}"}
        )
        return dict(answer.raise_for_status().json())

    def types(self, id_: str) -> list[str]:
        """Return the payment method types of a session or an intent."""
        return list(self.shown(id_)["payment_method_types"])

    def mark(self) -> int:
        """Return the number of the last call that the sandbox got."""
        return int(self.client.get(f"{self.running.control_url}/health").json()["requests"])

    def requests(self, after: int) -> list[dict[str, Any]]:
        """Return the calls after a ``mark``, with their answers."""
        address = f"{self.running.control_url}/requests/{after}"
        return list(self.client.get(address).json()["data"])

    def control(self, path: str, **body: object) -> dict[str, Any]:
        answer = self.client.post(self.running.control_url + path, json=body)
        assert answer.is_success, answer.text
        told = json.loads(answer.content)
        return dict(told)

    def stop(self) -> None:
        self.client.close()
