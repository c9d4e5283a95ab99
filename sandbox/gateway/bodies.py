"""Reads what a request says, strictly: every field has a check, and nothing else may be there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sandbox.gateway.currencies import CODES
from sandbox.gateway.errors import invalid

MAX_BODY: Final = 64 * 1024
MAX_AMOUNT: Final = 99_999_999_999_999
_HOST: Final = re.compile(
    r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
)  # it goes into headers
Check = Callable[[str, object], Any]


@dataclass(frozen=True)
class Field:
    """One field of a body: how it is checked, and what it is when it is absent."""

    check: Check
    required: bool = True
    default: Any = None


def read_json(raw: bytes) -> dict[str, Any]:
    """Return the body's object. Raises ``ApiError`` for anything else; no body is an empty one."""
    if not raw:
        return {}
    try:
        body = json.loads(raw, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise invalid(f"The body is not valid JSON: {error}.", code="invalid_json") from error
    if not isinstance(body, dict):
        raise invalid("The body must be a JSON object.", code="invalid_json")
    return body


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise ValueError("a name stands twice in one object")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def read_fields(body: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return the checked values. Raises ``ApiError`` naming the field that is wrong."""
    for name in body:
        if name not in fields:
            raise invalid(f"There is no field {name!r} here.", name, code="unknown_field")
    values = {}
    for name, field in fields.items():
        if body.get(name) is None:
            if field.required:
                raise invalid(f"{name} is missing.", name, code="missing_field")
            values[name] = field.default
        else:
            values[name] = field.check(name, body[name])
    return values


def nested(fields: Mapping[str, Field]) -> Check:
    """Return a check for an object with these fields and no others."""

    def check(name: str, value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise invalid(f"{name} must be an object.", name)
        return read_fields(value, fields)

    return check


def text(longest: int) -> Check:
    """Return a check for a text of 1 to ``longest`` characters without control characters."""

    def check(name: str, value: object) -> str:
        if not isinstance(value, str) or not 1 <= len(value) <= longest:
            raise invalid(f"{name} must be a text of 1 to {longest} characters.", name)
        if not value.isprintable() or not value.strip():
            raise invalid(f"{name} may not hold control characters or be blank.", name)
        return value

    return check


def one_of(*choices: str) -> Check:
    """Return a check for one of some words."""

    def check(name: str, value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise invalid(f"{name} must be one of: {', '.join(choices)}.", name)
        return value

    return check


def pattern(expression: str, example: str) -> Check:
    """Return a check for a text that matches as a whole."""
    compiled = re.compile(expression, re.ASCII)

    def check(name: str, value: object) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise invalid(f"{name} must look like {example!r}.", name)
        return value

    return check


def amount(name: str, value: object) -> int:
    """Check a whole number of minor units above zero."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(f"{name} must be a whole number of minor units.", name, code="invalid_amount")
    if not 0 < value <= MAX_AMOUNT:
        message = f"{name} must be above 0 and at most {MAX_AMOUNT}."
        raise invalid(message, name, code="invalid_amount")
    return value


def number(low: float, high: float) -> Check:
    """Return a check for a number, whole or not, within two bounds."""

    def check(name: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise invalid(f"{name} must be a number.", name)
        if not low <= value <= high:
            raise invalid(f"{name} must be from {low} to {high}.", name)
        return value

    return check


def flag(name: str, value: object) -> bool:
    """Check true or false."""
    if not isinstance(value, bool):
        raise invalid(f"{name} is true or false.", name)
    return value


def currency(name: str, value: object) -> str:
    """Check a currency code in capitals."""
    if not isinstance(value, str) or value not in CODES:
        message = f"{name} must be an ISO 4217 code in capital letters, such as USD."
        raise invalid(message, name, code="unknown_currency")
    return value


def moment(name: str, value: object) -> float:
    """Check a moment with its zone, and return it in seconds since 1970."""
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise invalid(f"{name} must be a moment such as 2026-03-01T09:30:00Z.", name)
    return read.timestamp()


def web_address(name: str, value: object) -> str:
    """Check an absolute http or https address."""
    problem = invalid(
        f"{name} must be an absolute http or https address.", name, code="invalid_url"
    )
    if not isinstance(value, str) or len(value) > 2000 or not re.fullmatch(r"[!-~]+", value):
        raise problem
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as error:
        raise problem from error
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(parts.netloc):
        raise problem
    return value
