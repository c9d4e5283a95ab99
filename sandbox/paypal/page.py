"""PayPal's pages for the payer: he agrees to an order or to be charged later, or turns back."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.paypal import orders, vault
from sandbox.paypal.errors import ApiError
from sandbox.paypal.state import Sandbox, sandbox_of
from sandbox.paypal.store import Thing
from sandbox.serving.pages import templates

_HERE: Final = Path(__file__).parent
_CSS: Final = _HERE / "static" / "page.css"
_TEMPLATES: Final = templates(_HERE / "templates")
FUNDINGS: Final = {
    "balance": "PayPal balance",
    "declined": "A card that the bank declines",
    "echeck": "A bank account: the money comes some days later",
    "echeck_denied": "A bank account without money: it is denied some days later",
    "action": "A card whose bank asks for the payer again",
    "closed": "An account that PayPal has closed",
}
_PAYER_ID: Final = "QYR5Z8XDVJNXQ"


def routes() -> list[Route]:
    """Return the pages' addresses."""
    return [
        Route("/checkoutnow/page.css", _css),
        Route("/checkoutnow", _show_order, methods=["GET"]),
        Route("/checkoutnow", _decide_order, methods=["POST"]),
        Route("/agreements/approve", _show_setup, methods=["GET"]),
        Route("/agreements/approve", _decide_setup, methods=["POST"]),
    ]


async def _css(_request: Request) -> Response:
    return FileResponse(_CSS)


async def _show_order(request: Request) -> Response:
    sandbox = sandbox_of(request)
    try:
        order = orders.get(sandbox.store, request.query_params.get("token", ""))
    except ApiError:
        return _gone()
    unit = order.shown["purchase_units"][0]
    amount = f"{unit['amount']['value']} {unit['amount']['currency_code']}"
    return _page(
        sandbox,
        order,
        action="/checkoutnow",
        title=f"Pay {amount}",
        description=unit.get("description", ""),
    )


async def _decide_order(request: Request) -> Response:
    sandbox, form = sandbox_of(request), await request.form()
    try:
        order = orders.get(sandbox.store, str(form.get("token")))
        if form.get("decision") != "approve":
            return _back(order.hidden["cancel_url"], token=order.id)
        with sandbox.store.transaction():
            orders.approve(sandbox.store, order.id, funding=_funding(form.get("funding")))
    except ApiError:
        return _gone()
    finally:
        sandbox.wake.set()
    return _back(order.hidden["return_url"], token=order.id, PayerID=_PAYER_ID)


async def _show_setup(request: Request) -> Response:
    sandbox = sandbox_of(request)
    try:
        token = vault.get_setup(sandbox.store, request.query_params.get("approval_session_id", ""))
    except ApiError:
        return _gone()
    return _page(
        sandbox,
        token,
        action="/agreements/approve",
        title="Pay this seller with PayPal in future",
        description="The seller may charge your account later.",
    )


async def _decide_setup(request: Request) -> Response:
    sandbox, form = sandbox_of(request), await request.form()
    try:
        token = vault.get_setup(sandbox.store, str(form.get("token")))
        if form.get("decision") != "approve":
            return _back(token.hidden["cancel_url"], approval_token_id=token.id)
        with sandbox.store.transaction():
            vault.approve(sandbox.store, token.id, funding=_funding(form.get("funding")))
    except ApiError:
        return _gone()
    return _back(token.hidden["return_url"], approval_token_id=token.id)


def _funding(chosen: object) -> str:
    return str(chosen) if chosen in FUNDINGS else "balance"


def _page(sandbox: Sandbox, thing: Thing, *, action: str, title: str, description: str) -> Response:
    account = sandbox.store.one("SELECT name FROM account WHERE id = ?", thing.account_id)
    html = _TEMPLATES.get_template("approve.html").render(
        title=title,
        what="Pay with",
        seller=account["name"] if account else "",
        action=action,
        token=thing.id,
        fundings=FUNDINGS.items(),
        description=description,
    )
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(html, headers=headers)


def _back(url: str, **more: str) -> Response:
    """Send the payer back to the shop, with what PayPal adds to the address."""
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *more.items()])
    where = urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))
    return Response(status_code=303, headers={"Location": where})


def _gone() -> Response:
    return PlainTextResponse("Sorry, things do not appear to be working at the moment.", 404)
