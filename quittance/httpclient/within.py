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
    """Give everything that is sent in the block so many seconds together, or what is left of more.

    Every wait of a socket is held to it (deadline.py), so that a server that drips ends, too.
    """
    until, outer = time.monotonic() + seconds, _until.get()
    token = _until.set(until if outer is None else min(until, outer))
    try:
        yield
    finally:
        _until.reset(token)


def seconds_left() -> float | None:
    """Return what is left of the innermost block; ``None`` outside of any."""
    until = _until.get()
    return None if until is None else until - time.monotonic()


def shorten(request: httpx.Request) -> None:
    """Have a request wait no longer than is left. Raises ``Unavailable`` when nothing is."""
    left = seconds_left()
    if left is None:
        return
    if left <= 0:
        raise Unavailable("It took too long in all.", host=request.url.host)
    waits = request.extensions.get("timeout", {})
    request.extensions["timeout"] = {
        name: left if waits.get(name) is None else min(waits[name], left)
        for name in ("connect", "read", "write", "pool")
    }
