"""Makes the API fail on request: refuse, wait, hang up, answer wrongly, commit too late."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.business_central import moments

_TICK = 0.05  # seconds between two looks at the clock
KINDS = (
    "status",  # answer with ``status`` and do nothing
    "delay",  # wait ``seconds``, then go on as usual
    "drop_before",  # hang up and do nothing
    "drop_after",  # do it, then hang up
    "error_after",  # do it, then answer with ``status`` (504)
    "malformed_json",  # do it, then send half of the answer's body as if it were whole
    "late_commit",  # hang up (or answer ``status``), and do it ``seconds`` later by the clock
    "html",  # answer with a page of HTML and ``status`` (502)
    "delay_after",  # do it, wait ``seconds``, then answer as usual
    "clerk",  # let the clerk do ``act`` with ``given``, ``when`` before or after the request
)
_DEFAULT_STATUS = {"status": 503, "error_after": 504, "html": 502, "late_commit": 0}
_PAGE = b"<html><head><title>Error</title></head><body><h1>Bad Gateway</h1></body></html>"


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault. ``times`` 0 means always; the first ``skip`` matches are let through."""

    match: str
    kind: str
    status: int = 0
    retry_after: float | None = None
    seconds: float = 1
    times: int = 1
    skip: int = 0
    hits: int = 0
    act: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    when: str = "before"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        if self.when not in {"before", "after"}:
            raise ValueError("when must be before or after")
        re.compile(self.match)
        self.given = {  # so that it can be listed
            name: str(value) if isinstance(value, Decimal) else value
            for name, value in self.given.items()
        }
        self.status = self.status or _DEFAULT_STATUS.get(self.kind, 0)


@dataclass(slots=True)
class Faults:
    """The faults that wait for a request which matches."""

    waiting: list[Fault] = field(default_factory=list)
    clerk: list[dict[str, Any]] = field(default_factory=list)  # what came of his acts
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        with self._lock:
            self.waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self.waiting.clear()
            self.clerk.clear()

    def listed(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self.waiting]

    def take(self, line: str) -> Fault | None:
        """The first fault that matches ``METHOD path?query``; it is used up after its times."""
        with self._lock:
            for fault in self.waiting:
                if re.search(fault.match, line) is None:
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.hits += 1
                if fault.times and fault.hits >= fault.times:
                    self.waiting.remove(fault)
                return fault
        return None


# Does a clerk's act and says what came of it.
Clerk = Callable[[str, dict[str, Any]], dict[str, Any]]


class FaultyApplication:
    """Stands before the API and lets it fail as told."""

    def __init__(self, app: ASGIApp, faults: Faults, clerk: Clerk) -> None:
        self._app = app
        self._faults = faults
        self._clerk = clerk
        self._later: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        query = unquote(scope["query_string"].decode("latin-1"))
        line = f"{scope['method']} {scope['path']}{'?' if query else ''}{query}"
        fault = self._faults.take(line)
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind == "delay":
            again = _replay(await _read_body(receive))  # the client may be gone before it is read
            await asyncio.sleep(fault.seconds)
            await self._app(scope, again, send)
        elif fault.kind == "clerk":
            await self._with_clerk(scope, receive, send, fault)
        elif fault.kind == "late_commit":
            await self._commit_later(scope, receive, send, fault)
        elif fault.kind in {"drop_after", "error_after", "malformed_json", "delay_after"}:
            await self._fail_after(scope, receive, send, fault)
        elif fault.kind == "drop_before":
            await _hang_up(send)
        else:
            await _answer(send, fault)

    async def _with_clerk(self, scope: Scope, receive: Receive, send: Send, fault: Fault) -> None:
        async def act() -> None:
            done = await run_in_threadpool(self._clerk, fault.act, fault.given)
            self._faults.clerk.append({"act": fault.act, **done})

        if fault.when == "before":
            await act()
            await self._app(scope, receive, send)
            return
        start, content = await _run(self._app, scope, await _read_body(receive))
        await act()  # before the client has its answer: nobody gets in between
        await send(start)
        await send({"type": "http.response.body", "body": content})

    async def _commit_later(self, scope: Scope, receive: Receive, send: Send, fault: Fault) -> None:
        body = await _read_body(receive)
        due = moments.present() + timedelta(seconds=fault.seconds)

        async def commit() -> None:
            while moments.present() < due:  # the clock may be moved meanwhile
                await asyncio.sleep(_TICK)
            await _run(self._app, scope, body)

        task = asyncio.create_task(commit())
        self._later.add(task)
        task.add_done_callback(self._later.discard)
        if fault.status:
            await _answer(send, fault)
        else:
            await _hang_up(send)

    async def _fail_after(self, scope: Scope, receive: Receive, send: Send, fault: Fault) -> None:
        start, content = await _run(self._app, scope, await _read_body(receive))
        if fault.kind == "drop_after":
            await _hang_up(send)
        elif fault.kind == "delay_after":
            await asyncio.sleep(fault.seconds)
            await send(start)
            await send({"type": "http.response.body", "body": content})
        elif fault.kind == "error_after":
            await _answer(send, fault)
        else:
            half = content[: len(content) // 2]
            headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
            headers.append((b"content-length", str(len(half)).encode()))
            await send({**start, "headers": headers})
            await send({"type": "http.response.body", "body": half})


async def _read_body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _run(app: ASGIApp, scope: Scope, body: bytes) -> tuple[Message, bytes]:
    """Let the API do its work, its client being gone or not, and return what it would say."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, _replay(body), send)
    return messages[0], b"".join(message.get("body", b"") for message in messages[1:])


async def _answer(send: Send, fault: Fault) -> None:
    html = fault.kind == "html"
    error = b'{"error":{"code":"Internal_ServerError","message":"A fault was asked for."}}'
    body = _PAGE if html else error
    headers = [
        (b"content-type", b"text/html" if html else b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    if fault.retry_after is not None:
        headers.append((b"retry-after", f"{fault.retry_after:g}".encode()))
    await send({"type": "http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _hang_up(send: Send) -> None:
    """Close the connection without a byte of an answer.

    ASGI has no word for it; uvicorn's ``send`` belongs to an object that holds the connection.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise RuntimeError("This server gives no way to hang up.")
    transport.abort()
    await asyncio.sleep(0.01)  # until the server has noticed
