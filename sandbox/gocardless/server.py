"""Serves the stand-in over HTTP, and spoils the next call when it is told to."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from sandbox.gocardless.answers import Answer, Refusal
from sandbox.gocardless.books import Books

TOKEN: Final = "token_of_the_sandbox"  # noqa: S105 - it opens nothing but this
VERSION: Final = "2015-07-06"
_READ: Final = {
    "billing_requests", "mandates", "customer_bank_accounts", "payments", "creditors", "events",
    "refunds", "payouts",
}  # fmt: skip


class GoCardless(ThreadingHTTPServer):
    """The server, its books, and the trouble that its next call will have."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Calls)
        self.books = Books()
        self.trouble = ""
        self.failing = ""  # the key for which it goes on failing
        self.url = f"http://127.0.0.1:{self.server_port}"

    def start(self) -> None:
        """Serve in a thread; ``stop`` ends it."""
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """End it."""
        self.shutdown()
        self.server_close()


class Calls(BaseHTTPRequestHandler):
    """One connection. What goes wrong with a call is a method of its own."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the other side
    server: GoCardless

    def do_GET(self) -> None:
        """Answer a question."""
        self._serve({}, has_trouble=self.server.trouble == "garbled_read")

    def do_POST(self) -> None:
        """Do something."""
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._serve(json.loads(raw or b"{}"), has_trouble=self.server.trouble != "garbled_read")

    def _serve(self, asked: dict[str, Any], *, has_trouble: bool) -> None:
        trouble = self.server.trouble if has_trouble else ""
        self.server.trouble = "" if has_trouble else self.server.trouble
        key = self.headers.get("Idempotency-Key", "")
        if key and key == self.server.failing:
            trouble = "error_after"
        getattr(self, trouble or "usual")(asked)

    def usual(self, asked: dict[str, Any]) -> None:
        """Do it and say so."""
        self._say(*self._done(asked))

    def throttled(self, _asked: dict[str, Any]) -> None:
        """Do nothing: there were too many calls. (That Retry-After is sent is [?].)"""
        self._say(429, b'{"error": {"type": "invalid_api_usage"}}', Retry_After="7")

    def lost_before(self, _asked: dict[str, Any]) -> None:
        """Do nothing and hang up."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def lost_after(self, asked: dict[str, Any]) -> None:
        """Do it and hang up."""
        self._done(asked)
        self.lost_before(asked)

    def error_after(self, asked: dict[str, Any]) -> None:
        """Do it and fail, and go on failing for this key."""
        self._done(asked)
        self.server.failing = self.headers.get("Idempotency-Key", "")
        self._say(500, b'{"error": {"type": "gocardless"}}')

    def garbled(self, asked: dict[str, Any]) -> None:
        """Do it and say the half."""
        status, body = self._done(asked)
        self._say(status, body[: len(body) // 2])

    garbled_read = garbled

    def _done(self, asked: dict[str, Any]) -> tuple[int, bytes]:
        try:
            status, answer = self._answer(asked)
        except Refusal as refusal:
            status, answer = refusal.answer
        return status, json.dumps(answer).encode()

    def _answer(self, asked: dict[str, Any]) -> Answer:
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refusal(401, "invalid_api_usage", "access_token_not_found")
        if self.headers.get("GoCardless-Version") != VERSION:
            raise Refusal(400, "invalid_api_usage", "missing_version_header")
        parts = urlsplit(self.path)
        words, books = parts.path.strip("/").split("/"), self.server.books
        key = self.headers.get("Idempotency-Key", "")
        if self.command == "POST":
            return _made(books, words, asked, key)
        return _told(books, words, dict(parse_qsl(parts.query)))

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def _made(books: Books, words: list[str], asked: dict[str, Any], key: str) -> Answer:
    match words:
        case ["billing_requests" as kind]:
            return books.ask(asked[kind], key)
        case ["billing_request_flows" as kind]:
            return books.link(asked[kind])
        case ["payments" as kind]:
            return books.debit(asked[kind], key)
        case ["refunds" as kind]:
            return books.till.refund(asked[kind], key)
        case [kind, id_, "actions", "cancel"]:
            return books.cancel(kind, id_)
    raise Refusal(404, "invalid_api_usage", "path_not_found")


def _told(books: Books, words: list[str], query: dict[str, str]) -> Answer:
    match words:
        case ["payout_items"]:
            return books.till.items(query["payout"])
        case ["balances"]:
            return books.till.balances()
        case [kind, id_] if kind in _READ:
            return books.read(kind, id_)
        case [kind] if kind in _READ:
            return books.list_(kind, query)
    raise Refusal(404, "invalid_api_usage", "path_not_found")
