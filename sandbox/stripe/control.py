"""The control port: plans faults, moves the clock, and shows tests what happened."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.serving import clock, control
from sandbox.serving.faults import forget, planned
from sandbox.serving.idempotency import expire_all
from sandbox.stripe import clockwork, desk, faults, payouts
from sandbox.stripe.desk import Body, Handler
from sandbox.stripe.errors import StripeError, invalid
from sandbox.stripe.pipeline import read_body
from sandbox.stripe.state import Sandbox, sandbox_of
from sandbox.stripe.store import thing_of

_BEHAVIOURS = {"delay", "reorder", "drop", "double"}


def new_app(sandbox: Sandbox) -> Starlette:
    """Return the control port's application."""
    return control.new_app(sandbox, (*_HANDLERS, *desk.HANDLERS), _endpoint)


def _endpoint(handler: Handler) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def answer(request: Request) -> JSONResponse:
        sandbox = sandbox_of(request)
        try:
            raw = await read_body(request)
            body = json.loads(raw or b"{}")
            if not isinstance(body, dict):
                raise invalid("The body must be an object.")
            with sandbox.store.transaction():
                return JSONResponse(handler(sandbox, dict(request.path_params), body))
        except StripeError as error:
            return JSONResponse(error.body("req_control"), error.status)
        except ValueError as error:
            return JSONResponse({"error": {"message": f"This is no JSON: {error}"}}, 400)
        finally:
            sandbox.wake.set()

    return answer


def _health(sandbox: Sandbox, _path: Body, _body: Body) -> object:
    things = sandbox.store.one("SELECT count(*) AS n FROM thing")
    last = sandbox.store.one("SELECT max(seq) AS n FROM request")
    return {
        "status": "ok",
        "objects": things["n"] if things else 0,
        "requests": (last["n"] if last else 0) or 0,
    }


def _objects(sandbox: Sandbox, path: Body, _body: Body) -> object:
    """The truth for tests: every object of a kind, of all accounts, the oldest first."""
    rows = sandbox.store.all("SELECT * FROM thing WHERE object = ? ORDER BY seq", path["object"])
    return {"data": [{**thing.shown, "account": thing.account_id} for thing in map(thing_of, rows)]}


def _requests(sandbox: Sandbox, path: Body, _body: Body) -> object:
    """The calls after the one with this number; ``/health`` tells the number of the last."""
    after = int(path.get("after", 0))
    rows = sandbox.store.all("SELECT * FROM request WHERE seq > ? ORDER BY seq", after)
    return {"data": [{**dict(row), "asked": json.loads(row["asked"])} for row in rows]}


def _plan_fault(sandbox: Sandbox, _path: Body, body: Body) -> object:
    return faults.plan(sandbox.store, body)


def _list_faults(sandbox: Sandbox, _path: Body, _body: Body) -> object:
    return {"data": planned(sandbox.store)}


def _forget_faults(sandbox: Sandbox, _path: Body, _body: Body) -> object:
    forget(sandbox.store)
    return {"data": []}


def _behave(sandbox: Sandbox, _path: Body, body: Body) -> object:
    """Set how webhooks behave from now on; what is not named is as usual."""
    if body.keys() - _BEHAVIOURS:
        raise invalid(f"Webhooks know {', '.join(sorted(_BEHAVIOURS))}.")
    sandbox.store.set_setting("webhooks", body)
    return body


def _deliveries(sandbox: Sandbox, _path: Body, _body: Body) -> object:
    rows = sandbox.store.all("SELECT * FROM delivery ORDER BY seq")
    return {"data": [dict(row) for row in rows]}


def _expire_keys(sandbox: Sandbox, _path: Body, _body: Body) -> object:
    return {"forgotten": expire_all(sandbox.store)}


def _read_clock(_sandbox: Sandbox, _path: Body, _body: Body) -> dict[str, Any]:
    return {"now": clock.now(), "ahead_seconds": clock.ahead()}


def _move_clock(sandbox: Sandbox, path: Body, body: Body) -> object:
    """Move the clock ahead, and do all that became due before anybody is answered."""
    seconds = body.get("seconds")
    if not isinstance(seconds, int | float) or not 0 <= seconds <= clock.LONGEST - clock.ahead():
        raise invalid("seconds is how far the clock goes ahead.", "seconds")
    control.set_clock(sandbox.store, clock.ahead() + seconds)
    clockwork.run_due(sandbox)
    return _read_clock(sandbox, path, body)


def _true_clock(sandbox: Sandbox, path: Body, body: Body) -> object:
    """Go back to the true time; what waits goes on waiting as long as it still had to."""
    control.true_clock(sandbox.store)
    return _read_clock(sandbox, path, body)


def _begin_anew(sandbox: Sandbox, path: Body, body: Body) -> object:
    """Forget all that happened, as with a new data directory."""
    store = sandbox.store
    delay, plans = store.setting("webhook_delay"), payouts.plans(store)
    store.empty()
    store.set_setting("webhook_delay", delay)
    control.set_clock(sandbox.store, 0.0)
    for account_id, every in plans:
        payouts.plan(store, account_id, every)
    return _health(sandbox, path, body)


_HANDLERS: list[tuple[str, str, Handler]] = [
    ("GET", "/health", _health),
    ("GET", "/objects/{object}", _objects),
    ("GET", "/requests", _requests),
    ("GET", "/requests/{after:int}", _requests),
    ("POST", "/faults", _plan_fault),
    ("GET", "/faults", _list_faults),
    ("DELETE", "/faults", _forget_faults),
    ("POST", "/webhooks/behaviour", _behave),
    ("GET", "/webhooks/deliveries", _deliveries),
    ("POST", "/keys/expire", _expire_keys),
    ("GET", "/clock", _read_clock),
    ("POST", "/clock", _move_clock),
    ("DELETE", "/clock", _true_clock),
    ("DELETE", "/state", _begin_anew),
]
