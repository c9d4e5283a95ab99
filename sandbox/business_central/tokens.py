"""Gives out access tokens like Microsoft Entra and reads them back (facts, section 5)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from starlette.responses import JSONResponse, Response

from sandbox.business_central import moments
from sandbox.business_central.errors import ApiError

TENANT = "contoso.example"
ENVIRONMENT = "production"
SECRET = "sandbox-secret"  # noqa: S105 the documented secret of a demo
SCOPE = "https://api.businesscentral.dynamics.com/.default"
_SIGNING_KEY = b"a sandbox's tokens protect nothing"

FULL, NOTHING, NO_CARD, READ_ONLY = "full", "nothing", "no-card", "read-only"
POSTED_ONLY = "posted-only"
CLIENTS = {
    "11111111-1111-1111-1111-111111111111": FULL,
    "22222222-2222-2222-2222-222222222222": NOTHING,  # the application has no permission set
    "33333333-3333-3333-3333-333333333333": NO_CARD,  # Business Central does not know it
    "44444444-4444-4444-4444-444444444444": READ_ONLY,
    "55555555-5555-5555-5555-555555555555": POSTED_ONLY,  # no right to read Sales Header
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the application and what it may do."""

    client_id: str
    may: str


_NO_TENANT = (
    "Tenant '{}' not found. Check to make sure you have the correct tenant ID and are signing into"
    " the correct cloud."
)
_MISSING = "The request body must contain the following parameter: {}."
_NO_CLIENT = "Application with identifier '{}' was not found in the directory '{}'."
_BAD_CLIENT = (
    "Invalid client secret provided. Ensure the secret being sent in the request is the client"
    " secret value, not the client secret ID, for a secret added to app '{}'."
)
_WRONG_SCOPE = "The provided request must include a 'scope' input parameter. {} is not valid."


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    error: str
    number: int
    text: str


def issue(tenant: str, body: bytes, authorization: str, *, lifetime: int) -> Response:
    """Answer the token endpoint: a token, or Entra's error for what is wrong."""
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    form |= _basic(authorization)
    refusal = _refusal(tenant, form)
    if refusal is not None:
        return _refused(refusal)
    return JSONResponse(
        {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": sign(tenant, form["client_id"], _seconds() + lifetime),
        },
        headers={"Cache-Control": "no-store"},
    )


def _basic(authorization: str) -> dict[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client, _, secret = base64.b64decode(encoded).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": unquote(client), "client_secret": unquote(secret)}


def _refusal(tenant: str, form: dict[str, str]) -> _Refusal | None:
    """The first thing that is wrong, in the order in which Entra looks."""
    client = form.get("client_id", "")
    secret = form.get("client_secret", "")
    missing = [name for name in ("grant_type", "client_id", "scope") if not form.get(name)]
    checks = (
        (tenant != TENANT, _Refusal(400, "invalid_request", 90002, _NO_TENANT.format(tenant))),
        (bool(missing), _Refusal(400, "invalid_request", 900144, _MISSING.format(missing))),
        (
            form.get("grant_type") != "client_credentials",
            _Refusal(400, "unsupported_grant_type", 70003, "The grant type is not supported."),
        ),
        (
            client not in CLIENTS,
            _Refusal(400, "unauthorized_client", 700016, _NO_CLIENT.format(client, tenant)),
        ),
        (
            not hmac.compare_digest(secret.encode(), SECRET.encode()),
            _Refusal(401, "invalid_client", 7000215, _BAD_CLIENT.format(client)),
        ),
        (
            form.get("scope") != SCOPE,
            _Refusal(400, "invalid_scope", 70011, _WRONG_SCOPE.format(form.get("scope"))),
        ),
    )
    return next((refusal for wrong, refusal in checks if wrong), None)


def _refused(refusal: _Refusal) -> Response:
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    moment = f"{moments.present():%Y-%m-%d %H:%M:%SZ}"
    return JSONResponse(
        {
            "error": refusal.error,
            "error_description": f"AADSTS{refusal.number}: {refusal.text} Trace ID: {trace}"
            f" Correlation ID: {correlation} Timestamp: {moment}",
            "error_codes": [refusal.number],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
        },
        status_code=refusal.status,
    )


def _mac(payload: str) -> str:
    return hmac.new(_SIGNING_KEY, payload.encode(), hashlib.sha256).hexdigest()


def _seconds() -> int:
    return int(moments.present().timestamp())


def sign(tenant: str, client: str, expires: int) -> str:
    """A token carries its own end, so that it outlives a restart of the server."""
    claims = json.dumps({"tid": tenant, "appid": client, "exp": expires, "uti": uuid.uuid4().hex})
    payload = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    return f"{payload}.{_mac(payload)}"


def caller(authorization: str, tenant: str) -> Caller:
    """Read the Authorization header. Raises 401 for a token that is wrong, old or unwanted."""
    scheme, _, token = authorization.partition(" ")
    payload, _, mac = token.partition(".")
    if scheme.lower() != "bearer" or not hmac.compare_digest(mac.encode(), _mac(payload).encode()):
        raise _unauthorized()
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    if claims["exp"] <= _seconds() or (tenant and claims["tid"] != tenant):
        raise _unauthorized()
    may = CLIENTS[claims["appid"]]
    if may == NO_CARD:
        raise _unauthorized()
    return Caller(claims["appid"], may)


def application_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Whose token a request carries, by its word alone; "" for none. Limits are counted by it."""
    given = dict(headers).get(b"authorization", b"").decode("latin-1")
    payload = given.partition(" ")[2].partition(".")[0]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["appid"])
    except (ValueError, KeyError, TypeError):
        return ""


def _unauthorized() -> ApiError:
    return ApiError(
        401,
        "Authentication_InvalidCredentials",
        "The server has rejected the client credentials.",
    )
