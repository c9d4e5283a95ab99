"""Reads the query options of a request into one record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_plus

from sandbox.business_central.errors import ApiError, bad_request
from sandbox.business_central.facts import Entity, Way, entities, way
from sandbox.business_central.odata.filters import Condition, parse, usable_field

_REFUSED = ("$apply", "$search", "$compute", "$deltatoken")
_TAKEN = {
    "$filter", "$select", "$expand", "$orderby", "$top", "$skip", "$count", "$skiptoken",
    "$schemaversion", "$format", "company", "tenant",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Expand:
    """One navigation property to show inside, with its own options."""

    name: str
    link: Way
    query: Query


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a request asks of an entity set."""

    entity: Entity
    condition: Condition | None = None
    select: tuple[str, ...] = ()
    expand: tuple[Expand, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()  # property, descending
    top: int | None = None
    skip: int = 0
    count: bool = False
    skiptoken: str = ""


def pairs(query_string: str) -> list[tuple[str, str]]:
    """Split a raw query string; option names may come with their dollar encoded."""
    found = []
    for part in filter(None, query_string.split("&")):
        name, _, value = part.partition("=")
        found.append((unquote_plus(name), unquote_plus(value)))
    return found


def read(entity: Entity, options: Iterable[tuple[str, str]]) -> Query:
    """Read the options for one entity set. Raises ``ApiError`` for what cannot be."""
    query = Query(entity=entity)
    for name, value in options:
        if name in _REFUSED:
            raise ApiError(
                501, "BadRequest_MethodNotImplemented", f"The query option '{name}' is not known."
            )
        if name not in _TAKEN:
            if name.startswith("$"):
                raise bad_request(
                    f"The query parameter '{name}' is not supported.",
                    "BadRequest_InvalidRequestUrl",
                )
            continue
        query = _with(query, name, value)
    return query


def _with(query: Query, name: str, value: str) -> Query:
    entity = query.entity
    changes: dict[str, Callable[[], dict[str, Any]]] = {
        "$filter": lambda: {"condition": parse(entity, value)} if value.strip() else {},
        "$select": lambda: {"select": _select(entity, value)},
        "$expand": lambda: {"expand": _expand(entity, value)},
        "$orderby": lambda: {"order": _order(entity, value)},
        "$top": lambda: {"top": _whole(name, value)},
        "$skip": lambda: {"skip": _whole(name, value)},
        "$count": lambda: {"count": value.lower() == "true"},
        "$skiptoken": lambda: {"skiptoken": value},
    }
    return replace(query, **changes.get(name, dict)())


def _whole(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 20):
        raise bad_request(
            f"Invalid value '{value}' for {name} query option found."
            f" The {name} query option requires a non-negative integer value."
        )
    return min(int(value), 2**31)


def _select(entity: Entity, value: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in value.split(",") if part.strip())
    if "*" in names:
        return ()
    for name in names:
        if name not in entity.fields and name not in entity.navigation:
            raise bad_request(
                f"Could not find a property named '{name}' on type 'Microsoft.NAV.{entity.name}'."
            )
    return tuple(name for name in names if name in entity.fields)


def _order(entity: Entity, value: str) -> tuple[tuple[str, bool], ...]:
    found = []
    if entity.query:  # facts, section 3.2
        raise ApiError(501, "BadRequest_MethodNotImplemented", "A query cannot be sorted.")
    for part in value.split(","):
        name, _, direction = part.strip().partition(" ")
        if direction.strip() not in {"", "asc", "desc"}:
            raise bad_request(f"Syntax error in the $orderby expression '{value}'.")
        usable_field(entity, name, "$orderby")
        found.append((name, direction.strip() == "desc"))
    return tuple(found)


def _expand(entity: Entity, value: str) -> tuple[Expand, ...]:
    found = []
    for part in _split(value, ","):
        name, _, inner = part.partition("(")
        name = name.strip()
        link = way(entity, name)
        if link is None:
            raise _cannot_expand(entity, name)
        options = [
            (key.strip(), text)
            for key, _, text in (each.partition("=") for each in _split(inner[:-1], ";"))
        ]
        found.append(Expand(name=name, link=link, query=read(entities()[link.set], options)))
    return tuple(found)


def _cannot_expand(entity: Entity, name: str) -> ApiError:
    if name in entity.navigation or (entity.set == "companies" and name in entities()):
        return ApiError(
            501,
            "BadRequest_MethodNotImplemented",
            f"This sandbox does not carry {entity.set}/{name} yet.",
        )
    # Also for a plural where the server has the singular: customerFinancialDetails.
    return bad_request(
        f"Could not find a property named '{name}' on type 'Microsoft.NAV.{entity.name}'."
    )


def _split(text: str, mark: str) -> list[str]:
    """Split at a mark that is outside of parentheses and quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif not quoted and character in "()":
            depth += 1 if character == "(" else -1
        elif not quoted and depth == 0 and character == mark:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return [part for part in parts if part.strip()]
