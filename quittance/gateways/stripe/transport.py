"""The SDK's way out: through our client, with our time limits and our errors.

Imports the ``stripe`` package, which takes most of a second: import this module late.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Final

import httpx
import stripe

from quittance.core.errors import OutsideError, Refused, Unavailable
from quittance.gateways.stripe.credentials import Credentials
from quittance.httpclient.client import send

# What we were written and tested for; Stripe answers as on that day. Source: the package's own.
API_VERSION: Final = "2026-10-28.endive"
_SENT_HEADERS: Final = {"authorization", "stripe-version", "idempotency-key", "content-type"}
# The SDK's own log has what was sent, names and addresses of payers too; and it would keep a file
# with an id of this machine for its telemetry.
logging.getLogger("stripe").setLevel(logging.WARNING)
stripe.enable_telemetry = False
# The first request of the same key, or another that holds the same object, is still at work.
_AT_WORK: Final = {"idempotency_key_in_use", "lock_timeout"}


def new_api(credentials: Credentials, client: httpx.Client) -> stripe.StripeClient:
    """Return the SDK for one account; it sends each request once."""
    return stripe.StripeClient(
        credentials.api_key,
        stripe_version=API_VERSION,
        base_addresses={"api": credentials.address.rstrip("/")},
        max_network_retries=0,
        http_client=Transport(client),
    )


class Transport(stripe.HTTPClient):
    """Sends by our client. It raises ``OutsideError`` before the SDK sees a failure.

    Only what Stripe needs is sent: not the SDK's headers about this machine.
    """

    name = "quittance"

    def __init__(self, client: httpx.Client) -> None:
        super().__init__()
        self._client = client

    def request(  # type: ignore[override]  # the SDK's own clients leave out ``_usage`` too
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Send once and return body, status and headers."""
        kept = {
            name: value for name, value in (headers or {}).items() if name.lower() in _SENT_HEADERS
        }
        request = self._client.build_request(
            method.upper(), url, content=post_data or None, headers=kept
        )
        answer = send(self._client, request, narrow=_narrow)
        told = {name: value for name, value in answer.headers.items() if name != "stripe-notice"}
        return answer.text, answer.status_code, told

    def close(self) -> None:
        """Leave the client to whom it belongs."""


def _narrow(response: httpx.Response) -> OutsideError | None:
    """Say what an error body of Stripe's means. Source: docs.stripe.com/api/errors [docs]."""
    error = _error_in(response)
    code, facts = str(error.get("code") or ""), _facts(response, error)
    if response.status_code == 409:
        if code in _AT_WORK or error.get("type") == "idempotency_error":
            return Unavailable("The first request with this key is still at work.", **facts)
        return Unavailable("Another request holds the same object.", **facts)
    if response.status_code in {400, 402, 404}:
        return Refused(str(error.get("message") or "It refused the request."), **facts)
    return None


def _facts(response: httpx.Response, error: Mapping[str, Any]) -> dict[str, Any]:
    names = ("type", "code", "decline_code", "param")
    told = {name: error[name] for name in names if isinstance(error.get(name), str)}
    request_id = response.headers.get("Request-Id", "")
    return {"status": response.status_code, "request_id": request_id, **told}


def _error_in(response: httpx.Response) -> Mapping[str, Any]:
    try:
        error = json.loads(response.content)["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}
