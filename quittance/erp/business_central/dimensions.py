"""Gives the lines of a journal their dimensions.

Each line carries its own set, and the entries of both its sides take them over. Source: API v2.0,
``dimensionSetLines`` below ``customerPayments`` (business-central.md, 1); not seen on a tenant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from quittance.core.errors import OutcomeUnknown, Refused
from quittance.erp.business_central.answers import Gone
from quittance.erp.business_central.odata import Api
from quittance.erp.connecting import Choice, Problem

_ENTITY: Final = "dimensionSetLines"


class _SetLine(msgspec.Struct, rename="camel"):
    id: UUID
    code: str
    value_code: str


class _Made(msgspec.Struct):
    code: str


class _Dimension(msgspec.Struct, rename="camel"):
    id: UUID
    code: str
    display_name: str


class _Value(msgspec.Struct, rename="camel"):
    code: str
    display_name: str


def carry(api: Api, line_ids: Sequence[UUID], wanted: Mapping[str, str]) -> None:
    """Give each line these dimensions; what a line has by default otherwise stays.

    Run it as often as you like. Raises ``OutcomeUnknown`` when a line is gone: it may be posted.
    """
    for line_id in line_ids:
        try:
            _carry(api, f"{api.company}/customerPayments({line_id})/{_ENTITY}", wanted)
        except Gone as error:
            raise OutcomeUnknown(
                "A line was taken away while it got its dimensions. Look into the ledger and come "
                "back later."
            ) from error


def check(api: Api, wanted: Mapping[str, str]) -> Sequence[Problem]:
    """Return which dimensions or values are not there."""
    problems = []
    known = {each.code: each for each in _all(api)}
    for code, value in wanted.items():
        if code not in known:
            names = ", ".join(sorted(known)) or "none"
            problems.append(_problem(f"There is no dimension {code}. There are: {names}."))
        elif value not in _values(api, known[code]):
            problems.append(_problem(f"The dimension {code} has no value {value}."))
    return problems


def choices(api: Api) -> Sequence[Choice]:
    """Return the dimensions."""
    return [Choice(value=each.code, label=each.display_name) for each in _all(api)]


def _carry(api: Api, path: str, wanted: Mapping[str, str]) -> None:
    there = _of_line(api, path)
    for code, value in wanted.items():
        row = there.get(code)
        if row is None:
            _add(api, path, code, value)
        elif row.value_code != value:
            api.patch(f"{path}({row.id})", {"valueCode": value}, etag="*", entity=_ENTITY)


def _add(api: Api, path: str, code: str, value: str) -> None:
    try:
        api.post(path, {"code": code, "valueCode": value}, _Made, entity=_ENTITY)
    except Gone:
        raise
    except Refused:
        # Another run was faster: that it is there already is said in words only.
        row = _of_line(api, path).get(code)
        if row is None or row.value_code != value:
            raise


def _of_line(api: Api, path: str) -> Mapping[str, _SetLine]:
    return {row.code: row for row in api.all(path, _SetLine, entity=_ENTITY, query={})}


def _all(api: Api) -> Sequence[_Dimension]:
    query = {"$select": "id,code,displayName"}
    return api.all(f"{api.company}/dimensions", _Dimension, entity="dimensions", query=query)


def _values(api: Api, dimension: _Dimension) -> set[str]:
    path = f"{api.company}/dimensions({dimension.id})/dimensionValues"
    query = {"$select": "id,code,displayName"}
    return {each.code for each in api.all(path, _Value, entity="dimensionValues", query=query)}


def _problem(sentence: str) -> Problem:
    return Problem(field="dimensions", sentence=sentence)
