"""Questions that every page asks: their SQL is made once in a process, not for each request.

To make a statement out of a query set costs Django more than to ask it costs PostgreSQL. What is
kept is the statement alone, never an answer and never whose question it was: the organization and
all values are put in anew each time, and the walls stand as for any other question.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import QuerySet

from quittance.tenancy.scope import current_organization_id, working_for

_LAST: Final = datetime(9999, 12, 31, tzinfo=UTC)
# Values that no question has, each of which is found again in the statement's parameters.
_MARKS: Final[dict[type, Callable[[int], object]]] = {
    UUID: lambda _place: uuid4(),
    date: lambda place: _LAST.date() - timedelta(days=place),
    datetime: lambda place: _LAST - timedelta(days=place),
}
_ORGANIZATION: Final = -1


class _Statement(NamedTuple):
    sql: str
    parameters: list[Any]
    places: list[tuple[int, int]]  # of a parameter, and which value belongs there
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
        organization_id = current_organization_id()
        made = self._made = self._made or self._make()
        parameters = made.parameters.copy()
        for place, which in made.places:
            parameters[place] = organization_id if which == _ORGANIZATION else values[which]
        with connection.cursor() as cursor:
            cursor.execute(made.sql, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        if made.converters:
            return list(map(tuple, made.compiler.apply_converters(rows, made.converters)))
        return rows

    def _make(self) -> _Statement:
        marks = [_MARKS[kind](place) for place, kind in enumerate(self._kinds)]
        nobody = uuid4()
        with working_for(nobody, actor="nobody"):
            compiler = self._build(*marks).query.get_compiler(connection=connection)
            sql, parameters = compiler.as_sql()
        known = {_ORGANIZATION: nobody, **dict(enumerate(marks))}
        places = [
            (place, which)
            for place, parameter in enumerate(parameters)
            for which, mark in known.items()
            if parameter == mark
        ]
        if known.keys() != {which for _, which in places}:
            raise ValueError("A value does not stand in the statement as it was given.")
        converters = compiler.get_converters(each[0] for each in compiler.select)
        return _Statement(sql, list(parameters), places, compiler, converters)
