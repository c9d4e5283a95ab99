"""The hosted pages: Checkout, the bank's 3-D Secure step, and the proof by small deposits."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.serving.pages import css
from sandbox.stripe import intents, sessions, setups, verification
from sandbox.stripe.errors import StripeError
from sandbox.stripe.numbers import DESCRIPTOR_CODE
from sandbox.stripe.rendering import STATIC, message, read_form, render, written
from sandbox.stripe.state import Sandbox, sandbox_of
from sandbox.stripe.store import Thing

Handler = Callable[[Request, Sandbox, Thing], Awaitable[Response]]


def routes() -> list[Route | Mount]:
    """Return the pages' addresses."""
    return [
        Route("/c/pay/{id}", _page(_show), methods=["GET"]),
        Route("/c/pay/{id}", _page(_pay), methods=["POST"]),
        Route("/c/pay/{id}/back", _page(_back), methods=["GET"]),
        Route("/3ds/{id}", _page(_ask), methods=["GET"]),
        Route("/3ds/{id}", _page(_answer), methods=["POST"]),
        Route("/microdeposits/{id}", _page(_deposits), methods=["GET"]),
        Route("/microdeposits/{id}", _page(_verify), methods=["POST"]),
        Route("/own/page.css", css),
        Mount("/own", StaticFiles(directory=STATIC)),
    ]


def _page(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        sandbox = sandbox_of(request)
        found = sandbox.store.find(request.path_params["id"])
        if found is None or found.object not in {
            "checkout.session", "payment_intent", "setup_intent"
        }:  # fmt: skip
            return message("There is no such page", "The address may be incomplete.", 404)
        try:
            return await handler(request, sandbox, found)
        except StripeError as error:
            return message("This did not work", str(error), error.status)
        finally:
            sandbox.wake.set()

    return answer


async def _show(request: Request, sandbox: Sandbox, session: Thing) -> Response:
    if session.shown["status"] != "open":
        return _closed(session)
    kind = request.query_params.get("kind", session.shown["payment_method_types"][0])
    return _form(sandbox, session, kind)


def _form(
    sandbox: Sandbox, session: Thing, kind: str, problem: str = "", status: int = 200
) -> Response:
    shown, asked = session.shown, session.hidden["asked"]
    kinds = shown["payment_method_types"]
    account = sandbox.store.one("SELECT name FROM account WHERE id = ?", session.account_id)
    lines = asked.get("line_items") or []
    names = [line["price_data"]["product_data"]["name"] for line in lines]
    return render(
        "pay.html",
        status,
        title="Checkout",
        session=shown,
        kinds=kinds,
        kind=kind if kind in kinds else kinds[0],
        amount=written(shown["amount_total"], shown["currency"]),
        account=account["name"] if account else "",
        description=", ".join(names),
        problem=problem,
        instant=verification.is_instant(session),
    )


async def _pay(request: Request, sandbox: Sandbox, session: Thing) -> Response:
    form = await read_form(request)
    if session.shown["status"] != "open":
        return _closed(session)
    kind = form.get("kind", "card")
    try:
        intent = _in_one(sandbox, session, form, kind)
    except StripeError as error:
        return _form(sandbox, session, kind, str(error), 422)
    action = intent.shown["next_action"] or {}
    if "redirect_to_url" in action:
        return RedirectResponse(action["redirect_to_url"]["url"], 303)
    return RedirectResponse(f"/c/pay/{session.id}/back", 303)


def _in_one(sandbox: Sandbox, session: Thing, form: Mapping[str, str], kind: str) -> Thing:
    """Pay in one transaction; a decline is written although it is an error."""
    declined = None
    with sandbox.store.transaction():
        try:
            with sandbox.store.transaction():
                try:
                    proven = form.get("proof") == "instant"
                    return sessions.pay(sandbox, session, method_of(kind, form), verified=proven)
                except StripeError as error:
                    if not error.keeps:
                        raise
                    declined = error
        except StripeError as error:
            declined = error
    raise declined


def method_of(kind: str, form: Mapping[str, str]) -> dict[str, Any]:
    """Return the payment method that a page's form describes."""
    who = {"name": form.get("name") or None, "email": form.get("email") or None}
    if kind == "card":
        parts = re.findall("[0-9]+", form.get("expiry", ""))
        month, year = [*map(int, parts), 0, 0][:2]
        told: dict[str, Any] = {"number": form.get("number"), "exp_month": month, "exp_year": year}
    elif kind == "us_bank_account":
        told = {
            "account_number": form.get("account", "").replace(" ", ""),
            "routing_number": form.get("routing", "").replace(" ", ""),
            "account_holder_type": form.get("holder") or "company",
        }
    else:
        told = {"iban": form.get("iban")}
    return {"type": kind, kind: told, "billing_details": who}


async def _back(_request: Request, _sandbox: Sandbox, session: Thing) -> Response:
    """Send the payer on: to the shop when it is complete, else to the form again."""
    if session.shown["status"] != "complete":
        return RedirectResponse(f"/c/pay/{session.id}", 303)
    url = session.shown["success_url"].replace("{CHECKOUT_SESSION_ID}", session.id)
    return RedirectResponse(url, 303)


def _closed(session: Thing) -> Response:
    shown = session.shown
    if shown["status"] == "complete":
        url = shown["success_url"].replace("{CHECKOUT_SESSION_ID}", session.id)
        return message("You are all done here", "This was paid or set up already.", link=url)
    text = "Your checkout session has timed out. Nothing was charged."
    return message("This page has expired", text, link=shown["cancel_url"] or "")


async def _ask(request: Request, sandbox: Sandbox, intent: Thing) -> Response:
    if intent.shown["status"] != "requires_action":
        return message("Nothing was asked", "The bank has its answer already.")
    method = sandbox.store.get(intent.shown["payment_method"], "payment_method")
    framed = "sdk" in request.query_params
    return render(
        "ask.html",
        framed=framed,
        title="3-D Secure",
        action=f"/3ds/{intent.id}{'?sdk=1' if framed else ''}",
        amount=written(intent.shown.get("amount"), intent.shown.get("currency")),
        last4=method.shown["card"]["last4"],
    )


async def _answer(request: Request, sandbox: Sandbox, intent: Thing) -> Response:
    approved = (await read_form(request)).get("decision") == "approve"
    act = intents.answer if intent.object == "payment_intent" else setups.answer
    with sandbox.store.transaction():
        intent = act(sandbox, intent, approved=approved)
    if "sdk" in request.query_params:
        return render("message.html", framed=True, title="Thank you", text="", link="", script=True)
    failed = intent.shown["status"] == "requires_payment_method"
    query = {
        intent.object: intent.id,
        f"{intent.object}_client_secret": intent.shown["client_secret"],
        "redirect_status": "failed" if failed else "succeeded",
    }
    back = intent.hidden.get("return_url")
    if not back:
        return message("Thank you", "Go back to where you came from.")
    return RedirectResponse(f"{back}{'&' if '?' in back else '?'}{urlencode(query)}", 303)


async def _deposits(_request: Request, _sandbox: Sandbox, intent: Thing) -> Response:
    return _deposit_form(intent)


def _deposit_form(intent: Thing, problem: str = "", status: int = 200) -> Response:
    return render(
        "deposits.html", status, title="Verify your account", problem=problem,
        action=f"/microdeposits/{intent.id}", code=DESCRIPTOR_CODE,
    )  # fmt: skip


async def _verify(request: Request, sandbox: Sandbox, intent: Thing) -> Response:
    form = await read_form(request)
    try:
        verification.prove(sandbox, intent, {"descriptor_code": form.get("descriptor_code")})
    except StripeError as error:
        return _deposit_form(intent, str(error), 422)
    act = intents.verified if intent.object == "payment_intent" else setups.verified
    with sandbox.store.transaction():
        act(sandbox, intent)
    return message("Thank you", "Your bank account is verified.")
