"""Reads entities out of the database and shapes them as the API shows them."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.business_central import periods, values
from sandbox.business_central.database import Session
from sandbox.business_central.errors import bad_request, not_found
from sandbox.business_central.facts import EMPTY_GUID, Entity, entities
from sandbox.business_central.odata import paging
from sandbox.business_central.odata.filters import Condition
from sandbox.business_central.odata.options import Expand, Query
from sandbox.business_central.shapes import SHAPES, source

_CHUNK = 500  # rows that are read at once, and parents whose children are


@dataclass(frozen=True, slots=True)
class _Plan:
    """The columns to read and how each is shown."""

    names: list[str]
    columns: list[str]
    shown: list[tuple[str, Any]]
    streams: list[str]


def equals(column: str, value: Any) -> Condition:
    """The condition that a column of the row ``t`` has a value."""
    return Condition(f't."{column}" = ?', (value,), frozenset({column}), ((column, value),))


def etag(version: int) -> str:
    """The weak tag of a record's version. Its inside means nothing to a client."""
    return 'W/"' + base64.b64encode(f"19;{version:019d};1;00;".encode()).decode() + '"'


class Reading:
    """One page of an entity set, read some hundred rows at a time: it may have 20,000.

    ``page`` is the most rows that an answer holds. ``place`` is known once all was read.
    """

    def __init__(
        self,
        session: Session,
        query: Query,
        conditions: Sequence[Condition],
        *,
        page: int,
        base: str,
    ) -> None:
        self._session, self._query, self._base = session, query, base
        self._terms = _terms(query.entity, query)
        where = _where(query.entity, query, conditions)
        self.count = _count(session, query.entity, where) if query.count else None
        if query.skiptoken:
            where = [*where, paging.after(query.skiptoken, self._terms)]
        self._limit = page if query.top is None else min(page, query.top)
        self._plan = _plan(query.entity, query)
        self._rows = self._ask(where)
        self.place: tuple[Any, ...] | None = None

    def records(self) -> Iterator[list[dict[str, Any]]]:
        """Yield all records once, in lists."""
        left, last = self._limit, None
        while left and (rows := self._rows.fetchmany(min(_CHUNK, left))):
            left, last = left - len(rows), rows[-1]
            records = _records(self._query.entity, self._plan, rows, self._base)
            for expand in self._query.expand:
                _expand(self._session, expand, rows, self._plan, records, base=self._base)
            yield _trimmed(records, self._query)
        if last is not None and self._query.top is None and self._rows.fetchone() is not None:
            self.place = tuple(last[len(self._plan.columns) + 1 :])

    def _ask(self, where: Sequence[Condition]) -> sqlite3.Cursor:
        order = ", ".join(f"{sql} DESC" if down else sql for sql, down in self._terms)
        chosen = [*self._plan.columns, "t.rowVersion", *(sql for sql, _ in self._terms)]
        return self._session.db.execute(
            f"SELECT {', '.join(chosen)} FROM {_table(self._query.entity, where)} AS t{_sql(where)}"  # noqa: S608
            f" ORDER BY {order} LIMIT ? OFFSET ?",
            [*_parameters(where), self._limit + 1, self._query.skip],
        )


def first(
    session: Session, query: Query, conditions: Sequence[Condition], *, base: str
) -> dict[str, Any] | None:
    """Read the first entity that there is."""
    reading = Reading(session, query, conditions, page=1, base=base)
    return next((record for records in reading.records() for record in records), None)


def one(
    session: Session, query: Query, key: Any, *, base: str, at: Sequence[Condition] = ()
) -> dict[str, Any]:
    """Read one entity by its key (``at`` a parent). Raises 404 when no record has it."""
    condition = equals(query.entity.key, key)
    found = first(session, query, [*at, condition], base=base)
    if found is None:
        raise not_found()
    return found


def count(session: Session, query: Query, conditions: Sequence[Condition]) -> int:
    """Count what ``/$count`` asks for."""
    return _count(session, query.entity, _where(query.entity, query, conditions))


def stored(session: Session, entity: Entity, key: Any, at: Sequence[Condition] = ()) -> sqlite3.Row:
    """Return the record behind an entity, all columns. Raises 404 when there is none."""
    shape = SHAPES[entity.set]
    where = [*at, equals(entity.key, key)]
    if shape.where:
        where.append(Condition(shape.where, (), frozenset()))
    table = _table(entity, where)
    row = session.row(f"SELECT t.* FROM {table} AS t{_sql(where)}", _parameters(where))  # noqa: S608
    if row is None:
        raise not_found()
    return row


def _terms(entity: Entity, query: Query) -> list[paging.Term]:
    """The sort terms: what is asked, then the table's key so that no two rows are equal."""
    asked = [(source(entity, name), down) for name, down in query.order]
    default = [] if query.order else [(f't."{name}"', False) for name in SHAPES[entity.set].order]
    tie = (f't."{entity.key}"', asked[-1][1] if asked else False)
    return [*asked, *default] + ([] if tie in asked or tie in default else [tie])


def _where(entity: Entity, query: Query, conditions: Sequence[Condition]) -> list[Condition]:
    shape = SHAPES[entity.set]
    found = list(conditions)
    if query.condition is not None:
        found.append(query.condition)
    given = frozenset[str]().union(*(condition.names for condition in found))
    if shape.parents and not given & set(shape.parents):
        if not shape.orphans:
            raise bad_request(shape.parent_missing, "Application_DialogException")
        found.append(equals(shape.parents[0], EMPTY_GUID))
    if shape.where:
        found.append(Condition(shape.where, (), frozenset()))
    if entity.set == "journals" and not given & {"templateDisplayName", "id"}:
        # Facts, section 2.3: the list shows General batches unless the template is asked for.
        found.append(equals("templateDisplayName", "GENERAL"))
    return found


def _table(entity: Entity, where: Sequence[Condition]) -> str:
    """The SQL of the set's table; a computed one takes what the filter asks for."""
    shape = SHAPES[entity.set]
    if not shape.asked:
        return shape.table
    given = dict(pair for condition in where for pair in condition.equal if pair[1] != EMPTY_GUID)
    for name in shape.asked:
        if name in given and not periods.is_plain(str(given[name])):
            raise bad_request(
                f'The value "{given[name]}" can\'t be evaluated into type DateFormula.',
                "Application_EvaluateException",
            )
    asked = shape.asked | {
        name: shape.narrowed.get(name, "{}").format(f"'{given[name]}'")
        for name in shape.asked
        if name in given
    }
    return shape.table.format(**asked)


def _sql(where: Sequence[Condition]) -> str:
    return " WHERE " + " AND ".join(condition.sql for condition in where) if where else ""


def _parameters(where: Sequence[Condition]) -> list[Any]:
    return [value for condition in where for value in condition.parameters]


def _count(session: Session, entity: Entity, where: Sequence[Condition]) -> int:
    table = _table(entity, where)
    found: int = session.value(
        f"SELECT COUNT(*) FROM {table} AS t{_sql(where)}",  # noqa: S608
        _parameters(where),
    )
    return found


def _plan(entity: Entity, query: Query) -> _Plan:
    wanted = query.select or tuple(entity.fields)
    names = [name for name in wanted if entity.fields[name].type != "Stream"]
    streams = [name for name in wanted if entity.fields[name].type == "Stream"]
    hidden = [entity.key] if streams else []
    hidden += [expand.link.parent for expand in query.expand]
    names += [name for name in dict.fromkeys(hidden) if name not in names]
    shown = [
        (name, values.SHOWN[entity.fields[name].type])
        for name in names
        if entity.fields[name].type in values.SHOWN
    ]
    return _Plan(names, [source(entity, name) for name in names], shown, streams)


def _records(
    entity: Entity, plan: _Plan, rows: Iterable[sqlite3.Row], base: str
) -> list[dict[str, Any]]:
    names, width = ["@odata.etag", *plan.names], len(plan.names)
    records = []
    for row in rows:
        record = dict(zip(names, (etag(row[width]), *row[:width]), strict=True))
        for name, show in plan.shown:
            record[name] = show(record[name])
        for name in plan.streams:
            link = f"{base}/{entity.set}({record[entity.key]})/{name}"
            record[f"{name}@odata.mediaEditLink"] = link
            record[f"{name}@odata.mediaReadLink"] = link
        records.append(record)
    return records


def _expand(
    session: Session,
    expand: Expand,
    rows: Sequence[sqlite3.Row],
    plan: _Plan,
    records: list[dict[str, Any]],
    *,
    base: str,
) -> None:
    """Read the children of all rows, some hundred parents at a time, and hang them in."""
    at = plan.names.index(expand.link.parent)
    parents = list(dict.fromkeys(row[at] for row in rows))
    children: dict[Any, list[dict[str, Any]]] = {}
    for start in range(0, len(parents), _CHUNK):
        chunk = parents[start : start + _CHUNK]
        for parent, child in _children(session, expand, chunk, base):
            children.setdefault(parent, []).append(child)
    for row, record in zip(rows, records, strict=True):
        found = children.get(row[at], [])
        found = found[expand.query.skip :][: expand.query.top]
        record[expand.name] = found if expand.link.many else (found[0] if found else None)


def _children(
    session: Session, expand: Expand, parents: Sequence[Any], base: str
) -> Iterable[tuple[Any, dict[str, Any]]]:
    query, link = expand.query, expand.link
    plan = _plan(query.entity, query)
    linked = Condition(
        f't."{link.child}" IN ({", ".join("?" * len(parents))})',
        tuple(parents),
        frozenset({link.child}),
    )
    where = _where(query.entity, query, [linked])
    order = ", ".join(f"{sql} DESC" if down else sql for sql, down in _terms(query.entity, query))
    chosen = ", ".join([*plan.columns, "t.rowVersion", f't."{link.child}"'])
    rows = session.rows(
        f"SELECT {chosen} FROM {_table(query.entity, where)} AS t{_sql(where)}"  # noqa: S608
        f" ORDER BY {order}",
        _parameters(where),
    )
    records = _records(query.entity, plan, rows, base)
    for inner in query.expand:
        _expand(session, inner, rows, plan, records, base=base)
    for row, record in zip(rows, _trimmed(records, query), strict=True):
        yield row[-1], record


def _trimmed(records: list[dict[str, Any]], query: Query) -> list[dict[str, Any]]:
    """Take out the columns that were read only to find the children."""
    if not query.select:
        return records
    keep = {"@odata.etag", *query.select, *(expand.name for expand in query.expand)}
    return [
        {name: value for name, value in record.items() if name.partition("@odata.media")[0] in keep}
        for record in records
    ]


def entity_named(name: str) -> Entity | None:
    """The entity of a set's name in the URL, if this sandbox carries it."""
    return entities().get(name)
