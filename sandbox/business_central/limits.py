"""Counts requests and, if told so, refuses too many of them (facts, section 3.8)."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter, deque
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

_WINDOW = 300.0  # seconds
_QUEUE = 95
_KEY = re.compile(r"\([^()]*\)")


@dataclass(slots=True)
class Requests:
    """How often each method and path was asked for, keys left out."""

    counts: Counter[str] = field(default_factory=Counter)

    def note(self, method: str, path: str) -> None:
        """Count one request: ``GET companies({})/salesInvoices``."""
        pattern = _KEY.sub("({})", path.partition("/api/v2.0/")[2] or path)
        self.counts[f"{method} {pattern}"] += 1


class LimitedApplication:
    """Counts, and answers 429 above a rate or when too many wait. 0 switches a limit off."""

    def __init__(self, app: ASGIApp, requests: Requests, *, rate: int, concurrent: int) -> None:
        self._app = app
        self._requests = requests
        self._rate = rate
        self._places = asyncio.Semaphore(concurrent) if concurrent else None
        self._waiting = 0
        self._recent: deque[float] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self._requests.note(scope["method"], scope["path"])
        if self._too_many() or self._waiting >= _QUEUE:
            await _refuse(send)
        elif self._places is None:
            await self._app(scope, receive, send)
        else:
            self._waiting += 1
            async with self._places:
                self._waiting -= 1
                await self._app(scope, receive, send)

    def _too_many(self) -> bool:
        if not self._rate:
            return False
        now = time.monotonic()
        while self._recent and self._recent[0] < now - _WINDOW:
            self._recent.popleft()
        if len(self._recent) >= self._rate:
            return True
        self._recent.append(now)
        return False


async def _refuse(send: Send) -> None:
    """429 as plain text and without Retry-After, which is not promised."""
    body = b"Too many requests. Please try again later."
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": body})
