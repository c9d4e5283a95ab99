"""Counts requests and, if told so, refuses what the service refuses (facts, section 3.8)."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict, deque
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.business_central import moments, tokens

_KEY = re.compile(r"\([^()]*\)")
_TOKENS = "/oauth2/v2.0/token"  # another service, with limits of its own


@dataclass(slots=True)
class Requests:
    """How often each method and path was asked for, keys left out."""

    counts: Counter[str] = field(default_factory=Counter)

    def note(self, method: str, path: str) -> None:
        """Count one request: ``GET companies({})/salesInvoices``."""
        pattern = _KEY.sub("({})", path.partition("/api/v2.0/")[2] or path)
        self.counts[f"{method} {pattern}"] += 1


@dataclass(slots=True, kw_only=True)
class Limits:
    """What one user may ask for; an application is a user. 0 switches a limit off.

    Times are in seconds. The window is on the sandbox's clock, the others are not.
    """

    rate: int = 0
    window: float = 300
    concurrent: int = 0
    queue: int = 95
    queue_timeout: float = 0
    operation_timeout: float = 0
    gateway_timeout: float = 0
    retry_after: float = 0  # of a 429; the service does not promise it, so 0 sends none
    busy_retry_after: float = 30  # of a 503, which has it [docs]
    changes: int = field(default=0, repr=False)  # each begins the counting anew

    def any(self) -> bool:
        """Whether a limit is on at all."""
        times = self.operation_timeout or self.gateway_timeout
        return bool(self.rate or self.concurrent or times)

    def change(self, given: dict[str, Any]) -> dict[str, Any]:
        """Set what is named and return all. Raises ``ValueError``."""
        known = {each.name: each.type for each in fields(self) if each.name != "changes"}
        for name, value in given.items():
            if name not in known:
                raise ValueError(f"There is no limit {name!r}: {', '.join(known)}.")
            number = float(value)
            if number < 0:
                raise ValueError(f"{name} cannot be below zero.")
            setattr(self, name, int(number) if known[name] == "int" else number)
        self.changes += bool(given)
        return {name: value for name, value in asdict(self).items() if name in known}


# What the service does: 6,000 in five minutes, five at once and 95 waiting, eight and ten minutes.
LIKE_THE_SERVICE = {
    "rate": 6000,
    "window": 300,
    "concurrent": 5,
    "queue": 95,
    "queue_timeout": 480,
    "operation_timeout": 480,
    "gateway_timeout": 600,
}


@dataclass(slots=True)
class _User:
    """What one user has asked for lately, what runs for it and what waits."""

    recent: deque[float] = field(default_factory=deque)
    changes: int = 0
    running: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class _Refusal(Exception):
    def __init__(self, status: int, text: str, retry_after: float = 0) -> None:
        self.status = status
        self.text = text
        self.retry_after = retry_after


class _Gate:
    """The way back to the client, which a time-out can close: what comes later is lost."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False
        self.closed = False

    @property
    def transport(self) -> Any:
        """The connection, for a fault that hangs up."""
        return getattr(getattr(self._send, "__self__", None), "transport", None)

    async def send(self, message: Message) -> None:
        if not self.closed:
            self.begun = True
            await self._send(message)


class LimitedApplication:
    """Counts, queues and refuses: 429 above the limits, 408, 503 and 504 when it takes too long."""

    def __init__(self, app: ASGIApp, requests: Requests, limits: Limits) -> None:
        self._app = app
        self._requests = requests
        self._limits = limits
        self._users: dict[str, _User] = defaultdict(_User)
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self._requests.note(scope["method"], scope["path"])
        if scope["path"].endswith(_TOKENS) or not self._limits.any():
            await self._app(scope, receive, send)
            return
        gate = _Gate(send)
        task = asyncio.create_task(self._queued(scope, receive, gate))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        patience = self._limits.gateway_timeout or None
        done, _ = await asyncio.wait({task}, timeout=patience)
        if done:
            task.result()
        elif gate.begun:
            await task
        else:  # the gateway gives up, the server goes on
            gate.closed = True
            await _refuse(send, _Refusal(504, "The gateway did not receive an answer in time."))

    async def _queued(self, scope: Scope, receive: Receive, gate: _Gate) -> None:
        user = self._users[tokens.application_of(scope["headers"])]
        try:
            self._count(user)
            await self._enter(user)
        except _Refusal as refusal:
            await _refuse(gate.send, refusal)
            return
        try:
            await self._operate(scope, receive, gate)
        finally:
            self._leave(user)

    async def _operate(self, scope: Scope, receive: Receive, gate: _Gate) -> None:
        task = asyncio.create_task(_awaited(self._app(scope, receive, gate.send)))
        patience = self._limits.operation_timeout or None
        done, _ = await asyncio.wait({task}, timeout=patience)
        if done or gate.begun:
            await task
            return
        task.cancel()  # what waits has done nothing; what has done its work keeps it
        await asyncio.wait({task})
        await _refuse(gate.send, _Refusal(408, "The operation took too long and was cancelled."))
        gate.closed = True

    def _count(self, user: _User) -> None:
        limits = self._limits
        if not limits.rate:
            return
        if user.changes != limits.changes:
            user.changes = limits.changes
            user.recent.clear()
        now = moments.present().timestamp()
        while user.recent and user.recent[0] <= now - limits.window:
            user.recent.popleft()
        if len(user.recent) >= limits.rate:
            raise _too_many(limits)
        user.recent.append(now)

    async def _enter(self, user: _User) -> None:
        limits = self._limits
        if not limits.concurrent or user.running < limits.concurrent:
            user.running += 1
            return
        if len(user.waiting) >= limits.queue:
            raise _too_many(limits)
        place = asyncio.get_running_loop().create_future()
        user.waiting.append(place)
        try:
            await asyncio.wait_for(place, limits.queue_timeout or None)
        except TimeoutError:
            raise _Refusal(
                503, "The request has waited too long.", limits.busy_retry_after
            ) from None

    def _leave(self, user: _User) -> None:
        user.running -= 1
        most = self._limits.concurrent
        while user.waiting and (not most or user.running < most):
            place = user.waiting.popleft()
            if not place.done():
                user.running += 1
                place.set_result(None)


async def _awaited(app: Any) -> None:
    await app


def _too_many(limits: Limits) -> _Refusal:
    return _Refusal(429, "Too many requests. Please try again later.", limits.retry_after)


async def _refuse(send: Send, refusal: _Refusal) -> None:
    """An answer of the gateway before the server: plain text, not the server's own errors."""
    body = refusal.text.encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    if refusal.retry_after:
        headers.append((b"retry-after", f"{refusal.retry_after:g}".encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
