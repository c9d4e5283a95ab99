"""Begins a transaction and says for whom it works in one message, where psycopg sends two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import errors, generators, pq

_ERRORS: Final = {pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE}


def open_with(statement: str, values: Sequence[str]) -> None:
    """Send BEGIN and ``statement``, whose answer nobody reads, at the start of a transaction.

    Inside of Django's ``atomic``, before its first statement: psycopg would send a BEGIN of its own
    and wait for the answer, and each transaction of ours has this one statement more than it needs.
    ``statement`` has a ``%s`` for each value. Raises what Django raises for a statement.
    """
    wrapper: Any = connections[DEFAULT_DB_ALIAS]  # found once: ``connection`` looks each time
    with wrapper._prepare_cursor(_Opening(wrapper.connection)) as cursor:
        cursor.execute(statement, values)


class _Sent(NamedTuple):
    query: bytes


class _Opening:
    """As much of a cursor as Django asks, so that whoever listens to statements hears this one."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self._raw = raw
        self._query: _Sent | None = None  # Django's list of statements takes the last one from here

    def execute(self, statement: str, values: Sequence[str]) -> None:
        """Send both; raises psycopg's errors."""
        pgconn = self._raw.pgconn
        escape = pq.Escaping(pgconn).escape_literal
        literals = tuple(bytes(escape(value.encode())).decode() for value in values)
        self._query = _Sent((statement % literals).encode())
        with self._raw.lock:
            pgconn.send_query(b"BEGIN; " + self._query.query)
            results = self._raw.wait(generators.execute(pgconn))
        for result in results:
            if result.status in _ERRORS:
                raise errors.error_from_result(result, encoding="utf-8")

    def close(self) -> None:
        """Nothing is open."""
