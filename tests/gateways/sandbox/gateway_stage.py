"""The sandbox's payer, bank and trouble, for the contract."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar, cast
from unittest import SkipTest

import httpx
from standardwebhooks import Webhook

from quittance.core.money import Money
from quittance.gateways import registry
from quittance.gateways.base import (
    Gateway,
    GatewayDispute,
    GatewayPayment,
    GatewayRefund,
    PaymentState,
    Refunds,
    ReportsDisputes,
    ReportsMovements,
)
from quittance.gateways.charges import ChargesSavedMethods
from quittance.gateways.contract import Trouble
from quittance.gateways.contract_deeds import FullGateway
from quittance.gateways.contract_fields import CompletingGateway, EmbeddingGateway
from quittance.gateways.contract_kept import KeepingGateway, Later
from quittance.gateways.saved import MethodNews, Proof, SavedMethod, SavesMethods, Saving
from quittance.httpclient.client import new_client
from sandbox.gateway.launch import Running

T = TypeVar("T")
KEY = "sk_sandbox_demo"
SECRET = "whsec_c2VjcmV0LW9mLXRoZS10ZXN0cw=="
OLD_SECRET = "whsec_YW5vbGRlci1zZWNyZXQ="
_FAULTS: dict[Trouble, dict[str, Any]] = {
    Trouble.THROTTLED: {"kind": "status", "status": 429, "retry_after": "7"},
    Trouble.LOST_BEFORE: {"kind": "drop_before"},
    Trouble.LOST_AFTER: {"kind": "drop_after"},
    Trouble.ERROR_AFTER: {"kind": "error_after", "status": 500},
    Trouble.GARBLED: {"kind": "malformed_json"},
    Trouble.STILL_AT_WORK: {"kind": "late_commit", "seconds": 5},
    Trouble.GARBLED_READ: {"kind": "malformed_json", "match": "GET /v1/*"},
}


_LATER: dict[Later, str] = {
    Later.TAKEN: "4242424242424242",
    Later.DECLINED: "4000000000000341",
    Later.NEEDS_PAYER: "4000002760003184",
}
_NEWS = {
    MethodNews.SAVING: ("saving.saved", "saving"),
    MethodNews.CHANGED: ("saved_method.updated", "saved_method"),
    MethodNews.GONE: ("saved_method.closed", "saved_method"),
    MethodNews.MANDATE: ("mandate.updated", "saved_method"),
}


def signed(secret: str, said: object, *, age_seconds: int = 0) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body of a webhook, signed some seconds ago."""
    body = json.dumps(said)
    moment = datetime.now(UTC) - timedelta(seconds=age_seconds)
    headers = {
        "Webhook-Id": "evt_1",
        "Webhook-Timestamp": str(int(moment.timestamp())),
        "Webhook-Signature": Webhook(secret).sign("evt_1", moment, body),
    }
    return headers, body.encode()


class WholeGateway(FullGateway, KeepingGateway, EmbeddingGateway, CompletingGateway, Protocol):
    """The sandbox has every deed."""


class SandboxStage:
    """One sandbox process and adapters that talk to it."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.client = new_client(timeout_seconds=5)
        self.gateway = self.keeping = self.embedding = self.open()
        self.completing = self.open(completion="ours")

    def open(self, **changes: str) -> WholeGateway:
        settings = {
            "address": self.running.url,
            "api_key": KEY,
            "webhook_secret": f"{OLD_SECRET} {SECRET}",
            "fields_address": self.running.fields_url,
        }
        opened = registry.open_gateway("sandbox", {**settings, **changes}, self.client)
        deeds = (Refunds, ReportsDisputes, ReportsMovements, SavesMethods, ChargesSavedMethods)
        assert all(isinstance(opened, deed) for deed in deeds)
        return cast("WholeGateway", opened)

    def with_wrong_key(self) -> Gateway:
        return self.open(api_key="sk_sandbox_revoked")

    def unreachable(self) -> Gateway:
        return self.open_unreachable()

    def keeping_unreachable(self) -> KeepingGateway:
        return self.open_unreachable()

    def open_unreachable(self) -> WholeGateway:
        return self.open(address="http://127.0.0.1:1")

    def with_other_webhook_secret(self) -> Gateway:
        return self.open(webhook_secret=OLD_SECRET)

    def pay(self, payment: GatewayPayment) -> None:
        path = f"/payments/{payment.gateway_object}"
        refused = self.client.post(
            f"{self.running.control_url}{path}/pay", json={"number": "4242424242424242"}
        ).is_client_error
        if refused:  # a bank debit
            self.control(f"{path}/pay", number="000555555559")
            self.control(f"{path}/settle")

    def agree(self, payment: GatewayPayment) -> None:
        self.control(f"/payments/{payment.gateway_object}/pay", number="4242424242424242")

    def save(self, saving: Saving, later: Later = Later.TAKEN) -> None:
        is_card = self.saving(saving)["method"] == "card"
        if not is_card and later is not Later.TAKEN:
            raise SkipTest("A bank never asks for the payer of a debit.")
        self.control(
            f"/savings/{saving.gateway_saving}/save",
            number=_LATER[later] if is_card else "000123456789",
            authenticate="approve",
        )

    def decline_saving(self, saving: Saving) -> None:
        self.control(f"/savings/{saving.gateway_saving}/save", number="4000000000000002")

    def begin_to_verify(self, saving: Saving, proof: Proof) -> None:
        number = "000666666661" if proof is Proof.AMOUNTS else "000777777773"
        self.control(f"/savings/{saving.gateway_saving}/save", number=number)

    def right_amounts(self, saving: Saving) -> tuple[Money, Money]:
        return Money(32, "USD"), Money(45, "USD")

    def right_code(self, saving: Saving) -> str:
        return "SM11AA"

    def settle(self, payment: GatewayPayment) -> None:
        if payment.state is PaymentState.PROCESSING:
            self.wait_for(payment, PaymentState.SUCCEEDED)

    def answer_bank(self, payment: GatewayPayment, *, approve: bool) -> None:
        with httpx.Client(follow_redirects=False) as payer:
            page = payer.get(f"{payment.redirect_url}/authenticate")
            token = re.search('name="token" value="([^"]+)"', page.text)
            assert token is not None, page.text
            form = {"token": token[1], "decision": "approve" if approve else "fail"}
            payer.post(f"{payment.redirect_url}/authenticate", data=form)

    def close(self, method: SavedMethod) -> None:
        self.control(f"/saved_methods/{method.gateway_method}/close")

    def pay_in_fields(self, payment: GatewayPayment) -> None:
        facts = self.gateway.fields_of_payment(payment.gateway_object)
        frame = f"{self.running.fields_url}/frame/{facts.client_token}"
        typed = {"number": "4242 4242 4242 4242", "expiry": "12/30", "cvc": "123", "name": "Ann E."}
        assert "cc-number" in self.client.get(frame).text
        self.client.post(f"{frame}/confirm", json=typed).raise_for_status()

    def method_webhook(self, news: MethodNews, id_: str) -> tuple[Mapping[str, str], bytes]:
        kind, name = _NEWS[news]
        return signed(SECRET, {"id": "evt_1", "type": kind, "data": {name: id_}})

    def saving(self, saving: Saving) -> dict[str, Any]:
        answer = self.client.get(
            f"{self.running.url}/v1/savings/{saving.gateway_saving}",
            headers={"Authorization": f"Bearer {KEY}"},
        )
        return dict(answer.raise_for_status().json())

    def decline(self, payment: GatewayPayment) -> None:
        self.control(f"/payments/{payment.gateway_object}/pay", number="4000000000009995")

    def trouble(self, kind: Trouble, reference: str) -> None:
        self.control("/faults", **{"match": "POST /v1/*", **_FAULTS[kind]})

    def webhook(
        self, payment: GatewayPayment, *, age_seconds: int = 0
    ) -> tuple[Mapping[str, str], bytes]:
        said = {"id": "evt_1", "type": "payment.succeeded"}
        data = {"payment": payment.gateway_object}
        return signed(SECRET, {**said, "data": data}, age_seconds=age_seconds)

    @contextmanager
    def waiting_refunds(self) -> Iterator[None]:
        self.control("/refunds/behaviour", pending=True)
        yield
        self.control("/refunds/behaviour")

    def decide_refund(self, refund: GatewayRefund, *, failed: bool) -> None:
        self.control(f"/refunds/{refund.gateway_refund}/{'fail' if failed else 'settle'}")

    def refund_in_pages(self, payment: GatewayPayment, amount: Money) -> None:
        self.control(f"/payments/{payment.gateway_object}/refund", amount_minor=amount.minor)

    def dispute(self, payment: GatewayPayment, amount: Money) -> None:
        self.control(f"/payments/{payment.gateway_object}/dispute", amount_minor=amount.minor)

    def decide_dispute(self, dispute: GatewayDispute, *, won: bool) -> None:
        self.control(f"/disputes/{dispute.gateway_dispute}/{'win' if won else 'lose'}")

    def return_debit(self, payment: GatewayPayment, code: str) -> None:
        self.control(f"/payments/{payment.gateway_object}/return", code=code)

    def pay_out(self) -> None:
        self.control("/payouts")

    def fail_payout(self, payout_id: str) -> None:
        self.control(f"/payouts/{payout_id}/fail")

    def wait_for(self, payment: GatewayPayment, state: PaymentState) -> GatewayPayment:
        end = time.monotonic() + 5
        while (told := self.gateway.read_payment(payment.gateway_object)).state is not state:
            assert time.monotonic() < end, told
            time.sleep(0.02)
        return told

    def until(self, look: Callable[[], T | None]) -> T:
        """Look again and again until there is something."""
        end = time.monotonic() + 20
        while (seen := look()) is None:
            assert time.monotonic() < end, "It did not come in time."
            time.sleep(0.02)
        return seen

    def events(self) -> list[dict[str, Any]]:
        """All that happened at the sandbox, in order."""
        found: list[dict[str, Any]] = []
        while True:
            after = {"after": found[-1]["id"]} if found else {}
            page = self.client.get(
                f"{self.running.url}/v1/events",
                params=after,
                headers={"Authorization": f"Bearer {KEY}"},
            ).json()
            found += page["data"]
            if not page["has_more"]:
                return found

    def control(self, path: str, **body: object) -> dict[str, Any]:
        answer = self.client.post(self.running.control_url + path, json=body)
        answer.raise_for_status()
        return dict(answer.json())

    def stop(self) -> None:
        self.client.close()
