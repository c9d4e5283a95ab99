"""Makes one list of what waits for an address: one entry for an entity, or one collection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sandbox.business_central import moments

# Kept with each entry until it is sent: when its entity changed first.
FIRST = "first"
_CREATED, _DELETED = "created", "deleted"


def merged(entries: Sequence[dict[str, str]], *, most: int) -> list[dict[str, str]]:
    """Merge entries, oldest first, as they are sent.

    Entries of one entity become one. More than ``most`` of a subscription become a ``collection``
    with the time of the first change less 50 ms, without a filter when a deletion is among them.
    """
    of: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for entry in entries:
        known = of[entry["subscriptionId"]]
        known[entry["resource"]] = _both(known.get(entry["resource"]), entry)
    found = []
    for known in of.values():
        group = sorted(known.values(), key=lambda each: each["lastModifiedDateTime"])
        found += [_collection(group)] if len(group) > most else group
    return [{name: text for name, text in each.items() if name != FIRST} for each in found]


def _both(before: dict[str, str] | None, entry: dict[str, str]) -> dict[str, str]:
    if before is None:
        return entry
    kind = entry["changeType"]
    if before["changeType"] == _CREATED and kind != _DELETED:
        kind = _CREATED
    return {**entry, "changeType": kind, FIRST: before[FIRST]}


def _collection(group: Sequence[dict[str, str]]) -> dict[str, str]:
    first = moments.later(min(each[FIRST] for each in group), seconds=-0.05)
    deleted = any(each["changeType"] == _DELETED for each in group)
    query = "" if deleted else f"?$filter=lastModifiedDateTime%20gt%20{first}"
    address = group[-1]["resource"].rpartition("(")[0]
    return {**group[-1], "resource": address + query, "changeType": "collection"}
