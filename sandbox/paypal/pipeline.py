"""The way of one API request: token, content, fault, key, deed, answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.paypal import faults, request_keys, tokens
from sandbox.paypal.errors import ApiError, invalid
from sandbox.paypal.state import Sandbox, sandbox_of
from sandbox.serving.clock import now
from sandbox.serving.connections import BrokenConnection
from sandbox.serving.faults import Fault, Kind

Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, read."""

    account_id: str
    body: Any
    query: dict[str, str]
    path: dict[str, str]
    minimal: bool  # without "Prefer: return=representation"


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a deed brought: the answer, and the id of what it made."""

    status: int
    body: Body | None = None
    made: str = ""


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing that the API can do; ``again`` shows what an earlier request of the key made."""

    name: str
    perform: Callable[[Sandbox, Asked], Done]
    key_seconds: float = 0  # how long a PayPal-Request-Id is kept; 0: there is none
    again: Callable[[Sandbox, Asked, str], Body] | None = None


@dataclass
class _Call:
    """What is known of a request so far; it ends in the request log."""

    method: str
    path: str
    query: str
    account_id: str = ""
    key: str | None = None
    body: str = ""
    fault: Fault | None = None
    asked: dict[str, Any] = field(default_factory=dict)


def endpoint(act: Act) -> Callable[[Request], Awaitable[Response]]:
    """Return the HTTP endpoint of an act."""

    async def answer(request: Request) -> Response:
        sandbox = sandbox_of(request)
        call = _Call(request.method, request.url.path, request.url.query)
        try:
            response = await _answer(sandbox, act, call, request)
        except ApiError as error:
            response = answer_of(error.status, error.body())
        _log(sandbox, call, response)
        sandbox.wake.set()
        return response

    return answer


async def _answer(sandbox: Sandbox, act: Act, call: _Call, request: Request) -> Response:
    raw = await request.body()
    call.body = raw.decode(errors="replace")
    call.account_id = tokens.account_of(sandbox.store, request)
    call.key = request.headers.get("PayPal-Request-Id") if act.key_seconds else None
    asked = Asked(
        account_id=call.account_id,
        body=_read(raw, request.headers.get("Content-Type", "")),
        query=dict(request.query_params),
        path=dict(request.path_params),
        minimal=request.headers.get("Prefer") != "return=representation",
    )
    call.fault = fault = faults.take(sandbox.store, f"{call.method} {call.path}", key=call.key)
    if fault is not None and fault.kind in {Kind.STATUS, faults.ISSUE, Kind.DROP_BEFORE}:
        return _without_effect(fault)
    if call.key is not None:
        made = request_keys.claim(
            sandbox.store,
            asked.account_id,
            _scope(act, asked),
            call.key,
            seconds=act.key_seconds,
            asked=asked.body,
        )
        if made is not None and act.again is not None:
            return _with_effect(fault, 200, act.again(sandbox, asked, made))
    if fault is not None and fault.kind == Kind.LATE_COMMIT:
        _do_later(sandbox, act, asked, call.key, fault.seconds)
        return BrokenConnection()
    if fault is not None and fault.kind == Kind.DELAY:
        await asyncio.sleep(fault.seconds)
    done = do(sandbox, act, asked, call.key)
    return _with_effect(fault, done.status, done.body)


def do(sandbox: Sandbox, act: Act, asked: Asked, key: str | None) -> Done:
    """Perform the act and remember its key, both or neither. Raises ``ApiError``."""
    scope = _scope(act, asked)
    try:
        with sandbox.store.transaction():
            done = act.perform(sandbox, asked)
            if key is not None:
                request_keys.keep(sandbox.store, asked.account_id, scope, key, done.made)
    except ApiError as error:
        with sandbox.store.transaction():
            if error.after is not None:
                error.after()
            if key is not None:
                request_keys.keep(sandbox.store, asked.account_id, scope, key, None)
        raise
    return done


def _scope(act: Act, asked: Asked) -> str:
    """A key belongs to one address: that of the order, or of the capture."""
    return f"{act.name} {asked.path.get('id', '')}"


def _do_later(sandbox: Sandbox, act: Act, asked: Asked, key: str | None, seconds: float) -> None:
    said = {
        name: getattr(asked, name) for name in ("account_id", "body", "query", "path", "minimal")
    }
    with sandbox.store.transaction():
        sandbox.store.start_timer("late_commit", act.name, seconds, asked=said, key=key)


def _read(raw: bytes, media_type: str) -> Any:
    if not raw or media_type.startswith("multipart/"):
        return {}
    try:
        return json.loads(raw)
    except ValueError as error:
        raise invalid("MALFORMED_REQUEST_JSON", "/") from error


def _without_effect(fault: Fault) -> Response:
    if fault.kind == Kind.DROP_BEFORE:
        return BrokenConnection(after_seconds=fault.seconds)
    if fault.kind == faults.ISSUE:
        return answer_of(422, ApiError(422, "UNPROCESSABLE_ENTITY", fault.issue).body())
    response = answer_of(fault.status, _fault_error(fault.status).body())
    if fault.retry_after:
        response.headers["Retry-After"] = fault.retry_after
    return response


def _with_effect(fault: Fault | None, status: int, body: Body | None) -> Response:
    response = answer_of(status, body)
    match fault:
        case Fault(kind=Kind.DROP_AFTER):
            return BrokenConnection(after_seconds=fault.seconds)
        case Fault(kind=Kind.ERROR_AFTER):
            return answer_of(fault.status, _fault_error(fault.status).body())
        case Fault(kind=Kind.MALFORMED_JSON):
            half = bytes(response.body)[: len(response.body) // 2]
            return Response(half, status, media_type="application/json")
        case Fault(kind=Kind.ALTER):
            return answer_of(status, {**(body or {}), **fault.changes})
        case _:
            return response


def _fault_error(status: int) -> ApiError:
    names = {
        401: "AUTHENTICATION_FAILURE", 403: "NOT_AUTHORIZED", 429: "RATE_LIMIT_REACHED",
        503: "SERVICE_UNAVAILABLE",
    }  # fmt: skip
    return ApiError(status, names.get(status, "INTERNAL_SERVER_ERROR"))


def answer_of(status: int, body: Body | None) -> Response:
    """Return a JSON answer, or an empty one."""
    if body is None:
        return Response(status_code=status)
    return Response(json.dumps(body), status, media_type="application/json")


def _log(sandbox: Sandbox, call: _Call, response: Response) -> None:
    broken = isinstance(response, BrokenConnection)
    sandbox.store.insert(
        "request",
        at=now(),
        method=call.method,
        path=call.path,
        query=call.query,
        account_id=call.account_id or None,
        key=call.key,
        body=call.body,
        fault=call.fault.kind if call.fault else "",
        status=None if broken else response.status_code,
        answer="" if broken else bytes(response.body).decode(),
    )
