"""Turns what Business Central says when it does not do it into one of our errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from quittance.core.errors import Misconfigured, OutsideError, Refused, Unavailable

# "… .  CorrelationId:  2b1f8f0e-…." stands at the end of its messages: for the log, not for people.
_CORRELATION: Final = re.compile(r"\s*CorrelationId:\s*([0-9A-Fa-f-]+)\.?\s*$")
_MESSAGE_CHARACTERS: Final = 800


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


def explained(error: OutsideError, *, entity: str) -> OutsideError:
    """Return ``error`` again, told more exactly from the body of the answer, if there is one.

    Decides on Business Central's code where there is one: the same code has been seen with several
    statuses (business-central.md, 3.7). ``entity`` is what was asked for, to name a permission.
    """
    status = error.facts.get("status")
    if not isinstance(status, int) or status >= 500 or status in {408, 429}:
        return error  # the way out has said already what that means
    told = _told(str(error.facts.get("body", "")))
    message, correlation = _without_correlation(told.message)
    facts: dict[str, Any] = {
        "host": error.facts.get("host"),
        "status": status,
        "code": told.code,
        "correlation": correlation,
        "entity": entity,
    }
    if told.code in _BY_CODE:
        return _BY_CODE[told.code](message or "Business Central refused the request.", **facts)
    if told.code == _NO_COMPANY:
        sentence = "This environment has no company with our company id."
        return Misconfigured(sentence, field="company_id", **facts)
    if status in {409, 412}:
        return Unavailable(message or "Somebody else has changed the record.", **facts)
    if status not in _BY_STATUS or (status == 404 and told.code.startswith(_OF_ITS_RULES)):
        return Refused(message or "Business Central refused the request.", **facts)
    field, sentence = _BY_STATUS[status]
    return Misconfigured(sentence.format(entity=entity), field=field, **facts)


def _told(body: str) -> _Error:
    try:
        return msgspec.json.decode(body, type=_Body).error
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _Error()  # HTML of a gateway, or nothing


def _without_correlation(message: str) -> tuple[str, str]:
    found = _CORRELATION.search(message)
    if found is None:
        return message.strip()[:_MESSAGE_CHARACTERS], ""
    return message[: found.start()].strip()[:_MESSAGE_CHARACTERS], found[1]
