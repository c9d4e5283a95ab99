"""Calls to PayPal's API: a token first, then questions and deeds."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

import httpx
import msgspec

from quittance.core.errors import Misconfigured, OutcomeUnknown, OutsideError, Refused, Unavailable
from quittance.gateways.paypal.credentials import Credentials
from quittance.httpclient.answers import decoded
from quittance.httpclient.client import send

T = TypeVar("T")
_EARLY_SECONDS: Final = 60  # before its end a token is not used any more
_AT_WORK: Final = {"PREVIOUS_REQUEST_IN_PROGRESS", "ORDER_COMPLETION_IN_PROGRESS"}


class Token(msgspec.Struct, frozen=True):
    """What opens the API for some hours."""

    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    expires_in: int


class Detail(msgspec.Struct, frozen=True):
    """One issue of an error."""

    issue: str = ""
    description: str = ""


class Problem(msgspec.Struct, frozen=True):
    """An answer that is no success."""

    name: str = ""
    message: str = ""
    debug_id: str = ""  # PayPal's support asks for it
    details: list[Detail] = msgspec.field(default_factory=list)


class Calls:
    """One account's calls. They raise ``OutsideError`` and nothing else."""

    def __init__(self, credentials: Credentials, client: httpx.Client) -> None:
        self._credentials = credentials
        self._client = client
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = 0.0

    def read(self, path: str, shape: type[T], **query: str) -> T:
        """Ask a question."""
        return decoded(self._sent("GET", path, params=query), shape, Unavailable)

    def find(self, path: str, shape: type[T]) -> T | None:
        """Ask for an object; ``None`` when PayPal has no such one, or has forgotten it."""
        try:
            return self.read(path, shape)
        except Refused as error:
            if not is_unknown(error):
                raise
            return None

    def write(self, path: str, shape: type[T], content: object, *, key: str = "") -> T:
        """Ask for a deed, and for the whole of what it made; ``key`` is the PayPal-Request-Id."""
        headers = {"Prefer": "return=representation"} | ({"PayPal-Request-Id": key} if key else {})
        answer = self._sent("POST", path, json=content, headers=headers)
        return decoded(answer, shape, OutcomeUnknown)

    def change(self, path: str, patches: list[dict[str, str]]) -> None:
        """Change an object in place (JSON Patch); all of it or nothing."""
        self._sent("PATCH", path, json=patches)

    def remove(self, path: str) -> None:
        """Delete an object; one that is gone already is no error."""
        try:
            self._sent("DELETE", path)
        except Refused as error:
            if not is_unknown(error):
                raise

    def fetch(self, url: str) -> bytes:
        """Return what lies at an address of PayPal's, without showing our token there."""
        return send(self._client, self._client.build_request("GET", url), most_bytes=2**16).content

    def _sent(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Send with a token. One that PayPal does not know any more is replaced, once: a 401 says
        that nothing was done.
        """
        token = self._current()
        try:
            return self._send_once(method, path, token, headers or {}, more)
        except Misconfigured as error:
            if error.facts.get("status") != 401:
                raise
            return self._send_once(
                method, path, self._current(instead_of=token), headers or {}, more
            )

    def _send_once(
        self, method: str, path: str, token: str, headers: Mapping[str, str], more: dict[str, Any]
    ) -> httpx.Response:
        request = self._client.build_request(
            method,
            self._credentials.root + path,
            headers={**headers, "Authorization": f"Bearer {token}"},
            **more,
        )
        return send(self._client, request, narrow=_narrow)

    def _current(self, *, instead_of: str = "") -> str:
        """Return a token that is good for a while; a lost answer has given us nothing, surely."""
        with self._lock:
            if time.monotonic() < self._good_until and self._token != instead_of:
                return self._token
            request = self._client.build_request(
                "POST",
                f"{self._credentials.root}/v1/oauth2/token",
                data={"grant_type": "client_credentials"},
                headers={"Authorization": _basic(self._credentials)},
            )
            try:
                made = decoded(send(self._client, request), Token, Unavailable)
            except OutcomeUnknown as error:
                raise later(error) from error
            except Refused as error:
                raise Misconfigured("PayPal gave us no token.", **error.facts) from error
            self._token = made.access_token
            self._good_until = time.monotonic() + made.expires_in - _EARLY_SECONDS
            return self._token


def _basic(credentials: Credentials) -> str:
    auth = httpx.BasicAuth(credentials.client_id, credentials.client_secret)
    request = next(auth.auth_flow(httpx.Request("POST", credentials.root)))
    return str(request.headers["Authorization"])


def _narrow(response: httpx.Response) -> OutsideError | None:
    """Say what PayPal's issue means. Its own words go into the message, for the AR team and log."""
    if response.status_code not in {400, 403, 404, 409, 422}:
        return None
    try:
        problem = msgspec.json.decode(response.content, type=Problem)
    except (msgspec.MsgspecError, ValueError):
        return None
    issue = problem.details[0].issue if problem.details else problem.name
    facts: dict[str, Any] = {
        "status": response.status_code,
        "issue": issue,
        "debug_id": problem.debug_id,
    }
    if issue in _AT_WORK or response.status_code == 409:
        return Unavailable("The first request of this kind is still at work.", **facts)
    words = problem.details[0].description if problem.details else problem.message
    text = f"{issue}: {words}" if words and words != issue else issue
    if response.status_code == 403:
        return Misconfigured(
            f"PayPal does not allow it. Switch the feature on in the REST app. ({text})", **facts
        )
    return Refused(text or "PayPal refused the request.", **facts)


def later(error: OutsideError) -> Unavailable:
    """Return the error for a lost answer that has done no harm: ask again."""
    facts = {name: fact for name, fact in error.facts.items() if isinstance(fact, str | int)}
    return Unavailable(str(error), retry_after_seconds=None, **facts)


def issue_of(error: OutsideError) -> str:
    """Return PayPal's word for why it refused; "" when it said none."""
    return str(error.facts.get("issue", ""))


def is_unknown(error: OutsideError) -> bool:
    """Whether PayPal has no such object, or has forgotten it."""
    return error.facts.get("status") == 404
