"""OAuth 2.0: a client's id and secret bring a token that ends after some hours."""

from __future__ import annotations

import base64
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.paypal.errors import ApiError
from sandbox.paypal.state import sandbox_of
from sandbox.paypal.store import Store
from sandbox.serving.clock import now

TOKEN_SECONDS = 32400  # nine hours, as PayPal's


async def give(request: Request) -> Response:
    """Answer ``POST /v1/oauth2/token``. Source: RFC 6749, section 4.4."""
    sandbox = sandbox_of(request)
    form = await request.form()
    if form.get("grant_type") != "client_credentials":
        said = {"error": "unsupported_grant_type", "error_description": "Grant Type is NULL"}
        return JSONResponse(said, 400)
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        key = base64.b64decode(encoded).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        key = ""
    account = sandbox.store.one("SELECT id FROM account WHERE api_key = ?", key)
    if account is None:
        said = {"error": "invalid_client", "error_description": "Client Authentication failed"}
        return JSONResponse(said, 401)
    token = f"A21AA{secrets.token_urlsafe(40)}"
    seconds = int(sandbox.store.setting("token_seconds", TOKEN_SECONDS))
    with sandbox.store.transaction():
        sandbox.store.insert("token", token=token, account_id=account["id"], until=now() + seconds)
    return JSONResponse(
        {
            "scope": "https://uri.paypal.com/services/payments/payment",
            "access_token": token,
            "token_type": "Bearer",
            "app_id": "APP-80W284485P519543T",
            "expires_in": seconds,
            "nonce": secrets.token_hex(8),
        }
    )


def account_of(store: Store, request: Request) -> str:
    """Return whose token a request carries. Raises ``ApiError`` 401."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    row = store.one("SELECT * FROM token WHERE token = ?", token.strip())
    if scheme.lower() != "bearer" or row is None or row["until"] < now():
        raise ApiError(401, "AUTHENTICATION_FAILURE")
    return str(row["account_id"])
