"""The entities of the API as data: names, types and marks, read out of ``entities.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

EMPTY_GUID = "00000000-0000-0000-0000-000000000000"
EMPTY_DATE = "0001-01-01"
EMPTY_MOMENT = "0001-01-01T00:00:00.000Z"
BLANK = "_x0020_"  # an enum's blank value as it travels

_KNOWN = {"applyVendorEntries", "jobQueueEntries", "salesQuoteLines", "salesQuotes"}

_EMPTY: dict[str, str | int] = {
    "Guid": EMPTY_GUID,
    "Date": EMPTY_DATE,
    "DateTimeOffset": EMPTY_MOMENT,
    "String": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One property of an entity. ``wire`` lists an enum's values as they travel."""

    name: str
    type: str
    max_length: int
    code: bool
    read_only: bool
    page_variable: bool
    wire: tuple[str, ...]

    @property
    def empty(self) -> str | int:
        """The value that stands for nothing (facts, 3.9): never null."""
        if self.wire:
            return self.wire[0]
        return _EMPTY.get(self.type, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A navigation property: rows of ``set`` whose ``child`` equals this entity's ``parent``.

    ``type`` is what those rows have as their parent's type. A set that is not carried has no
    ``child``.
    """

    name: str
    set: str
    many: bool
    child: str = ""
    parent: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One entity set with its properties in the order of the API page.

    A ``query`` is no page: it cannot be sorted.
    """

    set: str
    name: str
    key: str
    methods: tuple[str, ...]
    navigation: dict[str, Way]
    actions: tuple[str, ...]
    fields: dict[str, Field]
    query: bool = False


def _field(raw: dict[str, Any]) -> Field:
    return Field(
        name=raw["name"],
        type=raw["type"],
        max_length=raw.get("maxLength", 0),
        code=raw.get("code", False),
        read_only=raw.get("readOnly", False),
        page_variable=raw.get("pageVariable", False),
        wire=tuple(raw.get("wire", ())),
    )


@cache
def entities() -> dict[str, Entity]:
    """Return every entity set this sandbox carries, by its name in the URL."""
    text = Path(__file__).with_name("entities.json").read_text(encoding="utf-8")
    return {
        raw["set"]: Entity(
            set=raw["set"],
            name=raw["name"],
            key=raw["key"],
            methods=tuple(raw["methods"]),
            navigation={way["name"]: Way(**way) for way in raw["navigation"]},
            actions=tuple(raw["actions"]),
            fields={field["name"]: _field(field) for field in raw["fields"]},
            query=raw.get("query", False),
        )
        for raw in json.loads(text)["entities"]
    }


@cache
def elsewhere() -> frozenset[str]:
    """Sets that Business Central has and this sandbox has not, as far as the facts name them."""
    named = {each.set for entity in entities().values() for each in entity.navigation.values()}
    return frozenset((named | _KNOWN) - set(entities()))


def way(entity: Entity, name: str) -> Way | None:
    """The navigation property of a name, if the set that it leads to is carried."""
    found = entity.navigation.get(name)
    return found if found is not None and found.child else None
