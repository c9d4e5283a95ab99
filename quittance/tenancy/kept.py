"""Questions that every page asks: their SQL is made once in a process, not for each request.

To make a statement out of a query set costs Django more than to ask it costs PostgreSQL. What is
kept is the statement alone, never an answer and never whose question it was: the organization and
all values are put in anew each time, and the walls stand as for any other question. PostgreSQL
does likewise: a connection that stays open plans such a statement once (see ``execute``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import QuerySet
from psycopg.sql import Literal

from quittance.tenancy.scope import current_organization_id, working_for

_LAST: Final = datetime(9999, 12, 31, tzinfo=UTC)
# Values that no question has, each of which is found again in the statement's parameters.
_MARKS: Final[dict[type, Callable[[int], object]]] = {
    UUID: lambda _place: uuid4(),
    date: lambda place: _LAST.date() - timedelta(days=place),
    datetime: lambda place: _LAST - timedelta(days=place),
}
_ORGANIZATION: Final = -1


def execute(statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """Send a statement whose text is always the same; return its rows.

    Its values travel beside it. So a connection of the pool, which prepares what it has sent a few
    times (``prepare_threshold``), has it planned once; Django's own cursors write values into the
    text, and PostgreSQL plans each anew, which with walls costs more than to answer.
    """
    wrapper: Any = connections[DEFAULT_DB_ALIAS]  # found once: ``connection`` looks each time
    wrapper.close_if_health_check_failed()
    wrapper.ensure_connection()
    apart: Any = ServerBindingCursor  # psycopg's own, of which the stubs know nothing
    with wrapper._prepare_cursor(apart(wrapper.connection)) as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


class _Statement(NamedTuple):
    sql: str
    places: list[int]  # which value belongs to each parameter; the last is the organization
    compiler: Any
    converters: Any


class Kept:
    """A question of one shape. ``build`` makes its query set of ``values_list`` out of the values.

    ``kinds`` are the types of the values: ``UUID``, ``date`` or ``datetime``. ``build`` is called
    once, with marks: it may pass them on, but neither look at them nor reckon with them.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *kinds: type) -> None:
        self._build, self._kinds = build, kinds
        self._made: _Statement | None = None

    def __call__(self, *values: object) -> list[tuple[Any, ...]]:
        """Ask for the current organization, in a transaction of the caller; return the rows.

        Raises ``NoScope``, and ``ValueError`` where ``build`` did not pass a value on as it is.
        """
        known = (*values, current_organization_id())
        made = self._made = self._made or self._make()
        rows = execute(made.sql, [known[place] for place in made.places])
        if made.converters:
            return list(map(tuple, made.compiler.apply_converters(rows, made.converters)))
        return rows

    def _make(self) -> _Statement:
        marks = [_MARKS[kind](place) for place, kind in enumerate(self._kinds)]
        nobody = uuid4()
        with working_for(nobody, actor="nobody"):
            compiler = self._build(*marks).query.get_compiler(connection=connection)
            sql, parameters = compiler.as_sql()
        known = {nobody: _ORGANIZATION, **{mark: place for place, mark in enumerate(marks)}}
        places = [known[each] for each in parameters if _is_mark(each, known)]
        if {*known.values()} != {*places}:
            raise ValueError("A value does not stand in the statement as it was given.")
        converters = compiler.get_converters(each[0] for each in compiler.select)
        return _Statement(_with_constants(sql, parameters, known), places, compiler, converters)


def _is_mark(parameter: object, known: Mapping[object, int]) -> bool:
    return isinstance(parameter, tuple(_MARKS)) and parameter in known


def _with_constants(sql: str, parameters: Sequence[object], known: Mapping[object, int]) -> str:
    """Write what is the same in every question into the text, as Django's own cursors do.

    So a plan that is good for all values can use an index of the open invoices only: "= 'open'"
    says which they are, "= $3" does not.
    """
    connection.ensure_connection()
    first, *rest = sql.split("%s")
    return first + "".join(
        ("%s" if _is_mark(each, known) else _literal(each)) + text
        for each, text in zip(parameters, rest, strict=True)
    )


def _literal(value: object) -> str:
    return Literal(value).as_string(connection.connection).replace("%", "%%")
