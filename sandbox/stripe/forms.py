"""Stripe's form encoding: names with brackets, and what a call may say in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from sandbox.stripe.errors import StripeError, invalid

MAX_BODY: Final = 256 * 1024
MAX_AMOUNT: Final = 99_999_999
TEXT, WHOLE, FLAG, LIST, MAP, URL = "text", "whole", "flag", "list", "map", "url"
Spec = Mapping[str, Any]  # a name to one of the words above, or to a Spec, or to [Spec]
_NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def decode(raw: str) -> dict[str, Any]:
    """Return the tree that ``a[b][0]=c`` means; numbered branches stay dictionaries.

    Raises ``StripeError`` for content that is no form.
    """
    tree: dict[str, Any] = {}
    try:
        pairs = parse_qsl(
            raw, keep_blank_values=True, max_num_fields=1000, strict_parsing=bool(raw)
        )
    except ValueError as error:
        raise invalid("Invalid request: the content is not form encoded.") from error
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        if match is None:
            raise invalid(f"Invalid parameter name: {name}", name)
        _put(tree, [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])], value, name)
    return tree


def _put(tree: dict[str, Any], path: list[str], value: str, name: str) -> None:
    for place, part in enumerate(path[:-1]):
        step = part or str(len(tree))
        tree = tree.setdefault(step, {})
        if not isinstance(tree, dict):
            raise invalid(f"Invalid {name}: it has a value and parts.", path[place])
    tree[path[-1] or str(len(tree))] = value


def read(asked: Mapping[str, Any], spec: Spec, *, inside: str = "") -> dict[str, Any]:
    """Return the values of a call by its ``spec``; an empty text unsets, as ``None``.

    Raises ``StripeError`` 400 ``parameter_unknown`` for what no spec names.
    """
    told: dict[str, Any] = {}
    for name, value in asked.items():
        full = f"{inside}[{name}]" if inside else name
        if name not in spec:
            raise invalid(f"Received unknown parameter: {full}", full, "parameter_unknown")
        told[name] = _value(value, spec[name], full)
    return told


def need(told: Mapping[str, Any], *names: str) -> None:
    """Raise ``StripeError`` 400 ``parameter_missing`` for the first name without a value."""
    for name in names:
        if told.get(name) in (None, "", []):
            raise invalid(f"Missing required param: {name}.", name, "parameter_missing")


def _value(value: Any, kind: Any, name: str) -> Any:
    if isinstance(kind, list):
        if not isinstance(value, dict):
            raise invalid(f"Invalid array: {name}", name)
        return [read(each, kind[0], inside=f"{name}[{i}]") for i, each in value.items()]
    if isinstance(kind, Mapping):
        if value == "":
            return None
        if not isinstance(value, dict):
            raise invalid(f"Invalid object: {name}", name)
        return read(value, kind, inside=name)
    if kind in {LIST, MAP}:
        return _many(value, kind, name)
    if not isinstance(value, str):
        raise invalid(f"Invalid {kind}: {name} has parts.", name)
    return _one(value, kind, name)


def _many(value: Any, kind: str, name: str) -> Any:
    if value == "":
        return [] if kind == LIST else {}
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise invalid(f"Invalid {'array' if kind == LIST else 'object'}: {name}", name)
    if kind == LIST:
        return list(value.values())
    if len(value) > 50 or any(len(k) > 40 or len(v) > 500 for k, v in value.items()):
        raise invalid("Metadata has at most 50 keys of 40 and values of 500 characters.", name)
    return dict(value)


def _one(value: str, kind: str, name: str) -> Any:
    if kind == WHOLE:
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise invalid(f"Invalid integer: {value}", name, "parameter_invalid_integer")
        return int(value)
    if kind == FLAG:
        if value not in {"true", "false"}:
            raise invalid(f"Invalid boolean: {value}", name)
        return value == "true"
    if kind == URL and urlsplit(value).scheme not in {"http", "https"}:
        raise invalid(f"Not a valid URL: {value}", name, "url_invalid")
    if len(value) > 5000:
        raise invalid(f"Invalid string: {name} is too long.", name)
    return value or None


def too_large() -> StripeError:
    """Return the error for a body that nobody reads."""
    return StripeError(413, "invalid_request_error", "The body is too large.")
