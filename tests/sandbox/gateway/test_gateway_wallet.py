"""What the gateway keeps for a payer, and charges of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from sandbox.gateway.numbers import NUMBERS
from tests.sandbox.gateway.gateway_caller import Browser, Caller

CONSENT = {
    "text_version": "1",
    "given_at": "2026-03-01T09:30:00Z",
    "ip_address": "192.0.2.7",
    "agreement": "unscheduled",
    "holder": "business",
}


def post(caller: Caller, path: str, **content: Any) -> httpx.Response:
    headers = {"Idempotency-Key": str(uuid4())}
    return caller.api.post(path, json=content, headers=headers)


def new_saving(caller: Caller, method: str = "card", **changes: Any) -> dict[str, Any]:
    asked = {
        "reference": f"S-{uuid4()}",
        "method": method,
        "currency": "USD",
        "payer": {"reference": "C-1", "name": "Ann Example", "email": "ann@shop.example"},
        "consent": CONSENT,
        "return_url": "http://shop.example/return",
        "cancel_url": "http://shop.example/cancel",
    }
    answer = post(caller, "/savings", **{**asked, **changes})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def saved(caller: Caller, number: str, method: str = "card") -> dict[str, Any]:
    saving = new_saving(caller, method)
    done = caller.tell(f"/savings/{saving['id']}/save", number=number, authenticate="approve")
    return dict(done["saved_method"])


def prepared(caller: Caller, method: dict[str, Any], **changes: Any) -> dict[str, Any]:
    asked = {
        "reference": f"P-{uuid4()}",
        "saved_method": method["id"],
        "amount_minor": 2500,
        "currency": "USD",
        "description": "Invoice 103021",
        "started_by": "seller",
        "agreement": "unscheduled",
        "return_url": "http://shop.example/return",
    }
    answer = post(caller, "/charges", **{**asked, **changes})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def all_events(caller: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        after = {"after": found[-1]["id"]} if found else {}
        page = caller.api.get("/events", params=after).json()
        found += page["data"]
        if not page["has_more"]:
            return found


def test_a_card_is_saved_on_the_page_after_the_bank_has_asked(caller: Caller) -> None:
    saving = new_saving(caller)
    with Browser(saving["url"]) as browser:
        wrong = browser.send_card("4242 4242 4242 4241")
        asked = browser.send_card("4000 0025 0000 3155")
        form = {"token": browser.token(), "decision": "approve"}
        done = browser.send(f"{saving['url']}/authenticate", **form)

    assert "This is not a card number" in wrong.text
    assert asked.headers["Location"] == f"/save/{saving['id']}"
    assert done.headers["Location"] == f"http://shop.example/return?saving={saving['id']}"
    method = caller.api.get(f"/savings/{saving['id']}").json()["saved_method"]
    assert (method["last4"], method["expires"], method["usable"]) == ("3155", "2030-12", True)


def test_a_form_of_another_browser_saves_nothing(caller: Caller) -> None:
    saving = new_saving(caller)
    with Browser(saving["url"]) as victim, Browser(saving["url"]) as thief:
        token = victim.token()
        thief.token()

        answer = thief.send_card_again(token)

    assert answer.status_code == 403
    assert caller.api.get(f"/savings/{saving['id']}").json()["state"] == "open"


def test_no_whole_number_is_kept_anywhere(fresh: Caller, tmp_path: Path) -> None:
    for number in NUMBERS:
        saving = new_saving(fresh, number.method)
        with Browser(saving["url"]) as browser:
            browser.send_card(number.number) if number.method == "card" else browser.send_bank(
                number.number
            )
    kept = b"".join(file.read_bytes() for file in (tmp_path / "gateway").iterdir())

    assert b"3155" in kept
    assert [each.number for each in NUMBERS if each.number.encode() in kept] == []


@pytest.mark.parametrize(
    ("number", "was_done"), [("4000000000990004", False), ("4000000000990012", True)]
)
def test_a_charge_whose_answer_is_lost_was_done_or_not(
    caller: Caller, number: str, was_done: bool
) -> None:
    payment = prepared(caller, saved(caller, number))
    path = f"/payments/{payment['id']}/charge"

    with pytest.raises(httpx.RemoteProtocolError):
        post(caller, path)

    assert caller.read(payment["id"])["state"] == ("succeeded" if was_done else "open")
    assert post(caller, path).json()["state"] == "succeeded"
    assert len(caller.ledger("charges", payment)) == 1


def test_a_charge_is_not_paid_on_a_page(caller: Caller) -> None:
    payment = prepared(caller, saved(caller, "4242424242424242"))

    with Browser(f"{caller.running.url}/pay/{payment['id']}") as browser:
        page = browser.open()

    assert payment["url"] is None
    assert page.status_code == 404
    assert caller.read(payment["id"])["waits_for_merchant"] is True


def test_the_network_and_the_bank_tell_what_became_of_a_method(caller: Caller) -> None:
    card = saved(caller, "4242424242424242")
    account = saved(caller, "000123456789", "bank_debit")

    renewed = caller.tell(f"/saved_methods/{card['id']}/renew", expires="2034-05", last4="1881")
    caller.tell(f"/mandates/{account['mandate']['id']}/end", code="R10")

    assert (renewed["expires"], renewed["last4"]) == ("2034-05", "1881")
    after = caller.api.get(f"/saved_methods/{account['id']}").json()
    assert (after["usable"], after["mandate"]["code"]) == (False, "R10")
    told = [(each["type"], each["data"]) for each in all_events(caller)]
    assert ("saved_method.updated", {"saved_method": card["id"]}) in told
    ended = {"saved_method": account["id"], "mandate": account["mandate"]["id"]}
    assert ("mandate.updated", ended) in told


def test_the_fields_may_be_framed_by_the_shop_only(caller: Caller) -> None:
    payment = caller.new_payment(embedded=True)

    frame = httpx.get(f"{caller.running.fields_url}/frame/{payment['client_token']}")

    policy = frame.headers["Content-Security-Policy"]
    assert "frame-ancestors http://shop.example" in policy
    assert "script-src 'self'" in policy
    assert httpx.get(f"{caller.running.fields_url}/frame/emb_none").status_code == 404
