"""Splits the path of a request into its segments and their keys."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from urllib.parse import unquote

from sandbox.business_central.errors import ApiError

_SEGMENT = re.compile(r"(?P<name>[$A-Za-z][\w.]*)(?:\((?P<key>[^()]*)\))?")


@dataclass(frozen=True, slots=True)
class Segment:
    """One step of the path: a name and, in parentheses, a key."""

    name: str
    key: str | None


def segments(path: str) -> list[Segment]:
    """Split ``companies(...)/salesInvoices(...)``; keys of text lose their quotes."""
    return [_segment(part) for part in path.split("/") if part]


def _segment(part: str) -> Segment:
    match = _SEGMENT.fullmatch(unquote(part))
    if match is None:
        raise _error()
    key = match["key"]
    if key is None:
        return Segment(match["name"], None)
    key = key.removeprefix("id=")
    if key.startswith("'") and key.endswith("'") and len(key) > 1:
        return Segment(match["name"], key[1:-1].replace("''", "'"))
    try:
        return Segment(match["name"], str(uuid.UUID(key)))
    except ValueError:
        raise _error() from None


def _error() -> ApiError:
    return ApiError(404, "BadRequest_NotFound", "Bad Request - Error in query syntax.")
