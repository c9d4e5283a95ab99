"""Looks whether a chain of events is whole: nothing changed, taken out, put in, moved or cut."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from quittance.audit.chain import BEFORE_THE_FIRST, FIELDS, as_text, hash_of
from quittance.evidence.anchors import Head
from quittance.evidence.links import links, pages
from quittance.evidence.models import Anchor
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import current_organization_id

_EVENTS: Final = """
    SELECT e.id, l.id IS NULL, e.what, e.actor, e.happened_at
    FROM audit_auditevent e
    LEFT JOIN audit_chainlink l ON l.organization_id = e.organization_id AND l.id = e.id
    WHERE e.organization_id = %s AND e.id > %s ORDER BY e.id LIMIT %s
"""
_WHAT, _ACTOR, _WHEN = (FIELDS.index(name) for name in ("what", "actor", "happened_at"))
_NOBODY: Final = UUID(int=0)


@dataclass(slots=True)
class Verdict:
    """What was looked at, and what is wrong."""

    events: int = 0
    anchors: int = 0  # of our own table, and those that were given
    wrong: int = 0
    first: str = ""  # the first that is wrong, in words

    def add(self, sentence: str) -> None:
        """Count something that is wrong."""
        self.wrong += 1
        self.first = self.first or sentence


def verify(given: Collection[Head] = ()) -> Verdict:
    """Look at the current organization's chain from its beginning, a few thousand links at once.

    Our own anchors are held against it, and those that are ``given``, which may be older than
    whatever happened to our database. Events that are written meanwhile do no harm.
    """
    verdict = Verdict()
    with reading():
        rows = Anchor.objects.order_by("day").values_list("day", "place", "hash")
        anchors = [(f"the anchor of {day}", place, bytes(hash_)) for day, place, hash_ in rows]
    own = [head for head in given if head.organization_id == current_organization_id()]
    anchors += [("the anchor that was given", head.place, head.hash) for head in own]
    found = _follow(verdict, {place for _, place, _ in anchors})
    for name, place, hash_ in anchors:
        verdict.anchors += 1
        if found.get(place) != hash_:
            verdict.add(_unlike(name, place, verdict.events))
    _unchained(verdict)
    return verdict


def _follow(verdict: Verdict, wanted: Collection[int]) -> dict[int, bytes]:
    """Compute every link anew; return the hashes of the ``wanted`` places."""
    before, expected, found = BEFORE_THE_FIRST, 1, {}
    for place, kept, is_gone, *fields in links():
        if place != expected:
            verdict.add(f"The events {expected} to {place - 1} are not in the chain any more.")
        elif is_gone:
            verdict.add(f"Event {place} is gone; its place in the chain is still there.")
        elif hash_of(before, fields) != bytes(kept):
            verdict.add(f"Event {place} is not what was written down: {_words(fields)}.")
        before, expected = bytes(kept), place + 1
        verdict.events += 1
        if place in wanted:
            found[place] = before
    return found


def _unchained(verdict: Verdict) -> None:
    for event_id, is_alone, what, actor, moment in pages(_EVENTS, _NOBODY):
        if is_alone:
            told = f'"{what}" by {actor}, {as_text(moment)}'
            verdict.add(f"An event was put in past the chain: {told} ({event_id}).")


def _words(fields: list[Any]) -> str:
    return f'"{fields[_WHAT]}" by {fields[_ACTOR]}, {as_text(fields[_WHEN])}'


def _unlike(name: str, place: int, events: int) -> str:
    if place > events:
        return f"{name.capitalize()} knows {place} events, and there are {events}: the end was cut."
    return f"{name.capitalize()} knows another event {place}: the chain was written anew."
