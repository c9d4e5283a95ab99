"""What the control port makes happen to what is kept: by payers, banks and card networks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request

from sandbox.gateway import methods, savings
from sandbox.gateway.bodies import Field, one_of, pattern, read_fields, text
from sandbox.gateway.errors import invalid
from sandbox.gateway.numbers import BY_NUMBER
from sandbox.gateway.state import Sandbox
from sandbox.gateway.wallet import MONTH

Body = dict[str, Any]
Handler = Callable[[Sandbox, Request, Body], Awaitable[object]]


async def _save(sandbox: Sandbox, request: Request, body: Body) -> object:
    """Save as a payer does, without the page; 3-D Secure is answered as ``authenticate`` says."""
    asked = read_fields(
        body,
        {
            "number": Field(text(20)),
            "expires": Field(MONTH, required=False, default=methods.LATEST),
            "authenticate": Field(one_of("approve", "fail"), required=False),
        },
    )
    store, id_ = sandbox.store, request.path_params["id"]
    number = BY_NUMBER.get((savings.get(store, id_)["method"], asked["number"].replace(" ", "")))
    if number is None:
        raise invalid("This is no test number for this method.", "number")
    saving = savings.attempt(store, id_, number, asked["expires"])
    if saving["step"] == "authenticate" and asked["authenticate"]:
        saving = savings.authenticate(store, id_, approved=asked["authenticate"] == "approve")
    return savings.shown(store, saving, sandbox.public_url)


async def _renew(sandbox: Sandbox, request: Request, body: Body) -> object:
    """The card network's updater: a new expiry, perhaps a new number."""
    asked = read_fields(
        body,
        {
            "expires": Field(MONTH),
            "last4": Field(pattern("[0-9]{4}", "1881"), required=False, default=""),
        },
    )
    return methods.shown(
        sandbox.store, methods.renew(sandbox.store, request.path_params["id"], **asked)
    )


async def _close(sandbox: Sandbox, request: Request, _body: Body) -> object:
    """The bank closed the card or the account."""
    return methods.shown(
        sandbox.store, methods.end(sandbox.store, request.path_params["id"], "closed")
    )


async def _end_mandate(sandbox: Sandbox, request: Request, body: Body) -> object:
    """The payer told his bank that he revokes it."""
    code = read_fields(body, {"code": Field(text(40), required=False, default="R07")})["code"]
    return methods.mandate_shown(
        methods.end_mandate(sandbox.store, request.path_params["id"], code)
    )


HANDLERS: Final[list[tuple[str, str, Handler]]] = [
    ("POST", "/savings/{id}/save", _save),
    ("POST", "/saved_methods/{id}/renew", _renew),
    ("POST", "/saved_methods/{id}/close", _close),
    ("POST", "/mandates/{id}/end", _end_mandate),
]
