"""The one way out: which failure becomes which error."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from quittance.core.errors import (
    Misconfigured,
    OutcomeUnknown,
    OutsideError,
    Refused,
    Unavailable,
)
from quittance.httpclient.client import new_client, retry_after, send
from quittance.httpclient.within import within


@contextmanager
def server(answer: bytes, *, silent: bool = False) -> Iterator[str]:
    """Serve one connection: read a request, send ``answer``, close (``silent``: never answer)."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            if silent:
                done.wait(5)
            else:
                connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    done.set()
    thread.join()
    listener.close()


@contextmanager
def dripping(head: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n") -> Iterator[str]:
    """Serve one connection: a byte every tenth of a second, each in time, without an end."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(head)
            for _ in range(50):
                connection.sendall(b"x")
                time.sleep(0.1)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    thread.join()


def answer_of(status: str, *headers: str, body: str = "{}") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", body]).encode()


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with new_client(timeout_seconds=0.3) as made:
        yield made


def error_of(client: httpx.Client, method: str, url: str) -> OutsideError:
    with pytest.raises(OutsideError) as caught:
        send(client, client.build_request(method, url))
    return caught.value


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [
        ("400 Bad Request", Refused, Refused),
        ("401 Unauthorized", Misconfigured, Misconfigured),
        ("403 Forbidden", Misconfigured, Misconfigured),
        ("404 Not Found", Refused, Refused),
        ("302 Found", Refused, Refused),
        ("408 Request Timeout", Unavailable, OutcomeUnknown),
        ("409 Conflict", Refused, Refused),
        ("429 Too Many Requests", Unavailable, Unavailable),
        ("500 Internal Server Error", Unavailable, OutcomeUnknown),
        ("503 Service Unavailable", Unavailable, OutcomeUnknown),
    ],
)
def test_a_status_becomes_an_error(
    client: httpx.Client, status: str, reading: type[OutsideError], writing: type[OutsideError]
) -> None:
    for method, expected in (("GET", reading), ("POST", writing)):
        with server(answer_of(status)) as url:
            error = error_of(client, method, url)

        assert type(error) is expected
        assert error.facts["status"] == int(status[:3])


def test_a_success_is_returned(client: httpx.Client) -> None:
    with server(answer_of("201 Created", body='{"id": 1}')) as url:
        assert send(client, client.build_request("POST", url)).json() == {"id": 1}


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"nonsense\r\n\r\n",
        answer_of("200 OK", "Content-Encoding: gzip", body="not gzip"),
    ],
)
def test_a_broken_answer_is_unknown_for_a_deed_and_unavailable_for_a_question(
    client: httpx.Client, answer: bytes
) -> None:
    for method, expected in (("GET", Unavailable), ("POST", OutcomeUnknown)):
        with server(answer) as url:
            assert type(error_of(client, method, url)) is expected


def test_silence_is_unknown_for_a_deed_and_unavailable_for_a_question(
    client: httpx.Client,
) -> None:
    for method, expected in (("GET", Unavailable), ("POST", OutcomeUnknown)):
        with server(b"", silent=True) as url:
            assert type(error_of(client, method, url)) is expected


def test_an_answer_that_is_too_large_is_broken_off(client: httpx.Client) -> None:
    for method, expected in (("GET", Unavailable), ("POST", OutcomeUnknown)):
        with server(answer_of("200 OK", body="x" * 1001)) as url, pytest.raises(expected):
            send(client, client.build_request(method, url), most_bytes=1000)


def test_an_answer_that_drips_for_ever_is_broken_off(client: httpx.Client) -> None:
    with dripping() as url, pytest.raises(Unavailable, match="in time"):
        send(client, client.build_request("GET", url))


def test_headers_that_drip_for_ever_are_broken_off(client: httpx.Client) -> None:
    with (
        dripping(b"HTTP/1.1 200 OK\r\nX-Long: ") as url,
        pytest.raises(Unavailable, match="in time"),
    ):
        send(client, client.build_request("GET", url))


def test_what_has_seconds_together_has_no_more_with_a_server_that_drips() -> None:
    with (
        dripping(b"HTTP/1.1 200 OK\r\nX-Long: ") as url,
        new_client(timeout_seconds=20) as patient,
        pytest.raises(Unavailable, match="in time"),
        within(0.5),
    ):
        send(patient, patient.build_request("GET", url))


def test_a_packed_answer_is_unpacked_once(client: httpx.Client) -> None:
    packed = gzip.compress(b'{"id": 1}')
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    with server(head.encode() + packed) as url:
        assert send(client, client.build_request("GET", url)).json() == {"id": 1}


def test_an_unavailable_answer_says_when_to_come_back(client: httpx.Client) -> None:
    with server(answer_of("503 Service Unavailable", "Retry-After: 7")) as url:
        error = error_of(client, "GET", url)

    assert isinstance(error, Unavailable)
    assert error.retry_after_seconds == 7


def test_without_a_connection_nothing_was_done(client: httpx.Client) -> None:
    assert type(error_of(client, "POST", "http://127.0.0.1:1/")) is Unavailable
    assert type(error_of(client, "POST", "http://nowhere.invalid/")) is Unavailable


def test_an_address_that_is_not_http_is_misconfigured(client: httpx.Client) -> None:
    assert type(error_of(client, "GET", "gateway.example/v1")) is Misconfigured
    assert type(error_of(client, "GET", "ftp://gateway.example/v1")) is Misconfigured


def test_an_adapter_may_know_better(client: httpx.Client) -> None:
    def narrow(response: httpx.Response) -> OutsideError | None:
        return Unavailable("Still at work.") if response.status_code == 409 else None

    for status, expected in (("409 Conflict", Unavailable), ("404 Not Found", Refused)):
        with server(answer_of(status)) as url, pytest.raises(expected):
            send(client, client.build_request("POST", url), narrow=narrow)


def test_the_log_gets_the_beginning_of_the_answer(client: httpx.Client) -> None:
    with server(answer_of("400 Bad Request", body="x" * 5000)) as url:
        error = error_of(client, "POST", url)

    assert error.facts["body"] == "x" * 2000


def test_throttling_says_when_to_come_back(client: httpx.Client) -> None:
    with server(answer_of("429 Too Many Requests", "Retry-After: 7")) as url:
        error = error_of(client, "POST", url)

    assert isinstance(error, Unavailable)
    assert error.retry_after_seconds == 7


@pytest.mark.parametrize("value", ["", "soon", "-1", "1.5", "²", "Sat, 99 Nov 2026 10:00:00 GMT"])
def test_a_pause_that_cannot_be_read_is_none(value: str) -> None:
    headers = [(b"Retry-After", value.encode())]

    assert retry_after(httpx.Response(429, headers=headers)) is None


def test_a_pause_may_be_a_date_and_is_never_longer_than_a_day() -> None:
    def pause(value: str) -> float | None:
        return retry_after(httpx.Response(429, headers={"Retry-After": value}))

    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert pause(soon) == pytest.approx(30, abs=2)
    assert pause("Sat, 01 Jan 2000 00:00:00 GMT") == 0
    assert pause("Sat, 01 Jan 2000 00:00:00 -0000") == 0
    assert pause("9" * 400) == 86400


def test_all_that_is_asked_within_a_time_has_that_together() -> None:
    with server(b"", silent=True) as address, new_client(timeout_seconds=20) as client:
        began = time.monotonic()
        with within(0.3):
            for _ in range(3):
                with pytest.raises(Unavailable):
                    send(client, client.build_request("GET", address))
        took = time.monotonic() - began

    assert took < 4


def test_when_no_time_is_left_nothing_is_sent_at_all() -> None:
    with new_client() as client, within(0), pytest.raises(Unavailable, match="too long in all"):
        send(client, client.build_request("POST", "http://127.0.0.1:9/"))
