"""Writes the columns of a table once, where Django writes them anew for each question.

A third of a history's time is Django that writes SQL, and much of that the same lists of columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

_ALL_FIELDS = (frozenset[str](), True)
_Select = tuple[list[Any], dict[str, Any] | None, dict[str, Any]]


def once() -> tuple[Callable[..., _Select], Callable[..., dict[int, Any]]]:
    """Return what takes the place of ``get_select`` and ``get_converters`` of Django's compiler."""
    select, converters = SQLCompiler.get_select, SQLCompiler.get_converters
    written: dict[tuple[type[Model] | None, str], _Select] = {}
    read: dict[tuple[int, ...], dict[int, Any]] = {}  # by the columns, which Django keeps

    def get_select(self: Any, with_col_aliases: bool = False) -> _Select:
        if with_col_aliases or not _is_whole_row(self.query):
            return select(self, with_col_aliases)
        key = self.query.model, self.query.get_initial_alias()
        if key not in written:
            written[key] = columns, _, _ = select(self)
            listed = [each[0] for each in columns]
            read[tuple(map(id, listed))] = converters(self, listed)
        columns, about, _ = written[key]
        return columns.copy(), about and about.copy(), {}

    def get_converters(self: Any, expressions: Iterable[Any]) -> dict[int, Any]:
        listed = list(expressions)
        known = read.get(tuple(map(id, listed)))
        return converters(self, listed) if known is None else known

    return get_select, get_converters


def _is_whole_row(query: Query) -> bool:
    """Whether a question asks for all columns of one table, and for nothing else."""
    return bool(query.default_cols) and not (
        query.select
        or query.annotation_select
        or query.extra_select
        or query.select_related
        or query.deferred_loading != _ALL_FIELDS
    )
