"""Notifications: the handshake, what is told and what is not, sending again, being cut off."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
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
    always: int = 200
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
            self.say(state.answers.pop(0) if state.answers else state.always, "")

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


def moment(subscription: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(subscription["expirationDateTime"])


def address(books: Books, subscription: dict[str, Any]) -> str:
    return f"{books.root}/subscriptions('{subscription['subscriptionId']}')"


@pytest.fixture
def unsubscribe(books: Books) -> Iterator[None]:
    yield
    for each in books.http.get(f"{books.root}/subscriptions").json()["value"]:
        books.http.delete(address(books, each), headers={"If-Match": "*"})


pytestmark = pytest.mark.usefixtures("unsubscribe")


def wait_until(true: Callable[[], object]) -> bool:
    deadline = time.monotonic() + 20
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
    assert moment(renewed.json()) > moment(made)
    assert receiver.handshakes == 2


def test_ending_a_subscription_needs_a_tag(books: Books, receiver: Receiver) -> None:
    made = subscribe(books, receiver, "customers")
    bare = books.http.delete(address(books, made))
    assert error_of(bare) == (400, "BadRequest_InvalidToken")
    tagged = books.http.delete(address(books, made), headers={"If-Match": made["@odata.etag"]})
    assert tagged.status_code == 204


# The sandbox's clock


@pytest.fixture
def clock(books: Books) -> Iterator[Callable[[float], None]]:
    """The clock moves only as told; the pace is that of the service."""
    before = books.control.get("/webhooks").json()
    books.control.post("/webhooks", json={"delay": 30, "retry": 60, "most": 1000})

    def move(seconds: float) -> None:
        books.control.post("/clock", json={"seconds": seconds})

    yield move
    move(0)
    books.control.post("/webhooks", json=before)


def failed(books: Books, receiver: Receiver) -> int | None:
    """How often the sending to this address has failed; none when nothing waits for it."""
    found = books.control.get("/deliveries").json()["deliveries"]
    return next((each["failed"] for each in found if each["notificationUrl"] == receiver.url), None)


def quiet(seconds: float = 0.5) -> None:
    """Several rounds of the notifier, in which nothing may happen."""
    time.sleep(seconds)


def test_changes_are_told_thirty_seconds_after_the_first(
    books: Books, receiver: Receiver, clock: Callable[[float], None]
) -> None:
    subscribe(books, receiver, "salesInvoices")
    first = books.invoice("50.00")
    clock(20)
    second = books.invoice("60.00")
    quiet()
    assert receiver.bodies == []
    clock(31)  # the window is the first one's; what came in it goes along
    assert wait_until(lambda: receiver.told(second["id"]))
    assert receiver.told(first["id"])
    assert len(receiver.bodies) == 1


def test_a_subscription_ends_after_three_days(
    books: Books, receiver: Receiver, clock: Callable[[float], None]
) -> None:
    made = subscribe(books, receiver, "customers")
    clock(3 * 86_400 - 60)
    token = Books(books.running)  # the old one's token has expired as well
    try:
        assert token.http.get(address(token, made)).status_code == 200
        clock(3 * 86_400 + 60)
        again = Books(books.running)
        try:
            assert wait_until(lambda: again.http.get(address(again, made)).status_code == 404)
            again.customer()
            clock(3 * 86_400 + 120)
            quiet()
            assert receiver.bodies == []
        finally:
            again.close()
    finally:
        token.close()


def test_a_failing_address_is_tried_for_eighteen_hours_and_then_forgotten(
    books: Books, receiver: Receiver, clock: Callable[[float], None]
) -> None:
    made = subscribe(books, receiver, "customers")
    receiver.always = 503
    books.customer()
    at = 0.0

    def as_often(wanted: int | None) -> bool:
        return failed(books, receiver) == wanted

    # The first sending after 30 s, then 1, 1, 10, 100 and 1,000 minutes after each failure.
    for sendings, wait in enumerate((30, 60, 60, 600, 6_000, 60_000), start=1):
        clock(at + wait - 5)
        quiet(0.3)
        assert len(receiver.bodies) == sendings - 1
        at += wait + 5
        clock(at)
        # Only when the failure is written down may the clock go on: its wait begins then.
        failures = sendings if sendings < 6 else None
        assert wait_until(partial(as_often, failures))
        assert len(receiver.bodies) == sendings
    again = Books(books.running)
    try:
        assert wait_until(lambda: again.http.get(address(again, made)).status_code == 404)
    finally:
        again.close()


def test_what_failed_goes_along_with_what_is_new(
    books: Books, receiver: Receiver, clock: Callable[[float], None]
) -> None:
    subscribe(books, receiver, "customers")
    receiver.answers = [503]
    first = books.customer()
    clock(31)
    assert wait_until(lambda: len(receiver.bodies) == 1)
    second = books.customer()
    clock(62)
    assert wait_until(lambda: len(receiver.bodies) == 2)
    assert [len(receiver.told(each["id"])) for each in (first, second)] == [2, 1]
    assert len(receiver.bodies[1]["value"]) == 2


def test_many_changes_become_one_collection(books: Books, receiver: Receiver) -> None:
    usual = books.control.get("/webhooks").json()["most"]
    before = books.control.post("/webhooks", json={"most": 2, "delay": 1}).json()
    try:
        subscribe(books, receiver, "customers")
        made = [books.customer() for _ in range(3)]
        assert wait_until(lambda: receiver.bodies)
    finally:
        books.control.post("/webhooks", json={"most": 1000, "delay": 0.2})
    assert (usual, before["most"]) == (1000, 2)
    (told,) = [each for body in receiver.bodies for each in body["value"]]
    assert told["changeType"] == "collection"
    found = books.http.get(told["resource"]).json()["value"]
    assert {each["id"] for each in made} <= {each["id"] for each in found}


def test_a_collection_with_a_deletion_has_no_filter(books: Books, receiver: Receiver) -> None:
    customers = [books.customer() for _ in range(3)]
    books.control.post("/webhooks", json={"most": 2, "delay": 1})
    try:
        subscribe(books, receiver, "customers")
        for each in customers:
            path = f"customers({each['id']})"
            assert books.ask("DELETE", path, headers={"If-Match": "*"}).status_code == 204
        assert wait_until(lambda: receiver.bodies)
    finally:
        books.control.post("/webhooks", json={"most": 1000, "delay": 0.2})
    (told,) = receiver.bodies[0]["value"]
    assert (told["changeType"], "?" in told["resource"]) == ("collection", False)


def test_a_change_that_changes_nothing_is_not_told(books: Books, receiver: Receiver) -> None:
    customer = books.customer(displayName="The Same")
    subscribe(books, receiver, "customers")
    path = f"customers({customer['id']})"
    same = books.ask("PATCH", path, json={"displayName": "The Same"}, headers={"If-Match": "*"})
    assert same.json()["@odata.etag"] == customer["@odata.etag"]
    assert same.json()["lastModifiedDateTime"] == customer["lastModifiedDateTime"]
    other = books.customer()  # told, so a round has gone by
    assert wait_until(lambda: receiver.told(other["id"]))
    assert receiver.told(customer["id"]) == []


def test_what_happened_before_the_subscription_is_not_told(
    books: Books, receiver: Receiver, clock: Callable[[float], None]
) -> None:
    other = Receiver(url=receiver.url)
    subscribe(books, receiver, "customers")
    early = books.customer()
    clock(1)
    subscribe(books, other, "customers")
    late = books.customer()
    clock(40)
    assert wait_until(lambda: receiver.told(late["id"]))
    assert [len(receiver.told(each["id"])) for each in (early, late)] == [1, 2]


def test_a_renewal_that_fails_its_handshake_changes_nothing(
    books: Books, receiver: Receiver
) -> None:
    made = subscribe(books, receiver, "customers")
    receiver.echo = False
    renewed = books.http.patch(address(books, made), json={}, headers={"If-Match": "*"})
    assert renewed.status_code == 400
    assert books.http.get(address(books, made)).json()["@odata.etag"] == made["@odata.etag"]
