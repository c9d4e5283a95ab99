"""Around the orders of the PayPal sandbox: vault, disputes, reports, webhooks, faults, restarts."""

from __future__ import annotations

import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import pytest

from sandbox.paypal.launch import start_paypal
from tests.sandbox.paypal.paypal_caller import Caller, make_order

HOUR = 3600


def captured(caller: Caller, **changes: Any) -> str:
    """The id of a captured payment."""
    order = caller.capture(caller.approved(**changes)).json()
    return str(order["purchase_units"][0]["payments"]["captures"][0]["id"])


def test_an_account_is_kept_when_the_payer_agrees_and_can_be_charged_until_he_takes_it_back(
    caller: Caller,
) -> None:
    wallet = {"usage_type": "MERCHANT", "experience_context": {"return_url": "http://shop.example"}}
    made = caller.api.post(
        "/v3/vault/setup-tokens", json={"payment_source": {"paypal": wallet}}
    ).json()
    asked = {"payment_source": {"token": {"id": made["id"], "type": "SETUP_TOKEN"}}}
    too_early = caller.api.post("/v3/vault/payment-tokens", json=asked)
    caller.tell("POST", f"/setup-tokens/{made['id']}/approve")

    token = caller.api.post("/v3/vault/payment-tokens", json=asked).json()
    listed = caller.api.get(
        "/v3/vault/payment-tokens", params={"customer_id": made["customer"]["id"]}
    ).json()
    charge = make_order()
    charge["payment_source"] = {"paypal": {"vault_id": token["id"]}}
    charged = caller.order(charge)
    caller.tell("DELETE", f"/payment-tokens/{token['id']}")

    assert too_early.status_code == 422
    assert [one["id"] for one in listed["payment_tokens"]] == [token["id"]]
    assert charged.json()["status"] == "COMPLETED"
    assert caller.issue(caller.order(charge)) == (422, "TOKEN_ID_NOT_FOUND")


def test_a_dispute_waits_for_the_seller_and_is_accepted(caller: Caller) -> None:
    capture = captured(caller)
    opened = caller.tell("POST", f"/captures/{capture}/dispute")
    path = f"/v1/customer/disputes/{opened['dispute_id']}"

    caller.api.post(f"{path}/provide-evidence", files={"input": b"{}"}).raise_for_status()
    reviewed = caller.api.get(path).json()["status"]
    caller.api.post(f"{path}/accept-claim").raise_for_status()
    ended = caller.api.get(path).json()

    assert opened["status"] == "WAITING_FOR_SELLER_RESPONSE"
    assert reviewed == "UNDER_REVIEW"
    assert (ended["status"], ended["dispute_outcome"]["outcome_code"]) == ("RESOLVED", "ACCEPTED")
    assert caller.api.post(f"{path}/accept-claim").status_code == 400


def test_the_report_is_late_and_says_until_when_it_is_whole(caller: Caller) -> None:
    capture = captured(caller)
    between = {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-01-31T00:00:00Z"}
    now = caller.tell("GET", "/clock")["now"]
    day = {"start_date": f"{now[:10]}T00:00:00Z", "end_date": f"{now[:10]}T23:59:59Z"}

    caller.tell("POST", "/clock", seconds=3 * HOUR + 60)
    late = caller.api.get("/v1/reporting/transactions", params=day).json()
    too_long = caller.api.get(
        "/v1/reporting/transactions", params={**between, "end_date": "2026-02-02T00:00:00Z"}
    )

    (line,) = [one["transaction_info"] for one in late["transaction_details"]]
    assert (line["transaction_id"], line["transaction_event_code"]) == (capture, "T0006")
    assert line["transaction_amount"] == {"currency_code": "USD", "value": "10.50"}
    assert line["fee_amount"]["value"] == "-0.86"
    assert line["transaction_initiation_date"] < late["last_refreshed_datetime"]
    assert too_long.status_code == 400


def test_a_webhook_is_delivered_signed_and_again_until_it_is_taken(caller: Caller) -> None:
    heard: Queue[tuple[dict[str, str], bytes]] = Queue()
    answers = [500, 200]

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.put((dict(self.headers), body))
            self.send_response(answers.pop(0) if answers else 200)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/hook"
    types = [{"name": "CHECKOUT.ORDER.APPROVED"}]
    webhook = caller.api.post(
        "/v1/notifications/webhooks", json={"url": url, "event_types": types}
    ).json()
    id_ = caller.approved()

    headers, body = heard.get(timeout=30)
    again, same = heard.get(timeout=30)
    asked = {
        "auth_algo": headers["PAYPAL-AUTH-ALGO"],
        "cert_url": headers["PAYPAL-CERT-URL"],
        "transmission_id": headers["PAYPAL-TRANSMISSION-ID"],
        "transmission_sig": headers["PAYPAL-TRANSMISSION-SIG"],
        "transmission_time": headers["PAYPAL-TRANSMISSION-TIME"],
        "webhook_id": webhook["id"],
        "webhook_event": json.loads(body),
    }
    verdict = caller.api.post("/v1/notifications/verify-webhook-signature", json=asked).json()
    server.shutdown()
    server.server_close()

    assert json.loads(body)["resource"]["id"] == id_
    assert (same, again["PAYPAL-CERT-URL"]) == (body, headers["PAYPAL-CERT-URL"])
    assert verdict == {"verification_status": "SUCCESS"}


@pytest.mark.parametrize(
    ("kind", "moved"), [("drop_before", 0), ("drop_after", 1), ("late_commit", 1)]
)
def test_a_fault_breaks_the_connection_before_or_after_the_deed(
    caller: Caller, kind: str, moved: int
) -> None:
    id_ = caller.approved()
    late = {"seconds": 5} if kind == "late_commit" else {}
    caller.tell("POST", "/faults", match="POST *capture", kind=kind, **late)
    with pytest.raises(httpx.RemoteProtocolError):
        caller.capture(id_)

    caller.tell("POST", "/clock", seconds=6)

    assert len(caller.tell("GET", "/ledger")["data"]) == moved


def test_a_twin_still_at_work_is_a_conflict(caller: Caller) -> None:
    id_ = caller.approved()
    caller.tell("POST", "/faults", match="POST *capture", kind="late_commit", seconds=60)
    with pytest.raises(httpx.RemoteProtocolError):
        caller.capture(id_, key="k")

    assert caller.issue(caller.capture(id_, key="k")) == (409, "PREVIOUS_REQUEST_IN_PROGRESS")


def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    running = start_paypal(tmp_path)
    caller = Caller(running)
    order = caller.order(key="k").json()
    caller.tell("POST", f"/orders/{order['id']}/approve")
    caller.capture(order["id"])
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait()
    caller.close()

    with start_paypal(tmp_path) as again:
        caller = Caller(again)
        kept = caller.order(key="k").json()
        assert (kept["id"], kept["status"]) == (order["id"], "COMPLETED")
        assert len(caller.tell("GET", "/ledger")["data"]) == 1
        caller.close()
