"""The embedded fields: a script and a frame on an origin of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.gateway import charges, pageforms, payments, savings
from sandbox.gateway.bodies import Field, one_of, read_fields, read_json, text
from sandbox.gateway.embedding import subject_of
from sandbox.gateway.errors import ApiError
from sandbox.gateway.numbers import FAILURES
from sandbox.gateway.page import TEMPLATES, origin_of
from sandbox.gateway.pipeline import read_body
from sandbox.gateway.state import Sandbox, sandbox_of
from sandbox.gateway.store import Row
from sandbox.serving import pages

_STATIC: Final = Path(__file__).parent / "static"
_FORM: Final = {
    name: Field(text(100), required=False, default="")
    for name in ("number", "expiry", "cvc", "name", "routing", "account")
}


def new_app(sandbox: Sandbox) -> Starlette:
    """Return the application of the fields' origin."""
    files = {
        "/fields.js": _STATIC / "fields.js",
        "/frame.js": _STATIC / "frame.js",
        "/pay/page.css": pages.CSS,
    }
    app = Starlette(
        routes=[
            *[Route(path, _file(file)) for path, file in files.items()],
            Route("/frame/{token}", _answering(_frame), methods=["GET"]),
            Route("/frame/{token}/confirm", _answering(_confirm), methods=["POST"]),
            Route("/frame/{token}/authenticate", _answering(_authenticate), methods=["POST"]),
        ]
    )
    app.state.sandbox = sandbox
    return app


def _file(file: Path) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        return FileResponse(
            file,
            headers={
                "Access-Control-Allow-Origin": "*",  # a module of another origin needs it
                "Cross-Origin-Resource-Policy": "cross-origin",
                "Cache-Control": "no-cache",
            },
        )

    return answer


def _answering(
    handler: Callable[[Request, Sandbox, Row], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        sandbox = sandbox_of(request)
        try:
            subject = subject_of(sandbox.store, request.path_params["token"])
            return await handler(request, sandbox, subject)
        except ApiError as error:
            return JSONResponse(error.body(), error.status)
        finally:
            sandbox.wake.set()

    return answer


async def _frame(_request: Request, sandbox: Sandbox, subject: Row) -> Response:
    row = _row(sandbox, subject)
    page = TEMPLATES.get_template("frame.html").render(method=row["method"])
    return HTMLResponse(
        page,
        headers={
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                f" base-uri 'none'; frame-ancestors {origin_of(row['return_url'])}"
            ),
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _confirm(request: Request, sandbox: Sandbox, subject: Row) -> Response:
    """Take what was typed: the number goes from the frame to its own origin, nowhere else."""
    row = _row(sandbox, subject)
    form = read_fields(read_json(await read_body(request)), _FORM)
    read = pageforms.read(row["method"], form)
    if read.number is None:
        return JSONResponse({"errors": read.errors}, 422)
    if subject["kind"] == "payment":
        row = payments.attempt(sandbox.store, row, read.number, sandbox.pace, expires=read.expires)
    else:
        row = savings.attempt(sandbox.store, row["id"], read.number, read.expires)
    return JSONResponse(_told(row))


async def _authenticate(request: Request, sandbox: Sandbox, subject: Row) -> Response:
    """The payer answers his bank's question, in the frame."""
    said = read_fields(
        read_json(await read_body(request)), {"decision": Field(one_of("approve", "fail"))}
    )
    deed = payments.authenticate if subject["kind"] == "payment" else savings.authenticate
    row = deed(sandbox.store, subject["subject"], approved=said["decision"] == "approve")
    return JSONResponse(_told(row))


def _told(row: Row) -> dict[str, Any]:
    """Return what the frame is told; what is true, the merchant's server asks."""
    failure = FAILURES.get(row["failure_code"], "") if row["failure_code"] else ""
    return {"state": row["state"], "ask": row["step"] == "authenticate", "error": failure or None}


def _row(sandbox: Sandbox, subject: Row) -> Row:
    if subject["kind"] == "payment":
        payment = payments.get(sandbox.store, subject["subject"])
        if charges.charge_of(sandbox.store, payment["id"]) is not None:
            raise ApiError(409, "not_here", "This payment is not made in fields.")
        return payment
    return savings.get(sandbox.store, subject["subject"])
