"""The statements that something sends, and how PostgreSQL answers each."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor

from quittance.tenancy.rows import reading

# A prepared statement is planned for its values, or, later, once for all of them.
PLANNED = ("force_custom_plan", "force_generic_plan")

_log = logging.getLogger(__name__)
_FEW = 200  # rows of a table that other tests may have filled


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


def put_in_order() -> None:
    """Leave the database as one that has been looked after, not as thousands of tests leave it.

    What they wrote and threw away lies in the indexes still, and the planner counts those pages.
    """
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("REINDEX SCHEMA public")
        owner.execute("VACUUM (ANALYZE)")


def looked_at(read: Callable[[], Any]) -> int:
    """How many rows PostgreSQL looks at to answer, those that it throws away too.

    What each step looked at is logged, for the reader of a test that fails.
    """
    rows = 0
    with reading():
        for each in asked_by(read):
            if "FROM" not in each.sql:
                continue
            with connection.cursor() as cursor:
                # Tables of a few rows are not what this is about: no plan may lean on them.
                cursor.execute("SET LOCAL enable_seqscan = off")
                cursor.execute("SELECT relname FROM pg_class WHERE reltuples < %s", [_FEW])
                small = {name for (name,) in cursor.fetchall()}
            rows += max(_rows(plan_of(each, planned), small) for planned in PLANNED)
    return rows


def _rows(plan: dict[str, Any], small: set[str]) -> int:
    own = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    own += plan.get("Rows Removed by Index Recheck", 0)
    if plan.get("Relation Name") in small:  # any index is as good as another
        own = 0
    own = int(own * plan["Actual Loops"])
    _log.info("%s %s", own, [plan.get(each) for each in ("Relation Name", "Index Name")])
    return own + sum(_rows(each, small) for each in plan.get("Plans", []))


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
