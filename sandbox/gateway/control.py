"""The control port: plans faults, moves the clock, and shows tests what happened."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.gateway import (
    clock,
    clockwork,
    desk,
    faults,
    forgery,
    oracle,
    payouts,
    wallet_desk,
)
from sandbox.gateway.bodies import Field, number, read_fields, read_json
from sandbox.gateway.clock import iso
from sandbox.gateway.desk import Body, Handler
from sandbox.gateway.errors import ApiError, invalid
from sandbox.gateway.pipeline import read_body
from sandbox.gateway.state import Sandbox, sandbox_of
from sandbox.serving import control
from sandbox.serving.faults import forget, planned
from sandbox.serving.idempotency import expire_all


def new_app(sandbox: Sandbox) -> Starlette:
    """Return the control port's application."""
    return control.new_app(sandbox, _HANDLERS, _endpoint)


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


async def _ledger(sandbox: Sandbox, request: Request, _body: Body) -> object:
    return oracle.ledger(sandbox.store, request.query_params.get("reference"))


async def _requests(sandbox: Sandbox, request: Request, _body: Body) -> object:
    after = request.query_params.get("after", "0")
    if not after.isdecimal():
        raise invalid("after is the seq of the last request you know.", "after")
    rows = sandbox.store.all("SELECT * FROM request WHERE seq > ? ORDER BY seq", int(after))
    return {"data": [{**dict(row), "at": iso(row["at"])} for row in rows]}


async def _plan_fault(sandbox: Sandbox, _request: Request, body: Body) -> object:
    return faults.plan(sandbox.store, body)


async def _list_faults(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    return {"data": planned(sandbox.store), "by_amount": faults.special_amounts()}


async def _forget_faults(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    forget(sandbox.store)
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


async def _expire_keys(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    return {"forgotten": expire_all(sandbox.store)}


async def _read_clock(_sandbox: Sandbox, _request: Request, _body: Body) -> object:
    return {"now": iso(clock.now()), "ahead_seconds": clock.ahead()}


async def _move_clock(sandbox: Sandbox, request: Request, body: Body) -> object:
    """Move the clock ahead, and do all that became due before anybody is answered."""
    most = clock.LONGEST - clock.ahead()
    seconds = read_fields(body, {"seconds": Field(number(0, most))})["seconds"]
    control.set_clock(sandbox.store, clock.ahead() + seconds)
    clockwork.run_due(sandbox)
    return await _read_clock(sandbox, request, {})


async def _true_clock(sandbox: Sandbox, request: Request, _body: Body) -> object:
    """Go back to the true time; what waits goes on waiting as long as it still had to."""
    control.true_clock(sandbox.store)
    return await _read_clock(sandbox, request, {})


async def _begin_anew(sandbox: Sandbox, request: Request, _body: Body) -> object:
    """Forget all that happened, as with a new data directory."""
    store = sandbox.store
    delay = store.setting("webhook_delay")
    plans = store.all("SELECT subject, data FROM timer WHERE kind = 'payout'")
    with store.transaction():
        store.empty()
        store.set_setting("webhook_delay", delay)
        control.set_clock(sandbox.store, 0.0)
        for timer in plans:
            payouts.plan(store, timer["subject"], json.loads(timer["data"])["every"])
    return await _health(sandbox, request, {})


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
    ("POST", "/keys/expire", _expire_keys),
    ("GET", "/clock", _read_clock),
    ("POST", "/clock", _move_clock),
    ("DELETE", "/clock", _true_clock),
    ("DELETE", "/state", _begin_anew),
    *desk.HANDLERS,
    *wallet_desk.HANDLERS,
]
