"""The one way out: every failure becomes one of the outside errors."""

from __future__ import annotations

import contextlib
import email.utils
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx

from quittance.core.errors import (
    Misconfigured,
    OutcomeUnknown,
    OutsideError,
    Refused,
    Unavailable,
)
from quittance.httpclient.public import plain_transport, public_transport
from quittance.httpclient.within import seconds_left, shorten, within

Narrow = Callable[[httpx.Response], OutsideError | None]
_FACT_CHARACTERS = 2000  # enough of an answer for the log, never a whole page
_LONGEST_PAUSE = 86400.0  # seconds
MOST_BYTES = 64 * 1024 * 1024
_BROKE = "The connection broke after we had sent."


def new_client(
    *, timeout_seconds: float = 20, connections: int = 5, public_only: bool = False
) -> httpx.Client:
    """Return a client that follows no redirect, trusts no proxy of the environment, and stops.

    With ``public_only`` it raises ``Misconfigured`` for a host that leads into an inner network.
    """
    transport = public_transport if public_only else plain_transport
    return httpx.Client(
        timeout=httpx.Timeout(timeout_seconds, connect=5),
        transport=transport(
            limits=httpx.Limits(max_connections=connections), verify=_certificates()
        ),
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": "quittance"},
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Whom we trust, the same for every client: reading it takes longer than most calls."""
    return httpx.create_ssl_context(trust_env=False)


def send(
    client: httpx.Client,
    request: httpx.Request,
    *,
    narrow: Narrow | None = None,
    most_bytes: int = MOST_BYTES,
) -> httpx.Response:
    """Send ``request`` once. A safe method may be repeated by the caller, a POST may not.

    An answer of more than ``most_bytes`` is broken off, and so is one that takes longer than twice
    the request's time limit in all: that limit alone would let a server drip for ever. Inside of
    ``within`` no request has more time than is left there.

    ``narrow`` looks at an answer that is no success and returns the error that an adapter knows
    it to be, or ``None`` for the usual one.

    Raises one ``OutsideError``: never ``httpx``'s own errors, never ``None`` for a failure.
    """
    shorten(request)
    reading = request.method in {"GET", "HEAD"}
    lost = Unavailable if reading else OutcomeUnknown
    patience = request.extensions.get("timeout", {}).get("read")
    waits = [each for each in (2 * patience if patience else None, seconds_left()) if each]
    ends = time.monotonic() + min(waits, default=float("inf"))
    try:
        with within(2 * patience) if patience else contextlib.nullcontext():
            response = _read(client.send(request, stream=True), most_bytes)
    except httpx.UnsupportedProtocol as error:
        raise Misconfigured("The address must begin with http:// or https://.") from error
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise Unavailable("No connection was made.", host=request.url.host) from error
    except _BrokenOff as error:
        raise lost(str(error), host=request.url.host) from error
    except httpx.RequestError as error:
        late = time.monotonic() >= ends
        what = "Its answer did not come to an end in time." if late else _BROKE
        raise lost(what, host=request.url.host) from error
    if response.is_success:
        return response
    raise (narrow(response) if narrow is not None else None) or error_for(response, lost)


class _BrokenOff(Exception):
    """We stopped reading; the message says why."""


def _read(response: httpx.Response, most_bytes: int) -> httpx.Response:
    """Read the answer within its limits and return it whole."""
    body = bytearray()
    with contextlib.closing(response):
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > most_bytes:
                raise _BrokenOff(f"Its answer has more than {most_bytes} bytes.")
    headers = [
        (name, value)
        for name, value in response.headers.multi_items()
        if name not in {"content-encoding", "content-length", "transfer-encoding"}
    ]
    return httpx.Response(
        response.status_code, headers=headers, content=bytes(body), request=response.request
    )


def error_for(response: httpx.Response, lost: type[OutsideError]) -> OutsideError:
    """Return the error for an answer that is not a success; ``lost`` when it may have acted."""
    facts: dict[str, Any] = {
        "host": response.url.host,
        "status": response.status_code,
        "body": response.text[:_FACT_CHARACTERS],
    }
    match response.status_code:
        case 401 | 403:
            return Misconfigured("Our credentials were not accepted.", **facts)
        case 429:
            return Unavailable(
                "It asks us to come back later.", retry_after_seconds=retry_after(response), **facts
            )
        case status if status >= 500 or status == 408:
            error = lost("It failed while it was working.", **facts)
            if isinstance(error, Unavailable):
                error.retry_after_seconds = retry_after(response)
            return error
        case _:
            return Refused("It refused the request.", **facts)


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds of a ``Retry-After`` header in either form, at most a day, or ``None``.

    Source: RFC 9110, section 10.2.3.
    """
    value = response.headers.get("Retry-After", "")
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_PAUSE)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:  # the form "-0000": a time in UTC from an unknown zone
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), _LONGEST_PAUSE)
