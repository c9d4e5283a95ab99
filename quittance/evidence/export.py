"""Hands a part of the chain out, so that a stranger can compute its hashes anew."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Final, NamedTuple

from django.db.models import Max, Min

from quittance.audit.chain import BEFORE_THE_FIRST, FIELDS, as_text
from quittance.audit.models import AuditEvent, ChainLink
from quittance.audit.record import record_event
from quittance.core.errors import RuleBroken
from quittance.evidence.links import links
from quittance.tenancy.rows import reading, writing
from quittance.ui.files import on_disk
from quittance.ui.tables import harmless

MOST: Final = 100_000  # events of a file of several days; one day is always whole
_A_DAY: Final = timedelta(hours=25)  # the longest: clocks are put back in it


class NothingThen(RuleBroken):
    """Nothing was done in these days. Choose others."""


class TooManyEvents(RuleBroken):
    """A file of several days has 100,000 events at most. Choose fewer, and take several files."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the current organization's chain: from one place to another, both with it."""

    first: int
    last: int
    before: bytes  # the hash of the link before the first


class Row(NamedTuple):
    """One event as it is handed out: all as text; the hashes in hexadecimal digits."""

    before: str
    fields: dict[str, str]  # in the order in which they are hashed
    hash: str


def part_of(since: datetime, until: datetime) -> Part:
    """Return the part with all events from ``since`` until before ``until``, and write it down.

    Places that lie between are in it too, so that it has no gap. A day is never cut, however much
    was done in it: the files are written page by page, and not in memory. Raises ``NothingThen``,
    ``TooManyEvents``.
    """
    with reading():
        events = AuditEvent.objects.filter(happened_at__gte=since, happened_at__lt=until)
        ends = ChainLink.objects.filter(pk__in=events.values("pk")).aggregate(
            first=Min("place"), last=Max("place")
        )
        first, last = ends["first"], ends["last"]
        if first is None:
            raise NothingThen
        if last - first >= MOST and until - since > _A_DAY:
            raise TooManyEvents
        link = ChainLink.objects.filter(place=first - 1).first()
    with writing():
        record_event("audit exported", first=first, last=last)
    return Part(first, last, bytes(link.hash) if link else BEFORE_THE_FIRST)


def rows_of(part: Part) -> Iterator[Row]:
    """Yield the events of a part in their order, in transactions of its own."""
    before = part.before
    for place, hash_, _, *fields in links(part.first - 1):
        if place > part.last:
            return
        told = dict(zip(FIELDS, map(as_text, fields), strict=True))
        yield Row(before.hex(), told, bytes(hash_).hex())
        before = bytes(hash_)


def lines_file(part: Part) -> IO[bytes]:
    """Return an open file with one JSON object a line, to be read from its start."""
    with on_disk() as file:
        for row in rows_of(part):
            file.write(json.dumps(row._asdict(), ensure_ascii=False).encode() + b"\n")
    return file


def csv_file(part: Part) -> IO[bytes]:
    """Return an open file with the same as CSV (RFC 4180).

    A cell that a spreadsheet would run, or that begins with an apostrophe itself, has an apostrophe
    before it, which whoever computes the hashes takes away.
    """
    with on_disk() as file:
        out = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        try:
            writer = csv.writer(out, lineterminator="\r\n")
            writer.writerow(["before", *FIELDS, "hash"])
            for row in rows_of(part):
                writer.writerow([row.before, *map(_cell, row.fields.values()), row.hash])
        finally:
            out.detach()
    return file


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith("'") else harmless(text)
