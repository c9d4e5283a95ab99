"""Lists: pages in the order of making, with a cursor that neither loses nor repeats."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from sandbox.gateway.bodies import Field, moment, text
from sandbox.gateway.errors import invalid, missing
from sandbox.gateway.pipeline import Act, Answer
from sandbox.gateway.state import Sandbox
from sandbox.gateway.store import Row

_MAX_PAGE: Final = 100
# What a filter compares. Entries of a payout are without the payout's own entry.
_FILTERS: Final = {
    "reference": "reference = ?",
    "payment": "payment_id = ?",
    "payout": "payout_id = ? AND subject <> payout_id",
    "created_after": "created_at > ?",
}


def _limit(name: str, value: object) -> int:
    problem = invalid(f"{name} must be a whole number from 1 to {_MAX_PAGE}.", name)
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,3}", value):
        raise problem
    if not 1 <= int(value) <= _MAX_PAGE:
        raise problem
    return int(value)


_PAGE: Final = {
    "after": Field(text(100), required=False),
    "limit": Field(_limit, required=False, default=_MAX_PAGE),
}


def listing(
    name: str, table: str, shown: Callable[[Sandbox, Row], dict[str, Any]], *filters: str
) -> Act:
    """Return the act that lists a table's rows of one account; names come from our code only."""

    def perform(sandbox: Sandbox, account_id: str, asked: dict[str, Any], _path: object) -> Answer:
        rows, has_more = _rows(sandbox, table, account_id, asked)
        return 200, {"data": [shown(sandbox, row) for row in rows], "has_more": has_more}

    fields = {name: _filter(name) for name in filters}
    return Act(name=name, fields={**fields, **_PAGE}, perform=perform)


def _filter(name: str) -> Field:
    return Field(moment if name == "created_after" else text(100), required=False)


def _rows(
    sandbox: Sandbox, table: str, account_id: str, asked: dict[str, Any]
) -> tuple[list[Row], bool]:
    """Return one page, after the object whose id is ``after``."""
    chosen = [name for name in _FILTERS if asked.get(name) is not None]
    for name in {"payment", "payout"} & set(chosen):
        _must_have(sandbox, name, account_id, asked[name])
    where = "".join(f" AND {_FILTERS[name]}" for name in chosen)
    rows = sandbox.store.all(
        f"SELECT * FROM {table} WHERE account_id = ? AND rowid > ?{where}"  # noqa: S608
        " ORDER BY rowid LIMIT ?",
        account_id,
        _start(sandbox, table, account_id, asked["after"]),
        *[asked[name] for name in chosen],
        asked["limit"] + 1,
    )
    return rows[: asked["limit"]], len(rows) > asked["limit"]


def _start(sandbox: Sandbox, table: str, account_id: str, after: str | None) -> int:
    if after is None:
        return 0
    sql = f"SELECT rowid FROM {table} WHERE id = ? AND account_id = ?"  # noqa: S608
    row = sandbox.store.one(sql, after, account_id)
    if row is None:
        raise invalid("after is no id that was listed here.", "after")
    return int(row[0])


def _must_have(sandbox: Sandbox, table: str, account_id: str, id_: str) -> None:
    """Refuse to say "none" about an object that is not this account's."""
    sql = f"SELECT 1 FROM {table} WHERE id = ? AND account_id = ?"  # noqa: S608
    if sandbox.store.one(sql, id_, account_id) is None:
        raise missing(table, id_)
