"""The way of one API request: account, content, fault, key, deed, answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sandbox.gateway import bodies, faults, idempotency
from sandbox.gateway.clock import now
from sandbox.gateway.errors import ApiError, invalid
from sandbox.gateway.state import Sandbox, sandbox_of
from sandbox.serving.connections import BrokenConnection
from sandbox.serving.faults import Fault, Kind
from sandbox.serving.idempotency import fingerprint

Answer = tuple[int, dict[str, Any]]
_KEY_CHARACTERS: Final = 255


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing the API can do. ``perform`` gets the account, the content and the path's words."""

    name: str
    fields: Mapping[str, bodies.Field]
    perform: Callable[[Sandbox, str, dict[str, Any], dict[str, Any]], Answer]
    writes: bool = False
    needs_key: bool = False
    fault: Callable[[Sandbox, dict[str, Any]], Fault | None] | None = None  # of what it acts on


@dataclass
class _Call:
    """What is known of a request so far; it ends in the request log."""

    method: str
    path: str
    account_id: str = ""
    key: str | None = None
    body: str = ""
    fault: Fault | None = None


def endpoint(act: Act) -> Callable[[Request], Awaitable[Response]]:
    """Return the HTTP endpoint of an act."""

    async def answer(request: Request) -> Response:
        sandbox = sandbox_of(request)
        call = _Call(request.method, request.url.path)
        try:
            response = await _answer(sandbox, act, call, request)
        except ApiError as error:
            response = answer_of(error.status, json.dumps(error.body()))
        _log(sandbox, call, response)
        sandbox.wake.set()
        return response

    return answer


async def _answer(sandbox: Sandbox, act: Act, call: _Call, request: Request) -> Response:
    raw = await read_body(request)
    call.body = raw.decode(errors="replace")
    call.account_id = _account(sandbox, request)
    call.key = _key(act, request)
    content = bodies.read_json(raw) if act.writes else dict(request.query_params)
    asked = bodies.read_fields(content, act.fields)
    path = dict(request.path_params)
    print_ = fingerprint(call.method, call.path, asked)
    call.fault = fault = faults.take(
        sandbox.store,
        f"{call.method} {call.path}",
        account_id=call.account_id,
        key=call.key,
        asked=asked,
    ) or (act.fault(sandbox, path) if act.fault else None)
    if fault is not None and fault.kind in {Kind.STATUS, Kind.DROP_BEFORE}:
        return _without_effect(fault)
    if call.key is not None:
        first = idempotency.claim(sandbox.store, call.account_id, call.key, print_)
        if first is not None:
            return answer_of(*first, replayed=True)
    if fault is not None and fault.kind == Kind.LATE_COMMIT:
        _do_later(sandbox, act, call, asked, path, seconds=fault.seconds)
        return BrokenConnection()
    if fault is not None and fault.kind == Kind.DELAY:
        await asyncio.sleep(fault.seconds)
    failed = fault.status if fault is not None and fault.kind == Kind.ERROR_AFTER else None
    status, body = do(
        sandbox, act, call.account_id, asked, path, key=call.key, answer_instead=failed
    )
    return _with_effect(fault, status, body)


def do(
    sandbox: Sandbox,
    act: Act,
    account_id: str,
    asked: dict[str, Any],
    path: dict[str, Any],
    *,
    key: str | None,
    answer_instead: int | None = None,
) -> tuple[int, str]:
    """Perform the act and keep its answer for the key, both or neither.

    With ``answer_instead`` the deed is done and a failure of that status is what the key keeps.
    """
    with sandbox.store.transaction():
        try:
            with sandbox.store.transaction():
                status, answer = act.perform(sandbox, account_id, asked, path)
        except ApiError as error:
            status, answer = error.status, error.body()
        if answer_instead is not None:
            status, answer = answer_instead, _fault_error(answer_instead).body()
        body = json.dumps(answer)
        if key is not None:
            idempotency.keep(sandbox.store, account_id, key, status, body)
    return status, body


def _do_later(
    sandbox: Sandbox,
    act: Act,
    call: _Call,
    asked: dict[str, Any],
    path: dict[str, Any],
    *,
    seconds: float,
) -> None:
    sandbox.store.start_timer(
        "late_commit",
        act.name,
        seconds,
        account_id=call.account_id,
        asked=asked,
        path=path,
        key=call.key,
    )


def _without_effect(fault: Fault) -> Response:
    if fault.kind == Kind.DROP_BEFORE:
        return BrokenConnection(after_seconds=fault.seconds)
    response = answer_of(fault.status, json.dumps(_fault_error(fault.status).body()))
    if fault.retry_after:
        response.headers["Retry-After"] = fault.retry_after
    return response


def _with_effect(fault: Fault | None, status: int, body: str) -> Response:
    match fault:
        case Fault(kind=Kind.DROP_AFTER):
            return BrokenConnection(after_seconds=fault.seconds)
        case Fault(kind=Kind.MALFORMED_JSON):
            return answer_of(status, body[: len(body) // 2])
        case Fault(kind=Kind.ALTER):
            answer = json.loads(body)
            for shown in answer.get("data", [answer]):
                shown.update(fault.changes)
            return answer_of(status, json.dumps(answer))
        case _:
            return answer_of(status, body)


def _fault_error(status: int) -> ApiError:
    code = "rate_limited" if status == 429 else "sandbox_fault"
    return ApiError(status, code, "The sandbox was asked to answer so.")


def answer_of(status: int, body: str, *, replayed: bool = False) -> Response:
    """Return a JSON answer."""
    headers = {"Idempotent-Replayed": "true"} if replayed else {}
    return Response(body, status, headers=headers, media_type="application/json")


async def read_body(request: Request) -> bytes:
    """Return the body. Raises ``ApiError`` 413 as soon as it is too large."""
    too_large = ApiError(413, "body_too_large", f"A body has at most {bodies.MAX_BODY} bytes.")
    told = request.headers.get("Content-Length", "0")
    if told.isdecimal() and int(told) > bodies.MAX_BODY:
        raise too_large
    raw = b""
    try:
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > bodies.MAX_BODY:
                raise too_large
    except ClientDisconnect as error:
        raise invalid("The caller left before the body was complete.") from error
    return raw


def _account(sandbox: Sandbox, request: Request) -> str:
    scheme, _, api_key = request.headers.get("Authorization", "").partition(" ")
    row = sandbox.store.one("SELECT id FROM account WHERE api_key = ?", api_key.strip())
    if scheme.lower() != "bearer" or row is None:
        raise ApiError(401, "unauthorized", "Send Authorization: Bearer and a key we know.")
    return str(row["id"])


def _key(act: Act, request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key") if act.writes else None
    if key is None and act.needs_key:
        message = "This request needs an Idempotency-Key header."
        raise invalid(message, "Idempotency-Key", code="idempotency_key_missing")
    if key is not None and not (1 <= len(key) <= _KEY_CHARACTERS and key.isprintable()):
        message = f"An Idempotency-Key has 1 to {_KEY_CHARACTERS} printable characters."
        raise invalid(message, "Idempotency-Key")
    return key


def _log(sandbox: Sandbox, call: _Call, response: Response) -> None:
    broken = isinstance(response, BrokenConnection)
    sandbox.store.insert(
        "request",
        at=now(),
        method=call.method,
        path=call.path,
        account_id=call.account_id or None,
        key=call.key,
        body=call.body,
        fault=call.fault.kind if call.fault else "",
        status=None if broken else response.status_code,
    )
