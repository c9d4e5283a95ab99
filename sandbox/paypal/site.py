"""The public side: the API and the payer's pages on one origin."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.paypal import api, certificates, page
from sandbox.paypal.errors import no_such_resource
from sandbox.paypal.pipeline import answer_of
from sandbox.paypal.state import Sandbox, sandbox_of


def new_app(sandbox: Sandbox) -> Starlette:
    """Return the public application."""
    routes = [*api.routes(), *page.routes(), Route(certificates.PATH, _certificates)]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _http_error})
    app.state.sandbox = sandbox
    return app


async def _certificates(request: Request) -> Response:
    return PlainTextResponse(sandbox_of(request).signer.chain)


async def _http_error(request: Request, error: Exception) -> Response:
    """Answer an unknown address in the API's own form."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if not request.url.path.startswith("/v"):
        return PlainTextResponse("There is no such page.", status)
    return answer_of(status, no_such_resource().body())
