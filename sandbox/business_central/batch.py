"""Answers ``$batch``: several requests in one, each alone or all together (facts, section 3.6)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response

from sandbox.business_central.call import Call, json_response
from sandbox.business_central.errors import ApiError, bad_request, not_carried
from sandbox.business_central.odata import options

MOST = 100
_METHODS = {"GET", "POST", "PATCH", "PUT", "DELETE"}
_PASSED_ON = ("accept-language", "company", "data-access-intent")

Answer = Callable[[Call], Response]


class _Inner(msgspec.Struct, rename="camel"):
    """One request inside. ``depends_on`` names requests that come before it."""

    id: str
    method: str
    url: str
    headers: dict[str, str] = {}
    body: msgspec.Raw = msgspec.Raw()
    depends_on: list[str] = []
    atomicity_group: str = ""


class _Batch(msgspec.Struct):
    requests: list[_Inner]


def respond(call: Call, answer: Answer) -> Response:
    """Run the requests in their order; ``answer`` turns each into a response, errors too.

    With ``Isolation: snapshot`` all share one transaction, which the first failure undoes; the
    earlier answers still say 201, with ids that no longer exist [live]. Raises ``ApiError`` for
    a batch that is none.
    """
    if call.method != "POST":
        raise ApiError(405, "BadRequest_MethodNotAllowed", "$batch is called with POST.")
    requests = _read(call)
    wish = call.headers.get("isolation", call.headers.get("odata-isolation", ""))
    run = _together if wish.lower() == "snapshot" else _one_by_one
    return json_response({"responses": run(call, requests, answer)})


def _read(call: Call) -> list[_Inner]:
    if call.headers.get("content-type", "").startswith("multipart/"):
        raise not_carried("multipart $batch")
    try:
        requests = msgspec.json.decode(call.body, type=_Batch).requests
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad_request(f"The batch request could not be read: {error}") from None
    if len(requests) > MOST:
        raise ApiError(
            500,
            "Internal_ServerError",
            f"The current change set contains too many operations. The maximum number of '{MOST}'"
            " query operations and change sets allowed in a batch message has been exceeded.",
        )
    _check_names(requests)
    return requests


def _check_names(requests: list[_Inner]) -> None:
    seen: set[str] = set()
    groups: set[str] = set()
    for each in requests:
        if not each.id or each.id in seen:
            raise bad_request(f"The request id '{each.id}' is empty or given twice.")
        if each.method.upper() not in _METHODS:
            raise bad_request(f"The method '{each.method}' of request '{each.id}' is not valid.")
        unknown = [name for name in each.depends_on if name not in seen]
        if unknown:
            raise bad_request(
                f"Request '{each.id}' depends on '{unknown[0]}', which does not come before it."
            )
        if each.atomicity_group and each.atomicity_group in groups:
            # microsoft/AL issue 5553 [comm]
            raise ApiError(
                500,
                "Internal_ServerError",
                "Multiple requests within the same change set are not supported by Microsoft"
                " Dynamics 365 Business Central OData web services.",
            )
        groups |= {each.atomicity_group} - {""}
        seen.add(each.id)


def _one_by_one(call: Call, requests: list[_Inner], answer: Answer) -> list[dict[str, Any]]:
    """Each is kept or not by itself; a failure stops only those that depend on it [comm]."""
    failed: set[str] = set()
    found = []
    for each in requests:
        if failed & set(each.depends_on):
            response = _dependency_failed()
        else:
            response = _answer(call, each, answer)
        if response["status"] >= 400:
            failed.add(each.id)
        found.append({"id": each.id, **response})
    return found


def _together(call: Call, requests: list[_Inner], answer: Answer) -> list[dict[str, Any]]:
    """All or none, but for what an action has committed on its way (posting does).

    A failure of the first brings its answer alone, a later one brings all [live]. What comes after
    a failure is answered as if it could still be kept [?].
    """
    found: list[dict[str, Any]] = []
    with ExitStack() as stack:
        companies = [call.database, *call.others.values()]
        transactions = [stack.enter_context(each.together()) for each in companies]
        for each in requests:
            found.append({"id": each.id, **_answer(call, each, answer)})
            if found[-1]["status"] >= 400:
                for transaction in transactions:
                    transaction.failed = True
                if len(found) == 1:
                    break
    return found


def _answer(call: Call, inner: _Inner, answer: Answer) -> dict[str, Any]:
    return _shown(answer(_inner_call(call, inner)))


def _inner_call(call: Call, inner: _Inner) -> Call:
    address, _, query = _relative(call, inner.url).partition("?")
    headers = {name: call.headers[name] for name in _PASSED_ON if name in call.headers}
    headers |= {name.lower(): value for name, value in inner.headers.items()}
    return replace(
        call,
        method=inner.method.upper(),
        path=address.strip("/"),
        options=options.pairs(query),
        headers=Headers(headers),
        body=bytes(inner.body),
    )


def _relative(call: Call, url: str) -> str:
    """An address below the API's root: whole, from the host's root, or relative to it."""
    path = call.root.partition("://")[2].partition("/")[2]
    for start in (call.root, f"/{path}"):
        if url.startswith(start):
            return url[len(start) :]
    return url


def _dependency_failed() -> dict[str, Any]:
    error = {"code": "FailedDependency", "message": "A request that this one depends on failed."}
    return {"status": 424, "headers": {}, "body": {"error": error}}


def _shown(response: Response) -> dict[str, Any]:
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    shown: dict[str, Any] = {"status": response.status_code, "headers": headers}
    content = bytes(response.body)
    if content:
        kind = headers.get("content-type", "")
        if "json" in kind:
            shown["body"] = msgspec.Raw(content)
        elif kind.startswith("text/") or "xml" in kind:
            shown["body"] = content.decode()
        else:
            shown["body"] = base64.b64encode(content).decode()
    return shown
