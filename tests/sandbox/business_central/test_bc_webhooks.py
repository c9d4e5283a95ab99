"""Notifications: the handshake, what is told and what is not, sending again, being cut off."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.business_central.bc_company import Books, error_of


@dataclass
class Receiver:
    """A subscriber's address: keeps what comes, answers what it is told to."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    handshakes: int = 0
    echo: bool = True

    def told(self, entity_id: str) -> list[dict[str, Any]]:
        return [
            each
            for body in list(self.bodies)
            for each in body["value"]
            if f"({entity_id})" in each["resource"]
        ]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            if "validationToken" in query:
                state.handshakes += 1
                self.say(200, query["validationToken"][0] if state.echo else "no")
                return
            state.bodies.append(json.loads(body))
            self.say(state.answers.pop(0) if state.answers else 200, "")

        def say(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/hook?secret=1"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def subscribe(books: Books, receiver: Receiver, resource: str) -> dict[str, Any]:
    company = books.company.rsplit("/", 1)[1]
    answer = books.http.post(
        f"{books.root}/subscriptions",
        json={
            "notificationUrl": receiver.url,
            "resource": f"{company}/{resource}",
            "clientState": "known to both",
        },
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def address(books: Books, subscription: dict[str, Any]) -> str:
    return f"{books.root}/subscriptions('{subscription['subscriptionId']}')"


@pytest.fixture
def unsubscribe(books: Books) -> Iterator[None]:
    yield
    for each in books.http.get(f"{books.root}/subscriptions").json()["value"]:
        books.http.delete(address(books, each), headers={"If-Match": "*"})


pytestmark = pytest.mark.usefixtures("unsubscribe")


def wait_until(true: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 5
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(true())


def test_a_subscription_needs_the_token_given_back(books: Books, receiver: Receiver) -> None:
    receiver.echo = False
    company = books.company.rsplit("/", 1)[1]
    body = {"notificationUrl": receiver.url, "resource": f"{company}/customers"}
    assert books.http.post(f"{books.root}/subscriptions", json=body).status_code == 400
    assert books.http.get(f"{books.root}/subscriptions").json()["value"] == []


def test_line_payments_have_no_webhook(books: Books, receiver: Receiver) -> None:
    company = books.company.rsplit("/", 1)[1]
    body = {"notificationUrl": receiver.url, "resource": f"{company}/customerPayments"}
    answer = books.http.post(f"{books.root}/subscriptions", json=body)
    assert error_of(answer) == (400, "BadRequest")


def test_a_new_invoice_is_told_with_the_client_state(books: Books, receiver: Receiver) -> None:
    made = subscribe(books, receiver, "salesInvoices")
    invoice = books.invoice()
    assert wait_until(lambda: receiver.told(invoice["id"]))
    (told,) = receiver.told(invoice["id"])
    assert told["changeType"] == "created"
    assert told["clientState"] == "known to both"
    assert told["subscriptionId"] == made["subscriptionId"]
    assert books.http.get(told["resource"]).json()["number"] == invoice["number"]


def test_a_part_payment_is_told_by_the_general_ledger_only(
    books: Books, receiver: Receiver
) -> None:
    invoice = books.invoice("50.00")
    subscribe(books, receiver, "salesInvoices")
    subscribe(books, receiver, "generalLedgerEntries")
    number = books.pay(invoice, "20.00")
    entries = books.get(f"generalLedgerEntries?$filter=documentNumber eq '{number}'")["value"]
    assert wait_until(lambda: all(receiver.told(entry["id"]) for entry in entries))
    assert receiver.told(invoice["id"]) == []
    assert len(receiver.bodies) == 1  # several subscriptions of one address come together


def test_changes_of_one_entity_are_merged(books: Books, receiver: Receiver) -> None:
    subscribe(books, receiver, "salesInvoices")
    invoice = books.invoice("50.00")
    books.pay(invoice, "50.00")
    assert wait_until(lambda: receiver.told(invoice["id"]))
    assert [each["changeType"] for each in receiver.told(invoice["id"])] == ["created"]


def test_a_notification_is_sent_again_until_it_is_taken(books: Books, receiver: Receiver) -> None:
    made = subscribe(books, receiver, "customers")
    receiver.answers = [503, 429, 408]
    customer = books.customer()
    assert wait_until(lambda: len(receiver.told(customer["id"])) == 4)
    assert books.http.get(address(books, made)).status_code == 200


@pytest.mark.parametrize("status", [401, 404, 301])
def test_any_other_refusal_ends_the_subscription(
    books: Books, receiver: Receiver, status: int
) -> None:
    made = subscribe(books, receiver, "customers")
    receiver.answers = [status]
    books.customer()
    assert wait_until(lambda: books.http.get(address(books, made)).status_code == 404)


def test_renewing_shakes_hands_again_and_adds_three_days(books: Books, receiver: Receiver) -> None:
    made = subscribe(books, receiver, "customers")
    time.sleep(0.01)
    renewed = books.http.patch(
        address(books, made), json={}, headers={"If-Match": made["@odata.etag"]}
    )
    assert renewed.status_code == 200, renewed.text
    assert renewed.json()["expirationDateTime"] > made["expirationDateTime"]
    assert receiver.handshakes == 2


def test_ending_a_subscription_needs_a_tag(books: Books, receiver: Receiver) -> None:
    made = subscribe(books, receiver, "customers")
    bare = books.http.delete(address(books, made))
    assert error_of(bare) == (400, "BadRequest_InvalidToken")
    tagged = books.http.delete(address(books, made), headers={"If-Match": made["@odata.etag"]})
    assert tagged.status_code == 204
