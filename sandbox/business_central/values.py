"""Turns what travels as JSON into what is kept, and back, with the server's own refusals."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sandbox.business_central import decimals, moments
from sandbox.business_central.errors import ApiError, bad_request
from sandbox.business_central.facts import Field

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def kept(field: Field, raw: Any) -> Any:
    """Check one value of a request body and return it as the database keeps it.

    Raises ``ApiError``: 400 BadRequest for a wrong type, Application_StringExceededLength for a
    long text, Unknown for a value that an enum does not have.
    """
    if raw is None:
        return field.empty
    return _READERS[field.type](field, raw)


def _wrong(field: Field, raw: Any) -> ApiError:
    return bad_request(
        f"Cannot convert the literal '{raw}' to the expected type 'Edm.{field.type}'."
    )


def _text(field: Field, raw: Any) -> str:
    if not isinstance(raw, str):
        raise _wrong(field, raw)
    if field.wire:
        return option(field, raw)
    value = raw.strip().upper() if field.code else raw
    if field.max_length and len(value) > field.max_length:
        raise bad_request(
            f"The length of the string is {len(value)}, but it must be less than or equal to"
            f" {field.max_length} characters. Value: {value}",
            "Application_StringExceededLength",
        )
    return value


def option(field: Field, raw: str) -> str:
    """Read an enum value, in its wire form or as people write it."""
    names = {_plain(value): value for value in field.wire} | {v: v for v in field.wire}
    if raw in names:
        return names[raw]
    if raw == "":
        return field.wire[0]
    options = ",".join(_plain(value) for value in field.wire)
    raise ApiError(400, "Unknown", f"'{raw}' is not an option. The existing options are: {options}")


def _plain(wire: str) -> str:
    return re.sub(r"_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), wire)


def _guid(field: Field, raw: Any) -> str:
    if raw == "":
        return str(field.empty)
    try:
        return str(uuid.UUID(raw))
    except (ValueError, AttributeError, TypeError):
        raise bad_request(f"Invalid GUID: {raw}", "Application_InvalidGUID") from None


def _date(field: Field, raw: Any) -> str:
    if not isinstance(raw, str) or not _DATE.fullmatch(raw):
        raise _wrong(field, raw)
    try:
        return date.fromisoformat(raw).isoformat()
    except ValueError:
        raise _wrong(field, raw) from None


def moment(field: Field, raw: Any) -> str:
    """Read a moment; it must say its zone."""
    try:
        value = datetime.fromisoformat(raw)
    except (ValueError, TypeError):
        raise _wrong(field, raw) from None
    if value.tzinfo is None:
        raise _wrong(field, raw)
    return moments.stamp(value)


def _number(field: Field, raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise _wrong(field, raw)
    if abs(Decimal(raw)) >= 10**12:
        raise bad_request(f"The value {raw} is too large for the field {field.name}.")
    return decimals.scaled(raw)


def _whole(field: Field, raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or abs(raw) >= 2**31:
        raise _wrong(field, raw)
    return raw


def _flag(field: Field, raw: Any) -> int:
    if not isinstance(raw, bool):
        raise _wrong(field, raw)
    return int(raw)


_READERS: dict[str, Callable[[Field, Any], Any]] = {
    "String": _text,
    "Guid": _guid,
    "Date": _date,
    "DateTimeOffset": moment,
    "Decimal": _number,
    "Int32": _whole,
    "Int64": _whole,
    "Boolean": _flag,
}

# How a kept value is shown; a type that is not here is shown as it is kept.
SHOWN: dict[str, Callable[[Any], Any]] = {
    "Decimal": decimals.decimal,
    "Boolean": bool,
    "DateTimeOffset": moments.shown,
}
