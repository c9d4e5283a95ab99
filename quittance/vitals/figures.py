"""Reads all figures out of the database when somebody asks.

So they are the same whichever of the web processes answers, and are there after a restart: no
process counts anything for itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any, Final

from django.db import connection, transaction

from quittance.jobs.organization import each_organization
from quittance.tenancy.rows import reading
from quittance.vitals.catalogue import EVERY, OF_ORGANIZATIONS, OF_THE_HOUSE, Figure
from quittance.vitals.exposition import Metric

_REMEMBER_SECONDS: Final = 5.0  # in this process, however often we are asked
_WITHIN: Final = "SET LOCAL statement_timeout = '5s'; SET LOCAL jit = off"
_lock = Lock()
_remembered: tuple[float, Sequence[Metric]] = (float("-inf"), ())


def figures() -> Sequence[Metric]:
    """Return every metric of the catalogue, and how long it took. Raises ``DatabaseError``.

    Each organization is read in one statement, in a transaction of its own that can write nothing.
    """
    global _remembered  # noqa: PLW0603 - what this process read last
    with _lock:  # of many who ask at once, one reads
        until, known = _remembered
        if time.monotonic() >= until:
            known = _read()
            _remembered = time.monotonic() + _REMEMBER_SECONDS, known
        return known


def forget() -> None:
    """Have the next question read the database again."""
    global _remembered  # noqa: PLW0603
    _remembered = float("-inf"), ()


def statement(of: Iterable[Figure]) -> str:
    """Return one SELECT of all these figures: name, labels, value."""
    return " UNION ALL ".join(
        f"SELECT '{figure.name}', labels, value::float8"  # noqa: S608 - our own words
        f" FROM ({figure.sql}) AS of_figure (labels, value) WHERE value IS NOT NULL"
        for figure in of
    )


def _read() -> Sequence[Metric]:
    begin = time.monotonic()
    found: dict[str, dict[tuple[str, ...], float]] = {
        figure.name: dict.fromkeys(figure.zeros, 0.0) for figure in EVERY
    }
    for _ in each_organization(actor="vitals"):
        with reading():
            _add(found, _asked(OF_ORGANIZATIONS))
    with transaction.atomic():
        _add(found, _asked(OF_THE_HOUSE))
    took = Metric(
        "quittance_figures_took_seconds", "How long it took to read all of these.",
        values={(): time.monotonic() - begin},
    )  # fmt: skip
    return [*(Metric(f.name, f.told, f.labels, found[f.name]) for f in EVERY), took]


def _asked(of: Iterable[Figure]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_WITHIN)
        cursor.execute(statement(of))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _add(found: dict[str, dict[tuple[str, ...], float]], rows: Iterable[tuple[Any, ...]]) -> None:
    for name, labels, value in rows:
        values, key = found[name], tuple(labels)
        before = values.get(key, 0.0)
        values[key] = max(before, value) if name in _LARGEST else before + value


_LARGEST: Final = {figure.name for figure in EVERY if figure.largest}
