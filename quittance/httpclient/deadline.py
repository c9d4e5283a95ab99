"""Ends what takes too long in all: also a server that sends a byte now and then, or a handshake.

The time limits of httpx are for each wait of a socket, so a server that drips would hold a thread
for as long as it likes. Here each wait gets what is left of the whole.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from quittance.httpclient.within import seconds_left


class Bounded(httpcore.SyncBackend):
    """Connects as httpcore does; no wait on its connections outlasts the block of ``within``."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """As ``SyncBackend``. To resolve the name is the operating system's and is not bounded."""
        limit = _least(timeout, httpcore.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, limit, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    """A connection of which every wait ends in time."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _least(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _least(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        limit = _least(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _least(timeout: float | None, too_late: type[Exception]) -> float | None:
    """Return the shorter of a wait and what is left of the whole. Raises ``too_late``."""
    left = seconds_left()
    if left is None:
        return timeout
    if left <= 0:
        raise too_late("It took too long in all.")
    return left if timeout is None else min(timeout, left)
