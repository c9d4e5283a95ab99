"""Turns what Business Central says when it does not do it into one of our errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import httpx
import msgspec

from quittance.core.errors import Misconfigured, OutsideError, Refused, Unavailable
from quittance.httpclient.client import retry_after

# "… .  CorrelationId:  2b1f8f0e-…." stands at the end of its messages: for the log, not for people.
_CORRELATION: Final = re.compile(r"\s*CorrelationId:\s*([0-9A-Fa-f-]+)\.?\s*$")
_MESSAGE_CHARACTERS: Final = 800
_NO: Final = "Business Central refused the request."


class Gone(Refused):
    """There is no such record (any more)."""


class Taken(Refused):
    """Another record has this key already."""


_BY_CODE: Final[Mapping[str, type[Refused]]] = {
    "Internal_EntityWithSameKeyExists": Taken,
    "Internal_RecordNotFound": Gone,
}
_NO_COMPANY: Final = "Internal_CompanyNotFound"
_OF_ITS_RULES: Final = ("Internal_", "Application_")  # said by a company, so the address is right
_ELSEWHERE: Final = (
    "environment",
    "There is no {entity} at this address. Check the address, the tenant and the environment.",
)
_BY_STATUS: Final[Mapping[int, tuple[str, str]]] = {
    401: (
        "client_id",
        (
            "Business Central does not know our application. Its page Microsoft Entra Applications "
            "must list the client id with the state Enabled."
        ),
    ),
    403: (
        "permission",
        (
            "The application may not use {entity}. Give it the permission set for that in Business "
            "Central, page Microsoft Entra Applications."
        ),
    ),
    **dict.fromkeys((301, 302, 303, 307, 308, 404), _ELSEWHERE),
}


class _Error(msgspec.Struct):
    code: str = ""
    message: str = ""


class _Body(msgspec.Struct):
    error: _Error


def explained(response: httpx.Response, *, entity: str) -> OutsideError | None:
    """Return the error that ``response`` means, or ``None`` where the usual one is right.

    Decides on Business Central's code where there is one: the same code has been seen with several
    statuses (business-central.md, 3.7). ``entity`` is what was asked for, to name a permission.
    """
    status = response.status_code
    if status >= 500 or status in {408, 429}:
        return _paused(response)
    told = _told(response.content)
    message, correlation = _without_correlation(told.message)
    facts: dict[str, Any] = {
        "host": response.url.host,
        "status": status,
        "code": told.code,
        "correlation": correlation,
        "entity": entity,
    }
    if told.code in _BY_CODE:
        return _BY_CODE[told.code](message or _NO, **facts)
    if told.code == _NO_COMPANY:
        sentence = "This environment has no company with our company id."
        return Misconfigured(sentence, field="company_id", **facts)
    if status in {409, 412}:
        return Unavailable(message or "Somebody else has changed the record.", **facts)
    if status not in _BY_STATUS or (status == 404 and told.code.startswith(_OF_ITS_RULES)):
        return Refused(message or _NO, **facts)
    field, sentence = _BY_STATUS[status]
    return Misconfigured(sentence.format(entity=entity), field=field, **facts)


def _paused(response: httpx.Response) -> OutsideError | None:
    """Its gateways say with 502 and 503 when to come back; worth knowing when we only read."""
    pause = retry_after(response)
    if response.request.method != "GET" or pause is None:
        return None
    return Unavailable(
        "Business Central asks us to come back later.",
        retry_after_seconds=pause,
        host=response.url.host,
        status=response.status_code,
    )


def _told(body: bytes) -> _Error:
    try:
        return msgspec.json.decode(body, type=_Body).error
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _Error()  # HTML of a gateway, or nothing


def _without_correlation(message: str) -> tuple[str, str]:
    found = _CORRELATION.search(message)
    if found is None:
        return message.strip()[:_MESSAGE_CHARACTERS], ""
    return message[: found.start()].strip()[:_MESSAGE_CHARACTERS], found[1]
