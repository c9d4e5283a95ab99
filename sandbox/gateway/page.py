"""The hosted payment page: where the payer types the number that never reaches the merchant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.gateway import charges, holding, pageforms, payments, tokens
from sandbox.gateway.currencies import written
from sandbox.gateway.errors import ApiError
from sandbox.gateway.numbers import FAILURES, NUMBERS, ROUTING_NUMBER
from sandbox.gateway.pipeline import read_body
from sandbox.gateway.state import Sandbox, sandbox_of
from sandbox.gateway.store import Row
from sandbox.serving.pages import css, templates

_HERE: Final = Path(__file__).parent
TEMPLATES: Final = templates(_HERE / "templates")
_BAD_FORMS: Final = {
    "used": (409, "This form was used already", "Each form can be sent once."),
    "expired": (410, "This form has expired", "For your safety a form works for half an hour."),
    "foreign": (
        403,
        "This form is not from your browser",
        "Cookies must be allowed here, and the form must be sent from the page that showed it.",
    ),
}
Handler = Callable[[Request, Sandbox, Row], Awaitable[Response]]


def routes() -> list[Route]:
    """Return the page's addresses."""
    return [
        Route("/pay/page.css", css),
        Route("/pay/{id}", _page(_show), methods=["GET"]),
        Route("/pay/{id}", _page(_pay), methods=["POST"]),
        Route("/pay/{id}/authenticate", _page(_ask), methods=["GET"]),
        Route("/pay/{id}/authenticate", _page(_answer), methods=["POST"]),
    ]


def _page(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        sandbox = sandbox_of(request)
        try:
            payment = payments.get(sandbox.store, request.path_params["id"])
        except ApiError:
            text = "The address may be incomplete. Go back to the shop and start again."
            return _message(None, 404, "There is no such payment", text)
        try:
            return await handler(request, sandbox, payment)
        except tokens.BadForm as bad:
            payment = payments.get(sandbox.store, payment["id"])
            status, title, text = _BAD_FORMS[bad.why]
            return _message(payment, status, title, f"{text} {_where_it_stands(payment)}")
        except ApiError as error:
            return _message(None, error.status, "This form can not be read", str(error))
        finally:
            sandbox.wake.set()

    return answer


async def _show(request: Request, sandbox: Sandbox, payment: Row) -> Response:
    if payment["state"] != "open":
        return _closed(payment)
    if holding.waits(sandbox.store, payment):
        return RedirectResponse(_return_url(payment), 303)
    if not payment["step"] and charges.charge_of(sandbox.store, payment["id"]) is not None:
        text = "It is taken from a way to pay that was saved. There is nothing to do here."
        return _message(None, 404, "This payment is not made here", text)
    if payment["step"] == "authenticate":
        return RedirectResponse(f"/pay/{payment['id']}/authenticate", 303)
    return _form(request, sandbox, payment, form={}, errors={}, status=200)


async def _pay(request: Request, sandbox: Sandbox, payment: Row) -> Response:
    form = await read_form(request)
    _use_token(request, sandbox, payment, form)
    is_charge = charges.charge_of(sandbox.store, payment["id"]) is not None
    is_agreed = holding.waits(sandbox.store, payment)
    if payment["state"] != "open" or payment["step"] or is_charge or is_agreed:
        return await _show(request, sandbox, payment)
    read = pageforms.read(payment["method"], form)
    if read.number is None:
        return _form(request, sandbox, payment, form=form, errors=read.errors, status=422)
    paid = payments.attempt(sandbox.store, payment, read.number, sandbox.pace, expires=read.expires)
    return _go_on(paid, is_agreed=holding.waits(sandbox.store, paid))


async def _ask(request: Request, sandbox: Sandbox, payment: Row) -> Response:
    if payment["state"] != "open" or payment["step"] != "authenticate":
        return RedirectResponse(f"/pay/{payment['id']}", 303)
    return _with_token(request, sandbox, payment, "authenticate.html", 200)


async def _answer(request: Request, sandbox: Sandbox, payment: Row) -> Response:
    form = await read_form(request)
    _use_token(request, sandbox, payment, form)
    if payment["state"] != "open" or payment["step"] != "authenticate":
        return RedirectResponse(f"/pay/{payment['id']}", 303)
    approved = form.get("decision") == "approve"
    paid = payments.authenticate(sandbox.store, payment["id"], approved=approved)
    return _go_on(paid, is_agreed=holding.waits(sandbox.store, paid))


def _go_on(payment: Row, *, is_agreed: bool) -> Response:
    """Send the payer on: back to the shop when the payment is under way, else to the form."""
    if payment["state"] in {"succeeded", "processing"} or is_agreed:
        return RedirectResponse(_return_url(payment), 303)
    return RedirectResponse(f"/pay/{payment['id']}", 303)


def _form(
    request: Request,
    sandbox: Sandbox,
    payment: Row,
    *,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    status: int,
) -> Response:
    return _with_token(
        request,
        sandbox,
        payment,
        "pay.html",
        status,
        form={name: value for name, value in form.items() if name != "cvc"},
        errors=errors,
        declined=FAILURES.get(payment["failure_code"], "") if not errors else "",
        numbers=[number for number in NUMBERS if number.method == payment["method"]],
        routing_number=ROUTING_NUMBER,
        cancel_url=_with_payment(payment["cancel_url"], payment["id"]),
    )


def _with_token(
    request: Request, sandbox: Sandbox, payment: Row, template: str, status: int, **facts: object
) -> Response:
    visitor = request.cookies.get(tokens.COOKIE) or tokens.new_visitor()
    token = tokens.issue(sandbox.store, payment["id"], visitor)
    account = sandbox.store.one("SELECT name FROM account WHERE id = ?", payment["account_id"])
    response = _render(
        template, payment, status, token=token, account=account["name"] if account else "", **facts
    )
    response.set_cookie(tokens.COOKIE, visitor, path="/pay", httponly=True, samesite="lax")
    return response


def _use_token(request: Request, sandbox: Sandbox, payment: Row, form: Mapping[str, str]) -> None:
    visitor = request.cookies.get(tokens.COOKIE, "")
    tokens.use(sandbox.store, form.get("token", ""), payment["id"], visitor)


async def read_form(request: Request) -> dict[str, str]:
    """Return what a form said. Raises ``ApiError``."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise ApiError(415, "not_a_form", "The page's own form must be sent.")
    raw = await read_body(request)
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=20))
    except ValueError as error:
        raise ApiError(400, "bad_form", "The form's content is damaged.") from error


def _closed(payment: Row) -> Response:
    titles = {
        "succeeded": "This payment was made",
        "processing": "Your bank is working on it",
        "failed": "This payment did not succeed",
        "cancelled": "This payment was cancelled",
    }
    return _message(payment, 200, titles[payment["state"]], _where_it_stands(payment))


def _where_it_stands(payment: Row) -> str:
    return {
        "open": "Nothing was charged yet.",
        "succeeded": "The money was received; you do not have to pay again.",
        "processing": "You do not have to do anything more.",
        "failed": f"{FAILURES.get(payment['failure_code'], '')} Nothing was charged.",
        "cancelled": f"{FAILURES.get(payment['failure_code'], '')} Nothing was charged.",
    }[payment["state"]]


def _message(payment: Row | None, status: int, title: str, text: str) -> Response:
    link, label = "", ""
    if payment is not None and payment["state"] == "open":
        link, label = f"/pay/{payment['id']}", "Open the payment again"
    elif payment is not None and payment["state"] in {"succeeded", "processing"}:
        link, label = _return_url(payment), "Continue"
    elif payment is not None:
        link, label = _with_payment(payment["cancel_url"], payment["id"]), "Go back"
    return _render("message.html", payment, status, title=title, text=text, link=link, label=label)


def _render(template: str, payment: Row | None, status: int, **facts: Any) -> Response:
    amount = written(payment["amount_minor"], payment["currency"]) if payment else ""
    shop = payment["return_url"] if payment else ""
    return rendered(template, shop, status, payment=payment, amount=amount, **facts)


def rendered(template: str, shop: str, status: int, **facts: Any) -> Response:
    """Return a page. Browsers hold the redirect after a form to form-action: the shop is in it."""
    origin = f" {origin_of(shop)}" if shop else ""
    return HTMLResponse(
        TEMPLATES.get_template(template).render(**facts),
        status,
        headers={
            "Content-Security-Policy": (
                "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
                f"form-action 'self'{origin}"
            ),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )


def origin_of(url: str) -> str:
    """Return scheme and host of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _return_url(payment: Row) -> str:
    return _with_payment(payment["return_url"], payment["id"])


def _with_payment(url: str, id_: str) -> str:
    return back_to(url, "payment", id_)


def back_to(url: str, name: str, id_: str) -> str:
    """Add ``name=<id>`` to the query of the shop's address."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode({name: id_})) if part)
    return urlunsplit(parts._replace(query=query))
