"""The control port: plans faults, plays banks and payers, and shows the books to tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.gateway import balance, faults, forgery, idempotency, payments
from sandbox.gateway.bodies import Field, one_of, read_fields, read_json, text
from sandbox.gateway.errors import ApiError, invalid
from sandbox.gateway.numbers import BY_NUMBER
from sandbox.gateway.pipeline import read_body
from sandbox.gateway.state import Sandbox, sandbox_of
from sandbox.gateway.store import ACCOUNTS, iso

Body = dict[str, Any]
Handler = Callable[[Sandbox, Request, Body], Awaitable[object]]


def new_app(sandbox: Sandbox) -> Starlette:
    """Return the control port's application."""
    routes = [
        Route(path, _endpoint(handler), methods=[method]) for method, path, handler in _HANDLERS
    ]
    app = Starlette(routes=routes)
    app.state.sandbox = sandbox
    return app


def _endpoint(handler: Handler) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def answer(request: Request) -> JSONResponse:
        sandbox = sandbox_of(request)
        try:
            body = read_json(await read_body(request))
            return JSONResponse(await handler(sandbox, request, body))
        except ApiError as error:
            return JSONResponse(error.body(), error.status)
        finally:
            sandbox.wake.set()

    return answer


async def _health(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    row = sandbox.store.one("SELECT count(*) AS payments FROM payment")
    return {"status": "ok", "payments": row["payments"] if row else 0}


async def _ledger(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    """Answer with every movement of money, of all accounts, with our callers' references."""
    movements = sandbox.store.all(
        "SELECT balance_entry.*, payment.reference, refund.reference AS refund_reference"
        " FROM balance_entry JOIN payment ON payment.id = balance_entry.payment_id"
        " LEFT JOIN refund ON refund.id = balance_entry.refund_id ORDER BY balance_entry.seq"
    )
    states = sandbox.store.all(
        "SELECT id, account_id, reference, state, amount_minor, currency FROM payment"
        " ORDER BY rowid"
    )
    shown = [
        {
            **balance.entry_shown(row),
            "account": row["account_id"],
            "reference": row["reference"],
            "refund_reference": row["refund_reference"],
        }
        for row in movements
    ]
    kinds = {kind: [row for row in shown if row["kind"] == kind] for kind in _KINDS}
    return {**{f"{kind}s": rows for kind, rows in kinds.items()}, "payments": _dicts(states)}


_KINDS = ("charge", "refund", "return")


async def _requests(sandbox: Sandbox, request: Request, _body: Body) -> object:
    after = request.query_params.get("after", "0")
    if not after.isdecimal():
        raise invalid("after is the seq of the last request you know.", "after")
    rows = sandbox.store.all("SELECT * FROM request WHERE seq > ? ORDER BY seq", int(after))
    return {"data": [{**dict(row), "at": iso(row["at"])} for row in rows]}


async def _plan_fault(sandbox: Sandbox, _request: Request, body: Body) -> object:
    return faults.plan(sandbox.store, body)


async def _list_faults(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    return {"data": faults.planned(sandbox.store), "by_amount": faults.special_amounts()}


async def _forget_faults(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    faults.forget(sandbox.store)
    return {"data": []}


async def _behave(sandbox: Sandbox, _request: Request, body: Body) -> object:
    """Set how webhooks behave from now on; what is not named is as usual."""
    sandbox.store.set_setting("webhooks", forgery.behaviour(body))
    return sandbox.store.setting("webhooks")


async def _behaviour(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    return sandbox.store.setting("webhooks", forgery.behaviour({}))


async def _forge(sandbox: Sandbox, _request: Request, body: Body) -> object:
    return await forgery.forge(sandbox.store, body)


async def _replay(sandbox: Sandbox, _request: Request, body: Body) -> object:
    return await forgery.replay(sandbox.store, body)


async def _deliveries(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    rows = sandbox.store.all(
        "SELECT delivery.*, event.kind FROM delivery JOIN event ON event.id = delivery.event_id"
        " ORDER BY delivery.seq"
    )
    return {"data": _dicts(rows)}


async def _pay(sandbox: Sandbox, request: Request, body: Body) -> object:
    """Pay as a payer does, without the page; 3-D Secure is answered as ``authenticate`` says."""
    asked = read_fields(
        body,
        {
            "number": Field(text(20)),
            "authenticate": Field(one_of("approve", "fail"), required=False),
        },
    )
    payment = payments.get(sandbox.store, request.path_params["id"])
    number = BY_NUMBER.get((payment["method"], asked["number"].replace(" ", "")))
    if number is None:
        raise invalid(f"This is no test number for {payment['method']}.", "number")
    payment = payments.attempt(sandbox.store, payment, number, sandbox.pace)
    if payment["step"] == "authenticate" and asked["authenticate"]:
        payment = payments.authenticate(
            sandbox.store, payment["id"], approved=asked["authenticate"] == "approve"
        )
    return payments.shown(payment, sandbox.public_url)


def _bank(move: Callable[[Sandbox, str, str], object]) -> Handler:
    async def handler(sandbox: Sandbox, request: Request, body: Body) -> object:
        code = read_fields(body, {"code": Field(text(40), required=False, default="")})["code"]
        id_ = request.path_params["id"]
        payments.get(sandbox.store, id_)
        move(sandbox, id_, code)
        return payments.shown(payments.get(sandbox.store, id_), sandbox.public_url)

    return handler


def _settle(sandbox: Sandbox, id_: str, _code: str) -> None:
    if payments.get(sandbox.store, id_)["state"] != "processing":
        raise ApiError(409, "not_processing", "Only a payment at the bank can be settled.")
    payments.succeed(sandbox.store, id_)


def _late_success(sandbox: Sandbox, id_: str, _code: str) -> None:
    if payments.get(sandbox.store, id_)["state"] not in {"cancelled", "failed"}:
        raise ApiError(409, "not_closed", "Late is what comes after cancelled or failed.")
    payments.succeed(sandbox.store, id_)


async def _pay_out(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    made = [
        id_ for account_id, _, _ in ACCOUNTS for id_ in balance.pay_out(sandbox.store, account_id)
    ]
    return {"payouts": made}


async def _expire_keys(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    return {"forgotten": idempotency.expire_all(sandbox.store)}


def _dicts(rows: list[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]


_HANDLERS: list[tuple[str, str, Handler]] = [
    ("GET", "/health", _health),
    ("GET", "/ledger", _ledger),
    ("GET", "/requests", _requests),
    ("POST", "/faults", _plan_fault),
    ("GET", "/faults", _list_faults),
    ("DELETE", "/faults", _forget_faults),
    ("GET", "/webhooks/behaviour", _behaviour),
    ("POST", "/webhooks/behaviour", _behave),
    ("GET", "/webhooks/deliveries", _deliveries),
    ("POST", "/webhooks/forge", _forge),
    ("POST", "/webhooks/replay", _replay),
    ("POST", "/payments/{id}/pay", _pay),
    ("POST", "/payments/{id}/settle", _bank(_settle)),
    (
        "POST",
        "/payments/{id}/fail",
        _bank(lambda s, id_, code: payments.fail(s.store, id_, code or "insufficient_funds")),
    ),
    (
        "POST",
        "/payments/{id}/return",
        _bank(lambda s, id_, code: payments.take_back(s.store, id_, code or "R01")),
    ),
    ("POST", "/payments/{id}/late_success", _bank(_late_success)),
    (
        "POST",
        "/payments/{id}/expire",
        _bank(lambda s, id_, _: payments.cancel(s.store, id_, "expired")),
    ),
    ("POST", "/payouts", _pay_out),
    ("POST", "/keys/expire", _expire_keys),
]
