"""A shop, a payer and a tester who call the gateway sandbox, as tests need them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from sandbox.gateway.launch import Running

DEMO_KEY = "sk_sandbox_demo"
SECOND_KEY = "sk_sandbox_second"


def make_order(**changes: Any) -> dict[str, Any]:
    order = {
        "reference": f"P-{uuid4()}",
        "amount_minor": 1050,
        "currency": "USD",
        "method": "card",
        "description": "Invoice 103021",
        "return_url": "http://shop.example/return?from=gateway",
        "cancel_url": "http://shop.example/cancel",
        "locale": "en",
    }
    return {name: value for name, value in {**order, **changes}.items() if value is not ...}


@dataclass
class Caller:
    """Everybody who talks to one running sandbox."""

    running: Running
    api: httpx.Client = field(init=False)
    control: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.api = httpx.Client(
            base_url=f"{self.running.url}/v1",
            headers={"Authorization": f"Bearer {DEMO_KEY}"},
            verify=False,  # there is no TLS here, and loading roots is slow
        )
        self.control = httpx.Client(base_url=self.running.control_url, verify=False)

    def close(self) -> None:
        self.api.close()
        self.control.close()

    def post_payment(self, *, key: str | None = None, **changes: Any) -> httpx.Response:
        headers = {"Idempotency-Key": key or str(uuid4())}
        return self.api.post("/payments", json=make_order(**changes), headers=headers)

    def new_payment(self, **changes: Any) -> dict[str, Any]:
        answer = self.post_payment(**changes)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def read(self, id_: str) -> dict[str, Any]:
        return dict(self.api.get(f"/payments/{id_}").json())

    def pay(self, id_: str, number: str = "4242424242424242", **more: str) -> dict[str, Any]:
        return self.tell(f"/payments/{id_}/pay", number=number, **more)

    def paid_payment(self, **changes: Any) -> dict[str, Any]:
        return self.pay(self.new_payment(**changes)["id"])

    def refund(self, payment: dict[str, Any], amount_minor: int, **changes: Any) -> httpx.Response:
        asked = {
            "payment": payment["id"],
            "reference": f"R-{uuid4()}",
            "amount_minor": amount_minor,
            "currency": payment["currency"],
        }
        headers = {"Idempotency-Key": changes.pop("key", None) or str(uuid4())}
        return self.api.post("/refunds", json={**asked, **changes}, headers=headers)

    def tell(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.control.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def ledger(self, kind: str, payment: dict[str, Any]) -> list[dict[str, Any]]:
        rows = self.control.get("/ledger").json()[kind]
        return [row for row in rows if row.get("payment", row.get("id")) == payment["id"]]

    def settled_debit(self, **changes: Any) -> dict[str, Any]:
        payment = self.new_payment(method="bank_debit", **changes)
        self.pay(payment["id"], "000555555559")
        return self.tell(f"/payments/{payment['id']}/settle")

    def entries(self, *, limit: int = 100, after: str = "", **filters: str) -> list[dict[str, Any]]:
        """The books from ``after`` on, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            params: dict[str, Any] = {"limit": limit, **filters}
            params |= {"after": after} if after else {}
            page = self.api.get("/balance_entries", params=params).raise_for_status().json()
            found += page["data"]
            if not page["has_more"]:
                return found
            after = page["data"][-1]["id"]

    def kinds_of(self, payment: dict[str, Any]) -> list[tuple[str, int]]:
        """What the books say of a payment: kinds and net amounts."""
        rows = self.entries(payment=payment["id"])
        return [(row["kind"], row["net_minor"]) for row in rows]

    def balance(self) -> dict[str, int]:
        rows = self.api.get("/balance").json()["data"]
        return {row["currency"]: row["amount_minor"] for row in rows}

    def events_of(self, payment: dict[str, Any]) -> list[str]:
        after: dict[str, str] = {}
        kinds = []
        while True:
            page = self.api.get("/events", params=after).json()
            kinds += [
                event["type"]
                for event in page["data"]
                if event["data"].get("payment") == payment["id"]
            ]
            if not page["has_more"]:
                return kinds
            after = {"after": page["data"][-1]["id"]}

    def wait_for_state(self, payment: dict[str, Any], state: str) -> dict[str, Any]:
        wait_until(lambda: self.read(payment["id"])["state"] == state)
        return self.read(payment["id"])


class Browser:
    """A payer's browser without JavaScript: it keeps cookies and fills in forms."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(verify=False)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_error: object) -> None:
        self.client.close()

    def open(self) -> httpx.Response:
        return self.client.get(self.url)

    def token(self, page: httpx.Response | None = None) -> str:
        found = re.search('name="token" value="([^"]+)"', (page or self.open()).text)
        assert found is not None
        return found[1]

    def send(self, url: str = "", **form: str) -> httpx.Response:
        return self.client.post(url or self.url, data=form)

    def send_card(self, number: str = "4242 4242 4242 4242", **changes: str) -> httpx.Response:
        return self.send_card_again(self.token(), number, **changes)

    def send_card_again(
        self, token: str, number: str = "4242 4242 4242 4242", **changes: str
    ) -> httpx.Response:
        form = {"number": number, "expiry": "12 / 30", "cvc": "123", "name": "Ann Example"}
        return self.send(**{"token": token, **form, **changes})

    def send_bank(self, account: str = "000123456789", **changes: str) -> httpx.Response:
        form = {"name": "Ann Example", "routing": "110000000", "account": account}
        return self.send(**{"token": self.token(), **form, **changes})


def wait_until(is_so: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.02)
