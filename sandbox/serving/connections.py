"""The open connections, so that a fault can break one without an answer."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_OPEN: Final[dict[tuple[str, int], asyncio.Transport]] = {}


class TrackedProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, remembering each caller's transport."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the transport."""
        super().connection_made(transport)
        if self.client is not None:
            _OPEN[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the transport."""
        if self.client is not None:
            _OPEN.pop(self.client, None)
        super().connection_lost(exc)


class BrokenConnection(Response):
    """No answer at all: waits (or until the caller has gone), then breaks the connection."""

    def __init__(self, *, after_seconds: float = 0) -> None:
        super().__init__(status_code=500)
        self.after_seconds = after_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Break the connection instead of sending."""
        gone = asyncio.ensure_future(_caller_left(receive))
        await asyncio.wait([gone], timeout=self.after_seconds)
        client: Any = scope.get("client")
        transport = _OPEN.get(tuple(client)) if client else None
        if transport is not None:
            transport.abort()
        await gone


async def _caller_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
