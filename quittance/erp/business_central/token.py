"""Signs in: a token of our own, kept until shortly before it expires."""

from __future__ import annotations

import threading
import time
from typing import Final

import httpx
import msgspec

from quittance.core.errors import Misconfigured, OutcomeUnknown, OutsideError, Unavailable
from quittance.erp.business_central.credentials import Credentials
from quittance.httpclient.client import send

_SCOPE: Final = "https://api.businesscentral.dynamics.com/.default"
_EARLY_SECONDS: Final = 300
_SILENT: Final = "The sign-in of Microsoft Entra gave us no token. Nothing was changed."

# Codes of Microsoft Entra: which setting is wrong, and what to do.
_WRONG: Final = {
    "AADSTS7000215": (
        "client_secret",
        "The client secret is wrong. Copy the secret's value (not its id) in the registration.",
    ),
    "AADSTS7000222": (
        "client_secret",
        "The client secret has expired. Make a new one in the app registration.",
    ),
    "AADSTS700016": (
        "client_id",
        "The tenant does not know this client id. Check it, and that the app is registered there.",
    ),
    "AADSTS90002": ("tenant", "There is no such tenant. Check its domain or directory id."),
    "AADSTS900023": ("tenant", "This is no tenant's domain or directory id."),
    "AADSTS500011": (
        "tenant",
        "The tenant has no Business Central, or nobody consented to the app's permission.",
    ),
}


class _Granted(msgspec.Struct):
    access_token: str
    expires_in: int


class _Denied(msgspec.Struct):
    error: str = ""
    error_description: str = ""


class Token:
    """The application's access token. May be used from several threads."""

    def __init__(self, credentials: Credentials, client: httpx.Client) -> None:
        self._credentials = credentials
        self._client = client
        self._lock = threading.Lock()
        self._value = ""
        self._expires = 0.0  # on the clock of ``time.monotonic``

    def value(self) -> str:
        """Return a token that is good for some minutes.

        Raises ``Misconfigured`` naming the wrong setting (fact ``field``), or ``Unavailable``.
        """
        with self._lock:
            if not self._value or time.monotonic() >= self._expires:
                granted = self._ask()
                self._value = granted.access_token
                self._expires = time.monotonic() + granted.expires_in - _EARLY_SECONDS
            return self._value

    def forget(self, value: str) -> None:
        """Drop ``value``, which was not accepted, unless a newer one has come meanwhile."""
        with self._lock:
            if self._value == value:
                self._value = ""

    def _ask(self) -> _Granted:
        request = self._client.build_request(
            "POST",
            self._credentials.token_address,
            data={
                "grant_type": "client_credentials",
                "client_id": self._credentials.client_id,
                "client_secret": self._credentials.client_secret,
                "scope": _SCOPE,
            },
            headers={"Accept": "application/json"},
        )
        try:
            answer = send(self._client, request, narrow=_explained)
        except OutcomeUnknown as error:
            # Signing in changes nothing, so a lost answer is no doubt.
            raise Unavailable(_SILENT, host=request.url.host) from error
        try:
            return msgspec.json.decode(answer.content, type=_Granted)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise Unavailable(_SILENT, host=request.url.host) from error


def _explained(response: httpx.Response) -> OutsideError | None:
    """Name the wrong setting."""
    if response.status_code >= 500 or response.status_code in {408, 429}:
        return None
    try:
        denied = msgspec.json.decode(response.content, type=_Denied)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        denied = _Denied()
    code = denied.error_description.split(":", 1)[0].strip()
    field, sentence = _WRONG.get(code, ("", ""))
    if not sentence and denied.error in {"invalid_client", "unauthorized_client"}:
        field, sentence = "client_id", "The client id or the client secret is wrong."
    if not sentence:
        field, sentence = "tenant", "The sign-in refused us. Check tenant, client id and secret."
    return Misconfigured(
        sentence,
        field=field,
        code=(code or denied.error)[:100],
        host=response.url.host,
        status=response.status_code,
    )
