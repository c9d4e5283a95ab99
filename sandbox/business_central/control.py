"""The control listener: what tests and demos do behind the API's back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.business_central import books, clerk, jobs, moments, switches
from sandbox.business_central.api import Stores
from sandbox.business_central.copies import Replica, Snapshots
from sandbox.business_central.database import Database, Session
from sandbox.business_central.errors import ApiError
from sandbox.business_central.faults import Fault, Faults
from sandbox.business_central.ledger_page import Published
from sandbox.business_central.limits import Limits, Requests
from sandbox.business_central.webhooks import notify
from sandbox.business_central.webhooks.notify import Pace

_Act = Callable[[Session, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levers:
    """What stands before and beside the API and can be set while it answers."""

    faults: Faults
    requests: Requests
    limits: Limits
    pace: Pace


def application(stores: Stores, levers: Levers) -> Starlette:
    """Make the application that answers on the control port."""
    database = stores.database

    def health(_request: Request) -> Response:
        with database.reading() as session:
            name = session.value("SELECT name FROM company")
        return JSONResponse({"status": "ok", "company": name})

    def ledger(request: Request) -> Response:
        with database.reading() as session:
            entries = books.customer_entries(
                session,
                document=request.query_params.get("document", ""),
                customer=request.query_params.get("customer", ""),
            )
        return JSONResponse({"entries": entries})

    async def act_of_clerk(request: Request) -> Response:
        act = clerk.ACTS.get(request.path_params["act"])
        if act is None:
            return _mistake(f"A clerk can: {', '.join(clerk.ACTS)}.", status=404)
        return await run_in_threadpool(_done, database, act, await request.body())

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/ledger", ledger),
            Route("/clerk/{act}", act_of_clerk, methods=["POST"]),
            Route("/faults", _faults(levers.faults), methods=["GET", "POST", "DELETE"]),
            Route("/clock", _deed(_clock), methods=["GET", "POST"]),
            Route("/company/switches", _switches(database), methods=["GET", "POST"]),
            Route("/jobs", _listed(database, "jobs", jobs.listed)),
            Route("/deliveries", _listed(database, "deliveries", notify.waiting)),
            Route("/company/{deed}", _company(stores.database), methods=["POST"]),
            Route("/replica", _deed(partial(_lag, stores.replica)), methods=["POST"]),
            Route("/ledger-service", _deed(partial(_publish, stores.published)), methods=["POST"]),
            Route("/limits", _settable(levers.limits.change), methods=["GET", "POST"]),
            Route("/webhooks", _settable(levers.pace.change), methods=["GET", "POST"]),
            Route("/requests", _requests(levers.requests), methods=["GET", "DELETE"]),
        ]
    )


def _switches(database: Database) -> Callable[[Request], Any]:
    """The company's setup: ``GET`` shows it, ``POST`` changes what is named."""

    async def answer(request: Request) -> Response:
        return await run_in_threadpool(_done, database, switches.change, await request.body())

    return answer


def _listed(
    database: Database, name: str, rows: Callable[[Session], list[dict[str, Any]]]
) -> Callable[[Request], Any]:
    """What waits to be done, as a list under a name."""

    def answer(_request: Request) -> Response:
        with database.reading() as session:
            return JSONResponse({name: rows(session)})

    return answer


def _faults(faults: Faults) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        if request.method == "DELETE":
            faults.clear()
        elif request.method == "POST":
            try:
                faults.add(Fault(**_object(await request.body())))
            except (TypeError, ValueError) as error:
                return _mistake(str(error))
        return JSONResponse({"faults": faults.listed(), "clerk": list(faults.clerk)})

    return answer


_Deed = Callable[[dict[str, Any]], dict[str, Any]]


def _deed(act: _Deed) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        try:
            given = _object(await request.body())
            return JSONResponse(await run_in_threadpool(act, given))
        except (TypeError, ValueError) as error:
            return _mistake(str(error))

    return answer


def _clock(given: dict[str, Any]) -> dict[str, Any]:
    """Move the clock to so many ``days`` and ``seconds`` before the machine's; or look at it."""
    if given:
        days, seconds = float(given.get("days", 0)), float(given.get("seconds", 0))
        moments.move(days * 86_400 + seconds)
    return {"now": moments.now()}


def _company(database: Database) -> Callable[[Request], Any]:
    snapshots = Snapshots(database)
    deeds: dict[str, Callable[[str], dict[str, str]]] = {
        "snapshot": snapshots.take,
        "restore": snapshots.restore,
    }

    async def answer(request: Request) -> Response:
        deed = deeds.get(request.path_params["deed"])
        if deed is None:
            return _mistake(f"A company can: {', '.join(deeds)}.", status=404)
        act = _deed(lambda given: dict(deed(str(given.get("name", "snapshot")))))
        done: Response = await act(request)
        return done

    return answer


def _lag(replica: Replica, given: dict[str, Any]) -> dict[str, Any]:
    return dict(replica.lag(float(given.get("seconds", 0))))


def _publish(published: Published, given: dict[str, Any]) -> dict[str, Any]:
    published.rename(str(given.get("name", "")))
    return {"name": published.name}


def _settable(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Request], Any]:
    """Some figures: ``GET`` shows them, ``POST`` changes what is named."""

    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(change(_object(await request.body())))
        except (TypeError, ValueError) as error:
            return _mistake(str(error))

    return answer


def _requests(requests: Requests) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        if request.method == "DELETE":
            requests.counts.clear()
        return JSONResponse(dict(sorted(requests.counts.items())))

    return answer


def _object(body: bytes) -> dict[str, Any]:
    found = json.loads(body or b"{}", parse_float=Decimal)
    if not isinstance(found, dict):
        raise ValueError("The body must be a JSON object.")
    return {
        name: float(value) if name in {"seconds", "retry_after"} else value
        for name, value in found.items()
    }


def clerk_act(database: Database, act: str, given: dict[str, Any]) -> dict[str, Any]:
    """Do a clerk's act between two requests; what went wrong is told, not raised."""
    if act not in clerk.ACTS:
        return {"error": f"A clerk can: {', '.join(clerk.ACTS)}."}
    try:
        with database.writing() as session:
            return {"done": clerk.ACTS[act](session, given)}
    except ApiError as error:
        return {"error": error.message}
    except ValueError as error:
        return {"error": str(error)}


def _done(database: Database, act: _Act, body: bytes) -> Response:
    try:
        with database.writing() as session:
            return JSONResponse(act(session, _object(body)))
    except ApiError as error:
        return JSONResponse({"error": error.message, "code": error.code}, 400)
    except ValueError as error:
        return _mistake(str(error))


def _mistake(message: str, *, status: int = 400) -> Response:
    return JSONResponse({"error": message}, status)
