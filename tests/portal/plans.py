"""The statements that something sends, and how PostgreSQL answers each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor

# A prepared statement is planned for its values, or, later, once for all of them.
PLANNED = ("force_custom_plan", "force_generic_plan")


@dataclass(frozen=True)
class Asked:
    """One statement; ``is_prepared`` if a connection of a pool would plan it once."""

    sql: str
    values: Any
    is_prepared: bool


@contextmanager
def listening() -> Iterator[list[Asked]]:
    """Collect what is sent in this block."""
    asked: list[Asked] = []

    def listen(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        prepared = isinstance(context["cursor"].cursor, ServerBindingCursor)
        asked.append(Asked(sql, values, prepared))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(listen):
        yield asked


def asked_by(read: Callable[[], object]) -> list[Asked]:
    """What ``read`` sends, in a transaction of the caller."""
    with listening() as asked:
        read()
    return asked


def plan_of(asked: Asked, planned: str) -> dict[str, Any]:
    """How PostgreSQL answers the statement, in a transaction of the caller; it is run."""
    with connection.cursor() as cursor:
        if not asked.is_prepared:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked.sql}", asked.values)
            return _plan(cursor.fetchone()[0])
        cursor.execute(f"SET LOCAL plan_cache_mode = {planned}")
        places = count(1)
        numbered = "".join(
            f"${next(places)}" if piece == "%s" else piece for piece in _pieces(asked.sql)
        )
        cursor.execute(f"PREPARE looked AS {numbered}")
        given = ", ".join(["%s"] * len(asked.values))
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE looked({given})", asked.values)
        found = _plan(cursor.fetchone()[0])
        cursor.execute("DEALLOCATE looked")
        return found


def _pieces(sql: str) -> Iterator[str]:
    first, *rest = sql.split("%s")
    yield first
    for each in rest:
        yield "%s"
        yield each


def _plan(told: Any) -> dict[str, Any]:
    plans = told if isinstance(told, list) else json.loads(told)
    plan: dict[str, Any] = plans[0]["Plan"]
    return plan
