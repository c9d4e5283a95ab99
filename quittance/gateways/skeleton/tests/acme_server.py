"""A stand-in for Acme's API, in memory, over real HTTP. Make it as strict as the real one."""

from __future__ import annotations

import json
import socket
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "key_of_the_tests"
Answer = tuple[int, dict[str, Any]]


class AcmeServer:
    """What the server knows, and what shall go wrong with its next call."""

    def __init__(self) -> None:
        self.payments: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, tuple[dict[str, Any], Answer | None]] = {}
        self.trouble = ""

    def create(self, key: str, asked: dict[str, Any]) -> Answer:
        """Make a payment, once for each key."""
        if key in self.keys:
            first, answer = self.keys[key]
            if first != asked:
                return 409, {"error": "this key was used for another request"}
            return answer or (409, {"error": "the first request is still at work"})
        if asked["amount"] <= 0:
            return 400, {"error": "the amount is not above zero"}
        id_ = f"pay_{len(self.payments) + 1}"
        names = ("reference", "amount", "currency")
        self.payments[id_] = {
            "id": id_,
            **{name: asked[name] for name in names},
            "state": "open",
            "url": f"https://pay.acme.example/{id_}",
            "card": None,
            "failure": None,
            "paid_at": None,
        }
        self.keys[key] = (asked, (201, dict(self.payments[id_])))
        return 201, self.payments[id_]

    def read(self, id_: str) -> Answer:
        """Return one payment."""
        payment = self.payments.get(id_)
        return (200, payment) if payment else (404, {"error": "no such payment"})

    def find(self, reference: str) -> Answer:
        """Return the payments of a reference."""
        found = [one for one in self.payments.values() if one["reference"] == reference]
        return 200, {"payments": found}

    def cancel(self, id_: str) -> Answer:
        """Close an open payment."""
        payment = self.payments[id_]
        if payment["state"] not in {"open", "cancelled"}:
            return 409, {"error": f"the payment is {payment['state']}"}
        payment["state"] = "cancelled"
        return 200, payment

    def pay(self, id_: str) -> None:
        """The payer pays."""
        now = datetime.now(UTC).isoformat()
        self.payments[id_] |= {"state": "paid", "card": "4242", "paid_at": now}

    def decline(self, id_: str) -> None:
        """The payer tries with a card that holds too little."""
        self.payments[id_] |= {"failure": "no_funds"}

    def answer(self, method: str, path: str, key: str, asked: dict[str, Any]) -> Answer:
        """Do what a call asks for."""
        parts = urlsplit(path)
        words = parts.path.strip("/").split("/")
        if words == ["account"]:
            return 200, {"id": "acct_1", "name": "Northwind Traders"}
        if method == "POST" and words == ["payments"]:
            return self.create(key, asked)
        if method == "POST" and words[-1] == "cancel":
            return self.cancel(words[1])
        if len(words) == 2:
            return self.read(words[1])
        return self.find(parse_qs(parts.query)["reference"][0])


def start(acme: AcmeServer) -> ThreadingHTTPServer:
    """Serve on a free port, in a thread; ``shutdown()`` and ``server_close()`` end it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Calls,), {"acme": acme}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Calls(BaseHTTPRequestHandler):
    """One connection. What goes wrong with a call is a method of its own."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the other side
    acme: AcmeServer

    def do_GET(self) -> None:
        self._answer({}, self.acme.trouble == "garbled_read")

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._answer(json.loads(raw or b"{}"), self.acme.trouble != "garbled_read")

    def _answer(self, asked: dict[str, Any], has_trouble: bool) -> None:
        trouble = self.acme.trouble if has_trouble else ""
        self.acme.trouble = "" if has_trouble else self.acme.trouble
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            self._say(401, b'{"error": "unknown key"}')
        else:
            key = self.headers.get("Idempotency-Key", "")
            getattr(self, trouble or "usual")(key, asked)

    def usual(self, key: str, asked: dict[str, Any]) -> None:
        self._say(*self._done(key, asked))

    def throttled(self, key: str, asked: dict[str, Any]) -> None:
        self._say(429, b"{}", Retry_After="7")

    def lost_before(self, key: str, asked: dict[str, Any]) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def lost_after(self, key: str, asked: dict[str, Any]) -> None:
        self._done(key, asked)
        self.lost_before(key, asked)

    def error_after(self, key: str, asked: dict[str, Any]) -> None:
        self._done(key, asked)
        self._say(500, b"{}")

    def garbled(self, key: str, asked: dict[str, Any]) -> None:
        status, body = self._done(key, asked)
        self._say(status, body[: len(body) // 2])

    garbled_read = garbled

    def still_at_work(self, key: str, asked: dict[str, Any]) -> None:
        self.acme.keys[key] = (asked, None)
        self.lost_before(key, asked)

    def _done(self, key: str, asked: dict[str, Any]) -> tuple[int, bytes]:
        status, answer = self.acme.answer(self.command, self.path, key, asked)
        return status, json.dumps(answer).encode()

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        return
