"""Cuts a result into pages by the last row's place, never by counting rows from the start."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from sandbox.business_central.errors import bad_request
from sandbox.business_central.odata.filters import Condition

# An ORDER BY term: SQL over the row ``t``, and whether it descends.
Term = tuple[str, bool]


def token(place: Sequence[Any]) -> str:
    """Write the sort values of the last row as an opaque text."""
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode().rstrip("=")


def after(skiptoken: str, terms: Sequence[Term]) -> Condition:
    """The condition for rows that come after a token's place in the order of ``terms``."""
    try:
        padded = skiptoken + "=" * (-len(skiptoken) % 4)
        place = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, binascii.Error):
        raise _no_longer_valid() from None
    if not isinstance(place, list) or len(place) != len(terms):
        raise _no_longer_valid()
    if not all(isinstance(each, str) or (type(each) is int and each < 2**63) for each in place):
        raise _no_longer_valid()
    directions = {descending for _, descending in terms}
    if len(directions) == 1:  # a row comparison, which an index serves
        left = ", ".join(sql for sql, _ in terms)
        sign = "<" if directions == {True} else ">"
        marks = ", ".join("?" * len(terms))
        return Condition(f"({left}) {sign} ({marks})", tuple(place), frozenset())
    return _step_by_step(place, terms)


def _step_by_step(place: list[Any], terms: Sequence[Term]) -> Condition:
    parts, parameters = [], []
    for depth, (sql, descending) in enumerate(terms):
        equal = [f"{other} = ?" for other, _ in terms[:depth]]
        step = f"{sql} {'<' if descending else '>'} ?"
        parts.append("(" + " AND ".join([*equal, step]) + ")")
        parameters += place[: depth + 1]
    return Condition("(" + " OR ".join(parts) + ")", tuple(parameters), frozenset())


def _no_longer_valid() -> Exception:
    return bad_request(
        "The skip token is no longer valid. Start again from the first page.",
        "SkipTokenIsNoLongerValid",
    )
