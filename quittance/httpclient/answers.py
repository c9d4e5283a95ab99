"""Reads answers, and writes ids into addresses, where a mistake would say or do something wrong."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import quote

import httpx
import msgspec

from quittance.core.errors import OutsideError, Refused

T = TypeVar("T")


def decoded(response: httpx.Response, shape: type[T], lost: type[OutsideError]) -> T:
    """Read a JSON answer. One that cannot be read says nothing of what was done: raises ``lost``.

    That is ``Unavailable`` after a question and ``OutcomeUnknown`` after a deed.
    """
    try:
        return msgspec.json.decode(response.content, type=shape)
    except (msgspec.MsgspecError, ValueError) as error:
        raise lost(
            "Its answer can not be read.", status=response.status_code, problem=str(error)
        ) from error


def part(id_: str) -> str:
    """Return an id as one part of an address, so that it can not lead to another.

    Raises ``Refused`` for an empty one, which would lead to the list of all.
    """
    if not id_:
        raise Refused("There is nothing without an id.")
    return quote(id_, safe="")
