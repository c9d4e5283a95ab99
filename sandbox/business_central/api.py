"""The public listener: tokens, the API's two address forms, errors in the server's own shape."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.business_central import batch, errors, ledger_page, routing, tokens
from sandbox.business_central.call import Call
from sandbox.business_central.copies import Replica
from sandbox.business_central.database import Database
from sandbox.business_central.errors import ApiError
from sandbox.business_central.ledger_page import Published
from sandbox.business_central.odata import options

_METHODS = ["GET", "POST", "PATCH", "DELETE", "PUT"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the command line decides for the API."""

    page: int = 20_000
    token_lifetime: int = 3599


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What the control port can change while the API answers."""

    database: Database
    replica: Replica
    published: Published
    others: Mapping[str, Database] = field(default_factory=dict)


def application(stores: Stores, settings: Settings) -> Starlette:
    """Make the application that answers on the public port."""

    async def token(request: Request) -> Response:
        return tokens.issue(
            request.path_params["tenant"],
            await request.body(),
            request.headers.get("authorization", ""),
            lifetime=settings.token_lifetime,
        )

    async def api(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_answer, request, body, stores, settings)

    root, place = "/api/v2.0", "/v2.0/{tenant}/{environment}"
    return Starlette(
        routes=[
            Route("/{tenant}/oauth2/v2.0/token", token, methods=["POST"]),
            Route(f"{place}{root}", api, methods=_METHODS),
            Route(f"{place}{root}/{{path:path}}", api, methods=_METHODS),
            Route(f"/v2.0/{{environment}}{root}/{{path:path}}", api, methods=_METHODS),
            Route(f"{place}/ODataV4/{{path:path}}", api, methods=_METHODS),
        ]
    )


def _answer(request: Request, body: bytes, stores: Stores, settings: Settings) -> Response:
    def answer() -> Response:
        call = _call(request, body, stores, settings)
        if call.base.endswith("/ODataV4"):
            return ledger_page.respond(call, stores.published.name)
        if call.path == "$batch":
            return batch.respond(call, lambda inner: _guarded(lambda: routing.respond(inner)))
        return routing.respond(call)

    return _guarded(answer)


def _guarded(answer: Callable[[], Response]) -> Response:
    """Turn what goes wrong into the server's own error answer."""
    try:
        return answer()
    except ApiError as error:
        return errors.answer(error)
    except Exception:  # noqa: BLE001 the last line of the server: the client gets an answer
        _log.exception("An answer failed.")
        return errors.answer(ApiError(500, "Internal_ServerError", "An internal error occurred."))


def _call(request: Request, body: bytes, stores: Stores, settings: Settings) -> Call:
    tenant = request.path_params.get("tenant", "")
    environment = request.path_params["environment"]
    if environment.lower() != tokens.ENVIRONMENT or tenant not in {"", tokens.TENANT}:
        raise ApiError(404, "NoEnvironment", f"Environment '{environment}' does not exist.")
    # The path as it was sent: a key may hold an encoded slash.
    raw = request.scope["raw_path"].decode("ascii").partition("?")[0]
    before, mark, path = raw.partition("/api/v2.0" if "/api/v2.0" in raw else "/ODataV4")
    return Call(
        method=request.method,
        base=f"{request.url.scheme}://{request.url.netloc}{before}{mark}",
        path=path.strip("/"),
        options=options.pairs(request.url.query),
        headers=request.headers,
        body=body,
        caller=tokens.caller(request.headers.get("authorization", ""), tenant),
        database=stores.replica.database_for(request.method, request.headers),
        page=settings.page,
        others=stores.others,
    )
