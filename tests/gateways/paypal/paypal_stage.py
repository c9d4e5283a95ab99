"""PayPal's payer, bank and trouble, for the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from quittance.core.money import Money
from quittance.gateways import registry
from quittance.gateways.base import (
    Gateway,
    GatewayDispute,
    GatewayPayment,
    GatewayRefund,
    Refunds,
    ReportsDisputes,
    ReportsMovements,
)
from quittance.gateways.contract import Trouble
from quittance.gateways.contract_deeds import FullGateway
from quittance.gateways.contract_fields import CompletingGateway
from quittance.gateways.contract_kept import KeepingGateway, Later
from quittance.gateways.paypal.gateway import PayPalGateway
from quittance.gateways.saved import MethodNews, SavedMethod, Saving
from quittance.httpclient.client import new_client
from sandbox.paypal.launch import Running

WEBHOOK, OLD_WEBHOOK = "8PT597110X687430LKGECATA", "1JE4291016473214C"
_FAULTS: dict[Trouble, dict[str, Any]] = {
    Trouble.THROTTLED: {"kind": "status", "status": 429, "retry_after": "7"},
    Trouble.LOST_BEFORE: {"kind": "drop_before"},
    Trouble.LOST_AFTER: {"kind": "drop_after"},
    Trouble.GARBLED: {"kind": "malformed_json"},
    Trouble.STILL_AT_WORK: {"kind": "late_commit", "seconds": 5},
    Trouble.GARBLED_READ: {"kind": "malformed_json", "match": "* /v2/*"},
}
_FUNDINGS = {
    Later.TAKEN: "balance",
    Later.DECLINED: "declined",
    Later.NEEDS_PAYER: "action",
}


class PayPalStage:
    """One sandbox process and adapters that talk to it."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.client = new_client(timeout_seconds=20)
        self.gateway = self.open()

    @property
    def whole(self) -> PayPalGateway:
        return cast("PayPalGateway", self.gateway)

    def open(self, **changes: str) -> FullGateway:
        settings = {
            "address": self.running.url,
            "client_id": "northwind-client",
            "client_secret": "northwind-secret",
            "webhook_id": f"{OLD_WEBHOOK} {WEBHOOK}",
            "report_lag": "0",
        }
        opened = registry.open_gateway("paypal", {**settings, **changes}, self.client)
        assert isinstance(opened, Refunds)
        assert isinstance(opened, ReportsDisputes)
        assert isinstance(opened, ReportsMovements)
        return cast("FullGateway", opened)

    def with_wrong_key(self) -> Gateway:
        return self.open(client_secret="another")

    def unreachable(self) -> Gateway:
        return self.open_unreachable()

    def open_unreachable(self) -> FullGateway:
        return self.open(address="http://127.0.0.1:1")

    def with_other_webhook_secret(self) -> Gateway:
        return self.open(webhook_id=OLD_WEBHOOK)

    def pay(self, payment: GatewayPayment) -> None:
        """Agree as the payer, and take the money as our worker does."""
        self.control(f"/orders/{payment.gateway_object}/approve")
        self.whole.complete_payment(payment.gateway_object)

    def decline(self, payment: GatewayPayment) -> None:
        self.control(f"/orders/{payment.gateway_object}/approve", funding="declined")
        self.whole.complete_payment(payment.gateway_object)

    def trouble(self, kind: Trouble, reference: str) -> None:
        if kind is Trouble.ERROR_AFTER:
            for match, times in (("POST /v2/checkout/orders", 1), ("POST /v2/*refund", 9)):
                self.control("/faults", match=match, kind="error_after", key=reference, times=times)
            return
        self.control("/faults", **{"match": "POST /v[23]/*", **_FAULTS[kind]})

    def webhook(
        self, payment: GatewayPayment, *, age_seconds: int = 0
    ) -> tuple[Mapping[str, str], bytes]:
        resource = {"id": payment.gateway_object}
        event = {"id": "WH-1-2", "event_type": "CHECKOUT.ORDER.APPROVED", "resource": resource}
        return self.signed(event, age_seconds=age_seconds)

    def signed(
        self, event: object, *, webhook_id: str = WEBHOOK, age_seconds: int = 0
    ) -> tuple[Mapping[str, str], bytes]:
        """Return an event as PayPal would send it to our second webhook."""
        said = self.control(
            "/webhooks/sign", event=event, webhook_id=webhook_id, age_seconds=age_seconds
        )
        return said["headers"], said["body"].encode()

    @contextmanager
    def waiting_refunds(self) -> Iterator[None]:
        self.control("/refunds/behaviour", pending=True)
        yield
        self.control("/refunds/behaviour")

    def decide_refund(self, refund: GatewayRefund, *, failed: bool) -> None:
        self.control(f"/refunds/{refund.gateway_refund}", failed=failed)

    def refund_in_pages(self, payment: GatewayPayment, amount: Money) -> None:
        self.control(f"/captures/{self.capture_of(payment)}/refund", minor=amount.minor)

    def dispute(self, payment: GatewayPayment, amount: Money) -> None:
        self.control(f"/captures/{self.capture_of(payment)}/dispute", minor=amount.minor)

    def decide_dispute(self, dispute: GatewayDispute, *, won: bool) -> None:
        self.control(f"/disputes/{dispute.gateway_dispute}", won=won)

    def return_debit(self, payment: GatewayPayment, code: str) -> None:
        self.control(f"/captures/{self.capture_of(payment)}/reverse")

    def pay_out(self) -> None:
        self.control("/withdrawals")

    def fail_payout(self, payout_id: str) -> None:
        self.control(f"/withdrawals/{payout_id}/return")

    def capture_of(self, payment: GatewayPayment) -> str:
        """The id of the captured payment of an order, as a clerk sees it in PayPal's pages."""
        url = f"{self.running.control_url}/orders/{payment.gateway_object}/captures"
        (capture,) = self.client.get(url).json()["captures"]
        return str(capture["id"])

    def calls(self, after: int = 0) -> list[dict[str, Any]]:
        """All calls that the sandbox was asked, in order."""
        answer = self.client.get(f"{self.running.control_url}/requests", params={"after": after})
        return list(answer.json()["data"])

    def asked(self, key: str) -> dict[str, Any]:
        """What we sent with the first request of a PayPal-Request-Id."""
        (first, *_) = [call for call in self.calls() if call["key"] == key]
        return dict(json.loads(first["body"]))

    def ask(self, method: str, path: str, **content: object) -> dict[str, Any]:
        """Ask PayPal as a program does that is none of ours."""
        token = self.client.post(
            f"{self.running.url}/v1/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=("northwind-client", "northwind-secret"),
        ).json()["access_token"]
        answer = self.client.request(
            method,
            self.running.url + path,
            json=content or None,
            headers={"Authorization": f"Bearer {token}"},
        )
        answer.raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def taken(self, reference: str) -> list[int]:
        """What really moved under our reference: the gross amounts in PayPal's own books."""
        answer = self.client.get(f"{self.running.control_url}/ledger", params={"custom": reference})
        return [row["gross_minor"] for row in answer.json()["data"]]

    def control(self, path: str, **body: object) -> dict[str, Any]:
        answer = self.client.post(self.running.control_url + path, json=body)
        answer.raise_for_status()
        return dict(answer.json())

    @property
    def keeping(self) -> KeepingGateway:
        return cast("KeepingGateway", self.gateway)

    @property
    def completing(self) -> CompletingGateway:
        return cast("CompletingGateway", self.gateway)

    def keeping_unreachable(self) -> KeepingGateway:
        return cast("KeepingGateway", self.open_unreachable())

    def agree(self, payment: GatewayPayment) -> None:
        self.control(f"/orders/{payment.gateway_object}/approve")

    def save(self, saving: Saving, later: Later = Later.TAKEN) -> None:
        token, _, _ = saving.gateway_saving.partition("/")
        self.control(f"/setup-tokens/{token}/approve", funding=_FUNDINGS[later])

    def decline_saving(self, saving: Saving) -> None:
        """The payer turns back: PayPal takes any account that it has opened itself."""

    def settle(self, payment: GatewayPayment) -> None:
        """Nothing waits for a bank."""

    def answer_bank(self, payment: GatewayPayment, *, approve: bool) -> None:
        funding = "balance" if approve else "declined"
        self.control(f"/orders/{payment.gateway_object}/approve", funding=funding)
        self.whole.complete_payment(payment.gateway_object)

    def close(self, method: SavedMethod) -> None:
        """The payer takes it back in PayPal's own pages."""
        url = f"{self.running.control_url}/payment-tokens/{method.gateway_method}"
        self.client.delete(url).raise_for_status()

    def method_webhook(self, news: MethodNews, id_: str) -> tuple[Mapping[str, str], bytes]:
        event = {
            "id": "WH-3-4",
            "event_type": "VAULT.PAYMENT-TOKEN.DELETED",
            "resource": {"id": id_},
        }
        return self.signed(event)

    def end(self) -> None:
        self.client.close()
