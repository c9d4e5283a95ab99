"""Hints of Business Central: who may send one, and what it says."""

from __future__ import annotations

import json
import queue
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quittance.core.errors import Refused
from quittance.erp.base import Hint, SendsHints
from quittance.erp.business_central.webhooks import read_hint
from tests.erp.rows import page
from tests.erp.scripted import COMPANY, Answer, Asked, Scripted, in_turn, scripted
from tests.erp.stage import SandboxStage

SECRET = "a-long-secret"
ROOT = "https://api.businesscentral.dynamics.com/v2.0/t/production/api/v2.0"
HOOK = "https://pay.example.com/hooks/erp/abc"


def notification(**changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "subscriptionId": "1b2c",
        "clientState": SECRET,
        "expirationDateTime": "2026-09-04T12:00:00Z",
        "resource": f"{ROOT}/companies({COMPANY})/salesInvoices({COMPANY})",
        "changeType": "updated",
        "lastModifiedDateTime": "2026-09-01T12:00:00.123Z",
    }
    return told | changes


def body(*notifications: dict[str, Any]) -> bytes:
    return json.dumps({"value": list(notifications)}).encode()


def test_the_handshakes_token_is_given_back() -> None:
    hint = read_hint({"validationToken": "abc-1"}, b"", secret=SECRET)

    assert hint == Hint(resources=frozenset(), answer="abc-1")


def test_a_hint_names_what_changed() -> None:
    ledger = f"{ROOT}/companies({COMPANY})/generalLedgerEntries?$filter=x%20gt%201"

    hint = read_hint(
        {},
        body(notification(), notification(resource=ledger, changeType="collection")),
        secret=SECRET,
    )

    assert hint == Hint(resources=frozenset({"invoices", "ledger"}))


def test_a_hint_about_something_else_says_nothing() -> None:
    hint = read_hint({}, body(notification(resource="companies(1)/items(2)")), secret=SECRET)

    assert hint.resources == frozenset()


@pytest.mark.parametrize(
    "forged",
    [
        body(notification(clientState="")),
        body(notification(clientState="another")),
        body(notification(), notification(clientState="another")),
        body({k: v for k, v in notification().items() if k != "clientState"}),
        body(),
        b"",
        b"[]",
        b"\xff",
        b"{" * 5000,
    ],
)
def test_a_forged_or_unreadable_hint_is_refused(forged: bytes) -> None:
    with pytest.raises(Refused):
        read_hint({}, forged, secret=SECRET)


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_are_refused_without_the_secret(forged: bytes) -> None:
    with pytest.raises(Refused):
        read_hint({}, forged, secret=SECRET)


def subscription(resource: str, **changes: Any) -> dict[str, Any]:
    return {
        "@odata.etag": 'W/"7"',
        "subscriptionId": "it's",
        "notificationUrl": HOOK,
        "resource": resource,
        "expirationDateTime": "2026-09-04T12:00:00Z",
    } | changes


def test_what_exists_is_renewed_and_what_is_missing_is_made(
    server: Scripted, erp: SendsHints
) -> None:
    ours = subscription(f"{ROOT}/companies({COMPANY})/customers")
    others = subscription(f"companies({COMPANY})/salesInvoices", notificationUrl="https://x.test")
    one = json.dumps(ours).encode()
    server.answer = in_turn(
        [Answer(body=page(ours, others)), Answer(body=one), Answer(body=one)]
        + [Answer(status=201, body=one)] * 2
    )

    made = erp.subscribe(HOOK, secret=SECRET)

    assert [(asked.method, asked.path.rsplit("/", 1)[1]) for asked in server.asked] == [
        ("GET", "subscriptions"),
        ("PATCH", "subscriptions('it''s')"),
        ("GET", "subscriptions('it''s')"),
        ("POST", "subscriptions"),
        ("POST", "subscriptions"),
    ]
    assert server.asked[1].headers["If-Match"] == 'W/"7"'
    assert json.loads(server.asked[3].body) == {
        "notificationUrl": HOOK,
        "resource": f"companies({COMPANY})/salesInvoices",
        "clientState": SECRET,
    }
    assert [subscription.resource for subscription in made] == ["customers", "invoices", "ledger"]


def test_the_sandbox_shakes_hands_renews_and_tells_of_a_partial_payment(
    business_central: SandboxStage,
) -> None:
    hints: queue.Queue[Hint] = queue.Queue()

    def receive(asked: Asked) -> Answer:
        query = dict(parse_qsl(urlsplit(asked.path).query))
        hint = read_hint(query, asked.body, secret=SECRET)
        if not hint.answer:
            hints.put(hint)
        return Answer(body=hint.answer.encode(), headers={"Content-Type": "text/plain"})

    erp = business_central.erp
    assert isinstance(erp, SendsHints)
    with scripted(receive) as receiver:
        address = f"{receiver.origin}/hooks/erp/secret-path"
        made = erp.subscribe(address, secret=SECRET)
        renewed = erp.subscribe(address, secret=SECRET)
        invoice = business_central.clerk_invoice(5000)
        payment = {"invoice": invoice, "amount": "10.00"}
        business_central.control("POST", "/clerk/post-payment", payment)
        told: set[str] = set()
        while "ledger" not in told:
            told |= hints.get(timeout=10).resources

    assert [each.erp_id for each in renewed] == [each.erp_id for each in made]
    assert {each.resource for each in made} == {"customers", "invoices", "ledger"}
    assert all(new.expires_at >= old.expires_at for old, new in zip(made, renewed, strict=True))
