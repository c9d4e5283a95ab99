"""The public side: the API and the hosted page on one origin."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.gateway import api, page, savepage
from sandbox.gateway.errors import ApiError
from sandbox.gateway.state import Sandbox


def new_app(sandbox: Sandbox) -> Starlette:
    """Return the public application."""
    app = Starlette(
        routes=[*api.routes(), *page.routes(), *savepage.routes()],
        exception_handlers={HTTPException: _http_error},
    )
    app.state.sandbox = sandbox
    return app


async def _http_error(request: Request, error: Exception) -> Response:
    """Answer an unknown address or method in the API's own form."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if not request.url.path.startswith("/v1"):
        return PlainTextResponse("There is no such page.", status)
    code = "method_not_allowed" if status == 405 else "not_found"
    problem = ApiError(status, code, f"There is no {request.method} {request.url.path}.")
    return JSONResponse(problem.body(), status)
