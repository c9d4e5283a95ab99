"""Talks to the sandbox as a client would, and to its control port as a clerk would."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from typing import Any

import httpx

from sandbox.business_central import tokens
from sandbox.business_central.launch import Running
from sandbox.business_central.seed.company import COMPANY_ID

CLIENT = "11111111-1111-1111-1111-111111111111"
SOMEONE = "C-10144"  # a customer in local currency without early-payment discount
_numbers = itertools.count(1)


def ask_token(running: Running, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT,
        "client_secret": tokens.SECRET,
        "scope": tokens.SCOPE,
    } | changes
    return httpx.post(f"{running.url}/{tokens.TENANT}/oauth2/v2.0/token", data=form)


def letters(number: int) -> str:
    """A batch code of letters only, never used before in this run."""
    text = ""
    while number:
        number, rest = divmod(number, 26)
        text = chr(65 + rest) + text
    return f"Q{text or 'A'}"


class Books:
    """One signed-in client of the demo company."""

    def __init__(self, running: Running, *, client_id: str = CLIENT) -> None:
        token = ask_token(running, client_id=client_id).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        self.running = running
        self.root = running.api_url
        self.company = f"{running.api_url}/companies({COMPANY_ID})"
        self.http = httpx.Client(headers=headers, timeout=20)
        self.control = httpx.Client(base_url=running.control_url, timeout=20)

    def close(self) -> None:
        self.http.close()
        self.control.close()

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.http.request(method, f"{self.company}/{path}", **options)

    def get(self, path: str, **headers: str) -> Any:
        answer = self.ask("GET", path, headers=headers)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)

    def only(self, path: str) -> Any:
        (record,) = self.get(path)["value"]
        return record

    def post(self, path: str, body: Any = None, *, status: int = 201) -> Any:
        answer = self.ask("POST", path, content=encoded(body))
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def clerk(self, act: str, **given: Any) -> Any:
        answer = self.control.post(f"/clerk/{act}", json=given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def switch(self, **given: Any) -> dict[str, Any]:
        """Set up the company; the fixture ``switches`` sets it back."""
        answer = self.control.post("/company/switches", content=encoded(given))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def fault(self, **given: Any) -> None:
        assert self.control.post("/faults", json=given).status_code == 200

    def ledger(self, document: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.control.get(
            "/ledger", params={"document": document}
        ).json()["entries"]
        return entries

    # What tests need again and again

    def customer(self, **changes: Any) -> dict[str, Any]:
        """A new customer of our own, so that tests do not meet."""
        made: dict[str, Any] = self.post("customers", {"displayName": "Test Inn"} | changes)
        return made

    def invoice(self, amount: str = "100.00", customer: str = SOMEONE, **given: Any) -> Any:
        """A new posted invoice, as the API shows it."""
        made = self.clerk("invoice", customer=customer, amount=amount, **given)
        return self.get(f"salesInvoices({made['id']})")

    def account(self, number: str = "2910") -> Any:
        return self.only(f"accounts?$filter=number eq '{number}'")

    def batch(self, **changes: Any) -> Any:
        """A new batch that balances on the clearing account for card payments."""
        body = {"code": letters(next(_numbers)), "balancingAccountId": self.account()["id"]}
        return self.post("customerPaymentJournals", body | changes)

    def line(self, batch: Any, invoice: Any, amount: str, /, **changes: Any) -> Any:
        """A payment line for an invoice; ``amount`` as it is sent, so below zero to be right."""
        body = {
            "customerId": invoice["billToCustomerId"],
            "documentNumber": f"WEB-{next(_numbers):06d}",
            "amount": Decimal(amount),
            "appliesToInvoiceId": invoice["id"],
        }
        return self.post(f"customerPaymentJournals({batch['id']})/customerPayments", body | changes)

    def post_batch(self, batch: Any) -> httpx.Response:
        return self.ask("POST", f"journals({batch['id']})/Microsoft.NAV.post")

    def pay(self, invoice: Any, amount: str, **changes: Any) -> str:
        """Pay an invoice through a batch of its own; return the document number."""
        batch = self.batch()
        line = self.line(batch, invoice, f"-{amount}", **changes)
        answer = self.post_batch(batch)
        assert answer.status_code == 204, answer.text
        return str(line["documentNumber"])

    def again(self, invoice: Any) -> Any:
        return self.get(f"salesInvoices({invoice['id']})")


def encoded(body: Any) -> bytes:
    """JSON with exact numbers: a Decimal is written as it is."""
    if body is None:
        return b""
    marks: list[str] = []

    def exact(value: object) -> str:
        if not isinstance(value, Decimal):
            raise TypeError(value)
        marks.append(str(value))
        return f"\x00{len(marks) - 1}\x00"

    text = json.dumps(body, default=exact, ensure_ascii=False)
    for place, mark in enumerate(marks):
        text = text.replace(f'"\\u0000{place}\\u0000"', mark)
    return text.encode()


def error_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]


def message_of(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["message"])
