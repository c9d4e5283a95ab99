"""Writes the columns of a table and its orders once, where Django does for each question.

A third of a history's time is Django that writes SQL, and much of that the same lists of columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
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


def orders_once() -> Callable[..., list[Any]]:
    """Return what takes the place of ``get_order_by`` of Django's compiler.

    Only for whole rows that are ordered by columns of their own: for each such question Django
    compares the order with all columns that are asked for.
    """
    order_by = SQLCompiler.get_order_by
    written: dict[tuple[type[Model] | None, str, tuple[Any, ...]], list[Any]] = {}

    def get_order_by(self: Any) -> list[Any]:
        query = self.query
        if not (query.order_by and _is_whole_row(query) and _is_plainly_ordered(query)):
            return order_by(self)
        key = query.model, query.get_initial_alias(), query.order_by
        if key not in written:
            written[key] = order_by(self)
        return written[key].copy()

    return get_order_by


def _is_plainly_ordered(query: Query) -> bool:
    return bool(
        query.standard_ordering
        and not (query.extra_order_by or query.extra or query.annotations)
        and not (query.combinator or query.distinct)
        and query.model
        and all(isinstance(each, str) and each in _orders(query.model) for each in query.order_by)
    )


@cache
def _orders(model: type[Model]) -> frozenset[str]:
    """Return how rows may be ordered by one column of their own table."""
    names = [each.name for each in model._meta.concrete_fields if not each.is_relation]
    return frozenset([*names, *(f"-{name}" for name in names)])


def _is_whole_row(query: Query) -> bool:
    """Whether a question asks for all columns of one table, and for nothing else."""
    return bool(query.default_cols) and not (
        query.select
        or query.annotation_select
        or query.extra_select
        or query.select_related
        or query.deferred_loading != _ALL_FIELDS
    )
