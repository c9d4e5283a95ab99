"""The public side: the API and the hosted pages on one origin."""

from __future__ import annotations

import json

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from sandbox.stripe import api, page
from sandbox.stripe.errors import StripeError
from sandbox.stripe.pipeline import answer_of
from sandbox.stripe.state import Sandbox
from sandbox.stripe.store import new_id


def new_app(sandbox: Sandbox) -> Starlette:
    """Return the public application."""
    app = Starlette(
        routes=[*api.routes(), *page.routes()], exception_handlers={HTTPException: _http_error}
    )
    app.state.sandbox = sandbox
    return app


async def _http_error(request: Request, error: Exception) -> Response:
    """Answer an unknown address or method in the API's own form."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if not request.url.path.startswith("/v1"):
        return PlainTextResponse("There is no such page.", status)
    request_id = new_id("req", 14)
    message = f"Unrecognized request URL ({request.method}: {request.url.path})."
    problem = StripeError(404, "invalid_request_error", message)
    return answer_of(request_id, 404, json.dumps(problem.body(request_id)))
