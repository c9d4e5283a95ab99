"""The origin of the browser script: the stand-in for Stripe.js, and the frame with the inputs."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.serving.pages import css
from sandbox.stripe import api, verification
from sandbox.stripe.pipeline import BROWSER
from sandbox.stripe.rendering import STATIC, message, render
from sandbox.stripe.state import Sandbox, sandbox_of


def new_app(sandbox: Sandbox) -> Starlette:
    """Return the application; the inputs ask the API on their own origin."""
    app = Starlette(
        routes=[
            Route("/{release}/stripe.js", _script),
            Route("/fields", _fields),
            Route("/own/page.css", css),
            Mount("/own", StaticFiles(directory=STATIC)),
            Mount(BROWSER, routes=api.routes()),
        ],
        middleware=[  # the script asks from within the merchant's page
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=["GET", "POST"],
                allow_headers=["Authorization"],
            )
        ],
    )
    app.state.sandbox = sandbox
    return app


async def _script(_request: Request) -> Response:
    return FileResponse(STATIC / "stripe.js", media_type="text/javascript")


async def _fields(request: Request) -> Response:
    """The inputs for one intent, found by its client secret."""
    sandbox, secret = sandbox_of(request), request.query_params.get("secret", "")
    intent = sandbox.store.find(secret.partition("_secret_")[0])
    key = request.query_params.get("key", "")
    secret_key = f"sk_{key.removeprefix('pk_')}"
    account = sandbox.store.one("SELECT id FROM account WHERE api_key = ?", secret_key)
    wrong = intent is None or intent.shown.get("client_secret") != secret
    if intent is None or wrong or account is None or account["id"] != intent.account_id:
        return message("These fields do not work", "The key or the secret is wrong.", 400)
    kind = intent.shown["payment_method_types"][0]
    instant = verification.is_instant(intent)
    return render(
        "fields.html", framed=True, title="Payment", kind=kind, instant=instant, api=BROWSER
    )
