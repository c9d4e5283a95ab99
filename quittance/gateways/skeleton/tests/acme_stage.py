"""Everybody else in the play: Acme's payer, the bank and the trouble."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

import httpx

from acme_server import KEY, AcmeServer, start
from quittance.core.credentials import read
from quittance.gateways.base import GatewayPayment
from quittance.gateways.contract import Trouble
from quittance_acme import ADAPTER
from quittance_acme.gateway import AcmeGateway, signed

SECRET, OLD_SECRET = "secret_of_the_tests", "secret_before"


class AcmeStage:
    """One server and adapters that talk to it. See ``quittance.gateways.contract.Stage``."""

    def __init__(self) -> None:
        self.acme = AcmeServer()
        self.server = start(self.acme)
        self.client = httpx.Client(timeout=5, trust_env=False)
        self.gateway = self.open()

    def open(self, **changes: str) -> AcmeGateway:
        settings = {
            "address": f"http://127.0.0.1:{self.server.server_port}",
            "api_key": KEY,
            "webhook_secret": f"{OLD_SECRET} {SECRET}",
        }
        opened = ADAPTER.open(read(ADAPTER.credentials, {**settings, **changes}), self.client)
        assert isinstance(opened, AcmeGateway)
        return opened

    def with_wrong_key(self) -> AcmeGateway:
        return self.open(api_key="revoked")

    def unreachable(self) -> AcmeGateway:
        return self.open(address="http://127.0.0.1:1")

    def with_other_webhook_secret(self) -> AcmeGateway:
        return self.open(webhook_secret=OLD_SECRET)

    def pay(self, payment: GatewayPayment) -> None:
        self.acme.pay(payment.gateway_object)

    def decline(self, payment: GatewayPayment) -> None:
        self.acme.decline(payment.gateway_object)

    def trouble(self, kind: Trouble, reference: str) -> None:
        self.acme.trouble = kind.value

    def webhook(
        self, payment: GatewayPayment, *, age_seconds: int = 0
    ) -> tuple[Mapping[str, str], bytes]:
        said = {"id": "evt_1", "type": "payment.paid", "payment": payment.gateway_object}
        body, moment = json.dumps(said).encode(), str(int(time.time()) - age_seconds)
        return {"Acme-Time": moment, "Acme-Signature": signed(SECRET, moment, body)}, body

    def stop(self) -> None:
        self.client.close()
        self.server.shutdown()
        self.server.server_close()
