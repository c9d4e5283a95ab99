"""Lets go of what has had its time, in small steps; or says first what would go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from django.db import connection

from quittance.privacy.rules import RULES, Rule
from quittance.tenancy.rows import reading, writing

AT_ONCE: Final = 500  # rows of one transaction: nobody waits long for a lock
A_NIGHT: Final = 20_000  # of one rule and organization; the next night takes the rest


def due(rule: Rule, *, at_most: int = A_NIGHT) -> list[UUID]:
    """Return which rows of the current organization have had their time, no order promised."""
    with reading(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {rule.table} WHERE {rule.over} < now() - make_interval(days => %s)"  # noqa: S608 - our words
            f" AND ({rule.only}) LIMIT %s",
            [rule.keeps.days, at_most],
        )
        return [row for (row,) in cursor.fetchall()]


def let_go(rule: Rule) -> int:
    """Let go of what is due in the current organization; return how many rows that was.

    Whoever changed a row meanwhile wins: it is looked at again within its step.
    """
    rows, gone = due(rule), 0
    for start in range(0, len(rows), AT_ONCE):
        with writing("its time is over"), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM {rule.table} WHERE id = ANY(%s)"  # noqa: S608
                f" AND {rule.over} < now() - make_interval(days => %s) AND ({rule.only})"
                " FOR UPDATE",
                [rows[start : start + AT_ONCE], rule.keeps.days],
            )
            still = [row for (row,) in cursor.fetchall()]
            for statement in _statements(rule):
                cursor.execute(statement, [still])
            gone += len(still)
    return gone


def let_go_of_all() -> Iterator[tuple[Rule, int]]:
    """Go through all rules for the current organization; yield what each let go of."""
    for rule in RULES:
        yield rule, let_go(rule)


def _statements(rule: Rule) -> Iterator[str]:
    if rule.empties:
        emptied = ", ".join(f"\"{column}\" = ''" for column in rule.empties)
        yield f"UPDATE {rule.table} SET {emptied} WHERE id = ANY(%s)"  # noqa: S608 - our own words
        return
    for table, column in (*rule.parts, (rule.table, "id")):
        yield f"DELETE FROM {table} WHERE {column} = ANY(%s)"  # noqa: S608
