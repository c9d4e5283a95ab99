"""Bounds how long all that is asked outside takes together, where a person waits for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpx

from quittance.core.errors import Unavailable

_until: ContextVar[float | None] = ContextVar("quittance_ask_until", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give everything that is sent in the block so many seconds together."""
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def shorten(request: httpx.Request) -> None:
    """Have a request wait no longer than is left. Raises ``Unavailable`` when nothing is."""
    until = _until.get()
    if until is None:
        return
    left = until - time.monotonic()
    if left <= 0:
        raise Unavailable("It took too long in all.", host=request.url.host)
    waits = request.extensions.get("timeout", {})
    request.extensions["timeout"] = {
        name: left if waits.get(name) is None else min(waits[name], left)
        for name in ("connect", "read", "write", "pool")
    }
