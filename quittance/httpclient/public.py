"""Connects to public addresses only: what a name leads to is looked at, and that very one asked.

A name that looks public may be pointed at an inner network, also between a look and the call (DNS
rebinding). So the look is where the connection is made. TLS goes by the name, as always.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any, Final

import httpcore
import httpx

from quittance.core.errors import Misconfigured
from quittance.httpclient.deadline import Bounded

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: ends with an address of version 4


class NotPublic(Misconfigured):
    """The host leads to an address that is not public."""


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the Internet (IANA's registries), for one host."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return all(
        each.is_global and not each.is_multicast for each in (found, *_written_within(found))
    )


def public_transport(**chosen: Any) -> httpx.HTTPTransport:
    """Return a transport that raises ``NotPublic`` instead of connecting to anything inner."""
    return _connecting_by(_Public(), chosen)


def plain_transport(**chosen: Any) -> httpx.HTTPTransport:
    """Return a transport that connects to anything."""
    return _connecting_by(Bounded(), chosen)


def _connecting_by(backend: Bounded, chosen: dict[str, Any]) -> httpx.HTTPTransport:
    made = httpx.HTTPTransport(trust_env=False, **chosen)
    pool = made._pool
    # httpx has no option for it; with another httpx this must fail, not fall silent.
    assert isinstance(pool, httpcore.ConnectionPool), "httpx keeps its connections elsewhere"
    assert isinstance(pool._network_backend, httpcore.SyncBackend)
    pool._network_backend = backend
    return made


class _Public(Bounded):
    """Resolves a name itself. One inner address among others is enough to refuse the name."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """As ``SyncBackend``; the addresses are tried in the resolver's order."""
        addresses = _addresses(host, port)
        if not all(map(is_public, addresses)):
            raise NotPublic(
                f"{host} leads to an address that is not public. Such are asked only where the "
                "operator allows it: QUITTANCE_PRIVATE_ADDRESSES.",
                host=host,
            )
        failure: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in addresses:
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address.")


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(str(error)) from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _written_within(address: _Address) -> Iterable[_Address]:
    """Return the addresses of version 4 that one of version 6 leads on to."""
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    within = (address.ipv4_mapped, address.sixtofour, last if address in _NAT64 else None)
    return [each for each in within if each is not None]
