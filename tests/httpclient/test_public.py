"""Where the client goes when only public addresses may be asked: the address counts, no name."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from quittance.core.errors import Misconfigured, Unavailable
from quittance.httpclient.client import new_client, send
from quittance.httpclient.public import is_public

INNER = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.9", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fd00:ec2::254", "fe80::1%eth0",
    "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::1", "ff02::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INNER)
def test_what_is_not_of_the_internet_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "20.50.2.3", "2606:4700::1111", "64:ff9b::101:101"])
def test_what_is_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


class Resolver:
    """Stands for the DNS: answers each time with the next addresses, the last ones for ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0
        monkeypatch.setattr(socket, "getaddrinfo", self._answer)

    def _answer(self, host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        if host.replace(".", "").isdigit():  # what was found is connected to
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in answer]


@pytest.fixture
def server() -> Any:
    """A server of the inner network, and who came."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    yield listener
    listener.close()


def ask(host: str, server: socket.socket) -> None:
    """Ask ``host`` at the server's port, with a client that only asks public addresses."""
    with new_client(public_only=True) as client:
        address = f"http://{host}:{server.getsockname()[1]}/"
        send(client, client.build_request("GET", address, timeout=0.2))


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["1.1.1.1", "127.0.0.1"]])
def test_a_name_that_leads_inside_is_refused_before_anybody_is_connected_to(
    server: socket.socket, monkeypatch: pytest.MonkeyPatch, answer: list[str]
) -> None:
    Resolver(monkeypatch, answer)

    with pytest.raises(Misconfigured, match="not public"):
        ask("erp.example.com", server)

    with pytest.raises(TimeoutError):
        server.accept()


def test_the_address_that_was_looked_at_is_the_one_that_is_asked(
    server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = Resolver(monkeypatch, ["192.0.2.1"], ["127.0.0.1"])  # pointed elsewhere meanwhile
    monkeypatch.setattr("quittance.httpclient.public.is_public", lambda each: each == "192.0.2.1")

    with pytest.raises(Unavailable):
        ask("erp.example.com", server)

    assert resolver.asked == 1
    with pytest.raises(TimeoutError):
        server.accept()


def test_a_number_of_the_inner_network_is_refused_too(server: socket.socket) -> None:
    with pytest.raises(Misconfigured, match="not public"):
        ask("127.0.0.1", server)
