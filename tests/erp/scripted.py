"""A real HTTP server that answers what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMPANY = "22222222-2222-2222-2222-222222222222"
TOKEN = b'{"token_type":"Bearer","expires_in":3599,"access_token":"a-token"}'


@dataclass(frozen=True, kw_only=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Scripted:
    """``answer`` is asked for every request that is not for a token."""

    origin: str
    answer: Callable[[Asked], Answer]
    token: Callable[[], Answer] = lambda: Answer(body=TOKEN)
    asked: list[Asked] = field(default_factory=list)
    tokens: int = 0

    @property
    def settings(self) -> dict[str, str]:
        return {
            "tenant": "contoso.example",
            "environment": "production",
            "company_id": COMPANY,
            "client_id": "11111111-1111-1111-1111-111111111111",
            "client_secret": "sandbox-secret",
            "local_currency": "EUR",
            "clearing_account": "2950",
            "address": self.origin,
            "sign_in_address": self.origin,
        }


def in_turn(answers: Sequence[Answer]) -> Callable[[Asked], Answer]:
    """Give the answers one after the other."""
    left = iter(answers)
    return lambda _: next(left)


@contextmanager
def scripted(answer: Callable[[Asked], Answer]) -> Iterator[Scripted]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.endswith("/oauth2/v2.0/token"):
                server.tokens += 1
                told = server.token()
            else:
                asked = Asked(
                    method=self.command, path=self.path, headers=dict(self.headers), body=body
                )
                server.asked.append(asked)
                told = server.answer(asked)
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    server = Scripted(origin=f"http://127.0.0.1:{listening.server_port}", answer=answer)
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
