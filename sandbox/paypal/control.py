"""The control port: plans faults, moves the clock, and shows tests what happened."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.paypal import clockwork, desk, faults, forgery
from sandbox.paypal.errors import ApiError
from sandbox.paypal.moments import iso
from sandbox.paypal.state import Sandbox, sandbox_of
from sandbox.serving import clock, control
from sandbox.serving.faults import forget, planned

Body = dict[str, Any]
PACE: Final = ("webhook_delay", "settle_delay", "report_delay")  # seconds


def new_app(sandbox: Sandbox) -> Starlette:
    """Return the control port's application."""
    return control.new_app(sandbox, _HANDLERS, _endpoint)


def _endpoint(handler: desk.Handler) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def answer(request: Request) -> JSONResponse:
        sandbox = sandbox_of(request)
        try:
            raw = await request.body()
            body = json.loads(raw) if raw else {}
            return JSONResponse(await handler(sandbox, request, body))
        except ApiError as error:
            return JSONResponse(error.body(), error.status)
        except (KeyError, ValueError, TypeError) as error:
            return JSONResponse({"name": "INVALID_REQUEST", "message": repr(error)}, 400)
        finally:
            sandbox.wake.set()

    return answer


async def _health(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    row = sandbox.store.one("SELECT count(*) AS orders FROM thing WHERE kind = 'order'")
    return {"status": "ok", "orders": row["orders"] if row else 0}


async def _requests(sandbox: Sandbox, request: Request, _body: Body) -> object:
    after = int(request.query_params.get("after", "0"))
    rows = sandbox.store.all("SELECT * FROM request WHERE seq > ? ORDER BY seq", after)
    return {"data": [{**dict(row), "at": iso(row["at"])} for row in rows]}


async def _ledger(sandbox: Sandbox, request: Request, _body: Body) -> object:
    """Show what really moved: every entry of the books, of one custom id if one is named."""
    custom = request.query_params.get("custom")
    rows = sandbox.store.all("SELECT * FROM entry ORDER BY seq")
    return {"data": [dict(row) for row in rows if custom in {None, row["custom"]}]}


async def _plan_fault(sandbox: Sandbox, _request: Request, body: Body) -> object:
    return faults.plan(sandbox.store, body)


async def _list_faults(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    return {"data": planned(sandbox.store)}


async def _forget_faults(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    forget(sandbox.store)
    return {"data": []}


async def _behave(sandbox: Sandbox, _request: Request, body: Body) -> object:
    """Set how webhooks behave from now on: ``double``, ``drop``, ``delay`` in seconds."""
    sandbox.store.set_setting("webhooks", body)
    return body


async def _deliveries(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    rows = sandbox.store.all(
        "SELECT delivery.*, event.body FROM delivery JOIN event ON event.id = delivery.event_id"
        " ORDER BY delivery.seq"
    )
    return {"data": [{**dict(row), "body": json.loads(row["body"])} for row in rows]}


async def _events(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    rows = sandbox.store.all("SELECT body FROM event ORDER BY seq")
    return {"data": [json.loads(row["body"]) for row in rows]}


async def _sign(sandbox: Sandbox, _request: Request, body: Body) -> object:
    return forgery.sign(sandbox, body)


async def _forge(sandbox: Sandbox, _request: Request, body: Body) -> object:
    return await forgery.forge(sandbox, body)


async def _forget_keys(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    return {"forgotten": sandbox.store.run("DELETE FROM request_key WHERE made IS NOT NULL")}


async def _end_tokens(sandbox: Sandbox, _request: Request, _body: Body) -> object:
    return {"ended": sandbox.store.run("DELETE FROM token")}


async def _set_pace(sandbox: Sandbox, _request: Request, body: Body) -> object:
    """Set how things go from now on: the delays of the command, in seconds, and ``strict_keys``.

    With that a known request id takes no other content.
    """
    for name, seconds in body.items():
        if name in {*PACE, "token_seconds", "strict_keys"}:
            sandbox.store.set_setting(name, float(seconds))
    return body


async def _read_clock(_sandbox: Sandbox, _request: Request, _body: Body) -> object:
    return {"now": iso(clock.now()), "ahead_seconds": clock.ahead()}


async def _move_clock(sandbox: Sandbox, request: Request, body: Body) -> object:
    """Move the clock ahead, and do all that became due before anybody is answered."""
    control.set_clock(sandbox.store, clock.ahead() + float(body["seconds"]))
    clockwork.run_due(sandbox)
    return await _read_clock(sandbox, request, {})


async def _begin_anew(sandbox: Sandbox, request: Request, _body: Body) -> object:
    """Forget all that happened, as with a new data directory; the pace stays."""
    store = sandbox.store
    pace = {name: store.setting(name) for name in PACE}
    with store.transaction():
        store.empty()
        for name, seconds in pace.items():
            store.set_setting(name, seconds)
    clock.set_ahead(0.0)
    return await _health(sandbox, request, {})


_HANDLERS: Final[list[tuple[str, str, desk.Handler]]] = [
    ("GET", "/health", _health),
    ("GET", "/requests", _requests),
    ("GET", "/ledger", _ledger),
    ("GET", "/events", _events),
    ("POST", "/faults", _plan_fault),
    ("GET", "/faults", _list_faults),
    ("DELETE", "/faults", _forget_faults),
    ("POST", "/webhooks/behaviour", _behave),
    ("GET", "/webhooks/deliveries", _deliveries),
    ("POST", "/webhooks/sign", _sign),
    ("POST", "/webhooks/forge", _forge),
    ("POST", "/keys/expire", _forget_keys),
    ("POST", "/tokens/end", _end_tokens),
    ("POST", "/pace", _set_pace),
    ("GET", "/clock", _read_clock),
    ("POST", "/clock", _move_clock),
    ("DELETE", "/state", _begin_anew),
    *desk.HANDLERS,
]
