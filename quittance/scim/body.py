"""Reads the JSON that a directory sends, and nothing that a database could not keep."""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

from scim2_models import InvalidSyntaxException

# They are ours to say; a client's words about them are ignored (RFC 7643, section 2.2).
_OURS: Final = frozenset({"id", "meta", "groups"})


def read_object(body: bytes) -> dict[str, Any]:
    """Return the object that a body holds. Raises ``InvalidSyntaxException``."""
    try:
        said = json.loads(body.decode(), parse_constant=_refuse)
        text = json.dumps(said, ensure_ascii=False)
        text.encode()
    except (ValueError, RecursionError) as error:
        raise InvalidSyntaxException(detail="This is no JSON.") from error
    if not isinstance(said, dict) or "\\u0000" in text:
        raise InvalidSyntaxException(detail="This is no JSON object, or it holds a NUL.")
    return said


def read_resource(body: bytes) -> dict[str, Any]:
    """Return a resource without what only we say of it. Raises ``InvalidSyntaxException``."""
    return {name: each for name, each in read_object(body).items() if name.lower() not in _OURS}


def read_patch(body: bytes) -> dict[str, Any]:
    """Return a patch without what it says of our own attributes, as Okta names a group's id.

    Raises ``InvalidSyntaxException``.
    """
    said = read_object(body)
    for name, steps in said.items():
        if name.lower() == "operations" and isinstance(steps, list):
            said[name] = [_without_ours(each) for each in steps]
    return said


def _without_ours(step: Any) -> Any:
    if not isinstance(step, dict) or step.get("path") or not isinstance(step.get("value"), dict):
        return step
    kept = {name: each for name, each in step["value"].items() if name.lower() not in _OURS}
    return {**step, "value": kept}


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)
