"""A shop, a payer and a tester who call the PayPal sandbox, as tests need them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

from sandbox.paypal.launch import Running

DEMO = ("northwind-client", "northwind-secret")
SECOND = ("fabrikam-client", "fabrikam-secret")


def make_order(value: str = "10.50", currency: str = "USD", **changes: Any) -> dict[str, Any]:
    """An order as a shop asks for it."""
    context = {
        "return_url": "http://shop.example/return?from=paypal",
        "cancel_url": "http://shop.example/cancel",
    }
    unit = {
        "amount": {"currency_code": currency, "value": value},
        "custom_id": str(uuid4()),
        "description": "Invoice 103021",
    }
    return {
        "intent": "CAPTURE",
        "purchase_units": [{**unit, **changes}],
        "payment_source": {"paypal": {"experience_context": context}},
    }


class Caller:
    """Everybody who talks to one running sandbox."""

    def __init__(self, running: Running, key: tuple[str, str] = DEMO) -> None:
        self.running = running
        self.api = httpx.Client(base_url=running.url, verify=False)  # loading roots is slow
        self.control = httpx.Client(base_url=running.control_url, verify=False)
        self.sign_in(key)

    def sign_in(self, key: tuple[str, str] = DEMO) -> None:
        said = self.api.post(
            "/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=key
        )
        self.api.headers["Authorization"] = f"Bearer {said.json()['access_token']}"

    def close(self) -> None:
        self.api.close()
        self.control.close()

    def tell(self, method: str, path: str, **body: object) -> dict[str, Any]:
        answer = self.control.request(method, path, json=body or None)
        answer.raise_for_status()
        return dict(answer.json())

    def order(
        self, asked: dict[str, Any] | None = None, *, key: str = "", whole: bool = True
    ) -> httpx.Response:
        headers = {"PayPal-Request-Id": key} if key else {}
        if whole:
            headers["Prefer"] = "return=representation"
        return self.api.post("/v2/checkout/orders", json=asked or make_order(), headers=headers)

    def approved(self, funding: str = "balance", **changes: Any) -> str:
        id_ = str(self.order(make_order(**changes)).json()["id"])
        self.tell("POST", f"/orders/{id_}/approve", funding=funding)
        return id_

    def capture(self, id_: str, *, key: str = "") -> httpx.Response:
        headers = {"Prefer": "return=representation"}
        if key:
            headers["PayPal-Request-Id"] = key
        return self.api.post(f"/v2/checkout/orders/{id_}/capture", json={}, headers=headers)

    def issue(self, answer: httpx.Response) -> tuple[int, str]:
        """The status and PayPal's word for what is wrong."""
        said = answer.json()
        assert said["debug_id"]
        return answer.status_code, said["details"][0]["issue"]
