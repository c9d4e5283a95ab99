"""The way of one API request: key, content, fault, idempotency, deed, answer."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sandbox.serving.clock import now
from sandbox.serving.connections import BrokenConnection
from sandbox.serving.faults import Fault, Kind
from sandbox.serving.idempotency import fingerprint
from sandbox.stripe import faults, forms, idempotency
from sandbox.stripe.errors import StripeError, invalid
from sandbox.stripe.events import API_VERSION
from sandbox.stripe.expanding import expand
from sandbox.stripe.state import Sandbox, sandbox_of
from sandbox.stripe.store import new_id

Asked = dict[str, Any]
Perform = Callable[[Sandbox, str, Asked, dict[str, str]], Any]
BROWSER: Final = "/api"  # where the fields find the API on their own origin
_SECRET_WORDS: Final = {"number", "cvc", "account_number", "iban"}


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing the API can do. ``perform`` gets the account, the content and the path's words."""

    name: str
    method: str
    path: str
    spec: forms.Spec
    perform: Perform
    required: tuple[str, ...] = ()
    public: bool = False  # also with a publishable key, and then with the client secret
    browser: forms.Spec | None = None  # what it takes then, if that is more

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"


@dataclass
class _Call:
    """What is known of a request so far; it ends in the request log."""

    method: str
    path: str
    id: str = field(default_factory=lambda: new_id("req", 14))
    account_id: str = ""
    key: str | None = None
    asked: Asked = field(default_factory=dict)
    version: str = ""
    fault: Fault | None = None
    body: str = ""


def endpoint(act: Act) -> Callable[[Request], Awaitable[Response]]:
    """Return the HTTP endpoint of an act."""

    async def answer(request: Request) -> Response:
        sandbox = sandbox_of(request)
        call = _Call(request.method, request.url.path.removeprefix(BROWSER))
        try:
            response = await _answer(sandbox, act, call, request)
        except StripeError as error:
            response = answer_of(call.id, error.status, json.dumps(error.body(call.id)))
        _log(sandbox, call, response)
        sandbox.wake.set()
        return response

    return answer


async def _answer(sandbox: Sandbox, act: Act, call: _Call, request: Request) -> Response:
    raw = await read_body(request)
    call.asked = forms.decode(raw.decode(errors="replace") if act.writes else request.url.query)
    call.version = request.headers.get("Stripe-Version", API_VERSION)
    call.account_id, is_public = _account(sandbox, request)
    if is_public and not act.public:
        raise StripeError(
            401, "invalid_request_error",
            "This API call cannot be made with a publishable API key.", code="secret_key_required",
        )  # fmt: skip
    if call.version != API_VERSION:
        raise invalid(f"Invalid Stripe API version: {call.version}")
    call.key = request.headers.get("Idempotency-Key") if act.method == "POST" else None
    if call.key is not None and len(call.key) > 255:
        raise invalid("Idempotency keys can be up to 255 characters.", "Idempotency-Key")
    if is_public and not call.asked.get("client_secret"):
        raise invalid("Missing required param: client_secret.", "client_secret")
    spec = (act.browser or act.spec) if is_public else act.spec
    asked = forms.read(call.asked, {**spec, "expand": forms.LIST})
    forms.need(asked, *act.required)
    if request.headers.get("Sandbox-Bank-Sign-In"):  # the payer proved the account at his bank
        asked["verified"] = True
    call.fault = fault = faults.take(sandbox.store, f"{call.method} {call.path}")
    if fault is not None and fault.kind in {Kind.STATUS, Kind.DROP_BEFORE}:
        return _without_effect(call, fault)
    path = {name: str(value) for name, value in request.path_params.items()}
    return await _act(sandbox, act, call, asked, path)


async def _act(
    sandbox: Sandbox, act: Act, call: _Call, asked: Asked, path: dict[str, str]
) -> Response:
    fault = call.fault
    if call.key is not None:
        print_ = fingerprint(call.method, call.path, call.asked)
        first = idempotency.claim(sandbox.store, call.account_id, call.key, print_)
        if first is not None:
            call.body = first["body"]
            return answer_of(first["request_id"], first["status"], first["body"], replayed=True)
    if fault is not None and fault.kind == Kind.LATE_COMMIT:
        sandbox.store.start_timer(
            "late_commit", act.name, fault.seconds,
            account_id=call.account_id, asked=asked, path=path, key=call.key,
        )  # fmt: skip
        return BrokenConnection()
    if fault is not None and fault.kind == Kind.DELAY:
        await asyncio.sleep(fault.seconds)
    failed = fault.status if fault is not None and fault.kind == Kind.ERROR_AFTER else None
    status, call.body = do(
        sandbox, act, call.account_id, asked, path, key=call.key, request_id=call.id,
        answer_instead=failed,
    )  # fmt: skip
    return _with_effect(call, status)


def do(
    sandbox: Sandbox,
    act: Act,
    account_id: str,
    asked: Asked,
    path: dict[str, str],
    *,
    key: str | None,
    request_id: str,
    answer_instead: int | None = None,
) -> tuple[int, str]:
    """Perform the act and keep its answer for the key, both or neither.

    A decline is written although it is an error; any other error undoes what was begun. With
    ``answer_instead`` the deed is done and a failure of that status is what the key keeps.
    """
    with sandbox.store.transaction():
        status, answer = 200, None
        try:
            with sandbox.store.transaction():
                try:
                    told = act.perform(sandbox, account_id, dict(asked), path)
                    answer = expand(sandbox, account_id, told, asked.get("expand") or [])
                except StripeError as error:
                    if not error.keeps:
                        raise
                    status, answer = error.status, error.body(request_id)
        except StripeError as error:
            status, answer = error.status, error.body(request_id)
        if answer_instead is not None:
            status, answer = answer_instead, _fault_error(answer_instead).body(request_id)
        body = json.dumps(answer)
        if key is not None:
            idempotency.keep(
                sandbox.store, account_id, key, status=status, body=body, request_id=request_id
            )
    return status, body


def answer_of(request_id: str, status: int, body: str, *, replayed: bool = False) -> Response:
    """Return an answer with Stripe's headers."""
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION, "Cache-Control": "no-store"}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(body, status, headers=headers, media_type="application/json")


def _without_effect(call: _Call, fault: Fault) -> Response:
    if fault.kind == Kind.DROP_BEFORE:
        return BrokenConnection(after_seconds=fault.seconds)
    call.body = json.dumps(_fault_error(fault.status).body(call.id))
    response = answer_of(call.id, fault.status, call.body)
    if fault.retry_after:
        response.headers["Retry-After"] = fault.retry_after
    return response


def _with_effect(call: _Call, status: int) -> Response:
    match call.fault:
        case Fault(kind=Kind.DROP_AFTER):
            return BrokenConnection(after_seconds=call.fault.seconds)
        case Fault(kind=Kind.MALFORMED_JSON):
            return answer_of(call.id, status, call.body[: len(call.body) // 2])
        case Fault(kind=Kind.ALTER):
            answer = json.loads(call.body)
            for shown in answer["data"] if answer.get("object") == "list" else [answer]:
                shown.update(call.fault.changes)
            return answer_of(call.id, status, json.dumps(answer))
        case _:
            return answer_of(call.id, status, call.body)


def _fault_error(status: int) -> StripeError:
    if status == 429:
        return StripeError(429, "invalid_request_error", "Too many requests.", code="rate_limit")
    type_ = "api_error" if status >= 500 else "invalid_request_error"
    return StripeError(status, type_, "This failure was planned at the control port.")


async def read_body(request: Request) -> bytes:
    """Return the body within its limit. Raises ``StripeError``."""
    raw = b""
    try:
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > forms.MAX_BODY:
                raise forms.too_large()
    except ClientDisconnect as error:
        raise invalid("The caller left before the body was complete.") from error
    return raw


def _account(sandbox: Sandbox, request: Request) -> tuple[str, bool]:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(key).decode().partition(":")[0]
        except ValueError:
            key = ""
    key = key.strip()
    secret = f"sk_{key.removeprefix('pk_')}" if key.startswith("pk_") else key
    row = sandbox.store.one("SELECT id FROM account WHERE api_key = ?", secret)
    if row is None:
        shown = f"{key[:8]}***" if key else "none"
        message = f"Invalid API Key provided: {shown}"
        raise StripeError(401, "invalid_request_error", message)
    return str(row["id"]), secret != key


def _log(sandbox: Sandbox, call: _Call, response: Response) -> None:
    broken = isinstance(response, BrokenConnection)
    sandbox.store.insert(
        "request",
        id=call.id,
        at=now(),
        method=call.method,
        path=call.path,
        account_id=call.account_id or None,
        key=call.key,
        asked=json.dumps(_without_secrets(call.asked)),
        version=call.version,
        fault=call.fault.kind if call.fault else "",
        status=None if broken else response.status_code,
        answer=call.body,
    )


def _without_secrets(asked: Any) -> Any:
    """Leave out what a payer typed: a log may hold no number."""
    if not isinstance(asked, dict):
        return asked
    return {
        name: "..." if name in _SECRET_WORDS else _without_secrets(value)
        for name, value in asked.items()
    }
