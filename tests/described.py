"""Holds an answer against the description of the doors of machines, docs/reference/openapi.yaml."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from jsonschema import Draft202012Validator

FILE: Final = Path(__file__).parents[1] / "docs/reference/openapi.yaml"
DOORS: Final[dict[str, Any]] = yaml.safe_load(FILE.read_text("utf-8"))
METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})
_PLACES: Final = sorted(DOORS["paths"], key=lambda path: path.count("{"))


def unlike(
    method: str, path: str, status: int, headers: Mapping[str, str], body: bytes
) -> list[str]:
    """Return what of an answer the description does not allow. An address of no door is a 404."""
    item = item_at(path)
    if item is None:
        return [] if status == 404 else [f"{path} is not described, and answers {status}"]
    response = _responses(item, method).get(str(status))
    if response is None:
        return [f"{method} {path}: {status} is not described"]
    given = {name.lower(): value for name, value in headers.items()}
    return [
        f"{method} {path} {status}: {each}"
        for each in (*_of_headers(response, given), *_of_body(response, given, body, method))
    ]


def unlike_of(answer: Any) -> list[str]:
    """The same of an answer of Django's test client."""
    asked = answer.request
    return unlike(
        asked["REQUEST_METHOD"], asked["PATH_INFO"], answer.status_code, answer.headers,
        answer.content,
    )  # fmt: skip


def item_at(path: str) -> dict[str, Any] | None:
    """Return what is described at an address; one without a parameter goes first."""
    for place in _PLACES:
        wanted = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(place))
        if re.fullmatch(wanted, path):
            found: dict[str, Any] = DOORS["paths"][place]
            return found
    return None


def _responses(item: Mapping[str, Any], method: str) -> dict[str, Any]:
    """Return the answers of a method; one that is not described is refused as others say."""
    asked = "get" if method == "HEAD" else method.lower()
    found: dict[str, Any] = item.get(asked, {}).get("responses", {})
    if found:
        return found
    return {
        status: response
        for name in METHODS & item.keys()
        for status, response in item[name]["responses"].items()
        if not status.startswith("2")
    } | {"405": {"$ref": "#/components/responses/" + _refusal(item)}}


def _refusal(item: Mapping[str, Any]) -> str:
    tags = {tag for name in METHODS & item.keys() for tag in item[name]["tags"]}
    return "Scim405" if "scim" in tags else "OnlyOthers"


def _of_headers(response: Mapping[str, Any], given: Mapping[str, str]) -> Iterator[str]:
    for name, said in _resolved(response).get("headers", {}).items():
        header = _resolved(said)
        value: Any = given.get(name.lower())
        if value is None:
            yield f"the header {name} is missing"
            continue
        if header["schema"].get("type") == "integer" and value.isdigit():
            value = int(value)
        yield from _wrong(header["schema"], value)


def _of_body(
    response: Mapping[str, Any], given: Mapping[str, str], body: bytes, method: str
) -> Iterator[str]:
    content = _resolved(response).get("content", {})
    if method == "HEAD" or (not content and not body):
        return
    kind = given.get("content-type", "").partition(";")[0]
    if kind not in content:
        yield f"{kind or 'no type'} is not described"
        return
    said = json.loads(body) if kind.endswith("json") else body.decode()
    yield from _wrong(content[kind]["schema"], said)


def _resolved(said: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in said:
        found: Any = DOORS
        for part in said["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        said = found
    return said


def _wrong(schema: Mapping[str, Any], said: Any) -> Iterator[str]:
    whole = {**schema, "components": DOORS["components"]}
    judge = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for error in judge.iter_errors(said):
        yield f"{error.json_path}: {error.message[:200]}"
