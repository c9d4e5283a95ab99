"""The hosted page where a payer saves a card or a bank account."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.gateway import methods, pageforms, savings, tokens
from sandbox.gateway.errors import ApiError
from sandbox.gateway.numbers import FAILURES, NUMBERS, ROUTING_NUMBER
from sandbox.gateway.page import back_to, read_form, rendered
from sandbox.gateway.state import Sandbox, sandbox_of
from sandbox.gateway.store import Row

Handler = Callable[[Request, Sandbox, Row], Awaitable[Response]]
_TITLES: Final = {
    "open": "Not saved yet",
    "verifying": "Your bank account must be verified",
    "saved": "It was saved",
    "failed": "It was not saved",
    "cancelled": "It was not saved",
}


def routes() -> list[Route]:
    """Return the page's addresses."""
    return [
        Route("/save/{id}", _page(_show), methods=["GET"]),
        Route("/save/{id}", _page(_save), methods=["POST"]),
        Route("/save/{id}/authenticate", _page(_answer), methods=["POST"]),
    ]


def _page(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        sandbox = sandbox_of(request)
        try:
            saving = savings.get(sandbox.store, request.path_params["id"])
            return await handler(request, sandbox, saving)
        except ApiError as error:
            text = "Go back to the shop and start again."
            return rendered(
                "message.html", "", error.status, title=str(error), text=text, link="", label=""
            )
        finally:
            sandbox.wake.set()

    return answer


async def _show(request: Request, sandbox: Sandbox, saving: Row) -> Response:
    if saving["state"] != "open":
        return _closed(saving)
    return _form(request, sandbox, saving, form={}, errors={})


async def _save(request: Request, sandbox: Sandbox, saving: Row) -> Response:
    form = await _own_form(request, saving)
    if saving["state"] != "open":
        return _closed(saving)
    read = pageforms.read(saving["method"], form)
    if read.number is None:
        return _form(request, sandbox, saving, form=form, errors=read.errors)
    return _go_on(savings.attempt(sandbox.store, saving["id"], read.number, read.expires))


async def _answer(request: Request, sandbox: Sandbox, saving: Row) -> Response:
    form = await _own_form(request, saving)
    approved = form.get("decision") == "approve"
    return _go_on(savings.authenticate(sandbox.store, saving["id"], approved=approved))


async def _own_form(request: Request, saving: Row) -> dict[str, str]:
    """Return a form that was sent from this page, in the browser that was shown it."""
    form = await read_form(request)
    visitor = request.cookies.get(tokens.COOKIE, "")
    if not visitor or form.get("token") != _token(saving, visitor):
        raise ApiError(403, "foreign", "This form is not from your browser.")
    return form


def _token(saving: Row, visitor: str) -> str:
    return hashlib.sha256(f"{saving['id']} {visitor}".encode()).hexdigest()


def _go_on(saving: Row) -> Response:
    if saving["state"] in {"saved", "verifying"}:
        return RedirectResponse(back_to(saving["return_url"], "saving", saving["id"]), 303)
    return RedirectResponse(f"/save/{saving['id']}", 303)


def _closed(saving: Row) -> Response:
    link = back_to(saving["return_url"], "saving", saving["id"])
    text = FAILURES.get(saving["failure_code"], "")
    facts = {"title": _TITLES[saving["state"]], "text": text, "link": link, "label": "Continue"}
    return rendered("message.html", saving["return_url"], 200, **facts)


def _form(
    request: Request,
    sandbox: Sandbox,
    saving: Row,
    *,
    form: Mapping[str, str],
    errors: Mapping[str, str],
) -> Response:
    visitor = request.cookies.get(tokens.COOKIE) or tokens.new_visitor()
    account = sandbox.store.one("SELECT name FROM account WHERE id = ?", saving["account_id"])
    facts: dict[str, Any] = {
        "saving": saving,
        "account": account["name"] if account else "",
        "token": _token(saving, visitor),
        "text_version": methods.read_consent(saving)["text_version"],
        "form": {name: value for name, value in form.items() if name != "cvc"},
        "errors": errors,
        "declined": FAILURES.get(saving["failure_code"], "") if not errors else "",
        "numbers": [number for number in NUMBERS if number.method == saving["method"]],
        "routing_number": ROUTING_NUMBER,
        "cancel_url": back_to(saving["cancel_url"], "saving", saving["id"]),
    }
    template = "save_ask.html" if saving["step"] == "authenticate" else "save.html"
    response = rendered(template, saving["return_url"], 422 if errors else 200, **facts)
    response.set_cookie(tokens.COOKIE, visitor, path="/save", httponly=True, samesite="lax")
    return response
