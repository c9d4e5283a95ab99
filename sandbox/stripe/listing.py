"""Lists: the newest first, pages by ``starting_after`` and ``ending_before``."""

from __future__ import annotations

from typing import Any, Final

from sandbox.stripe.errors import invalid, missing
from sandbox.stripe.forms import TEXT, WHOLE
from sandbox.stripe.state import Sandbox
from sandbox.stripe.store import thing_of

_MAX_PAGE, _PAGE = 100, 10
SPEC: Final = {"limit": WHOLE, "starting_after": TEXT, "ending_before": TEXT}
CREATED: Final = {"created": {"gt": WHOLE, "gte": WHOLE, "lt": WHOLE, "lte": WHOLE}}
_COMPARE: Final = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def page(
    sandbox: Sandbox, account_id: str, object_: str, asked: dict[str, Any], url: str,
    **hidden: object,
) -> dict[str, Any]:  # fmt: skip
    """Return one page of an account's objects; what ``asked`` names besides the page filters.

    ``hidden`` compares what only this server knows.
    """
    limit = asked.get("limit") or _PAGE
    if not 1 <= limit <= _MAX_PAGE:
        raise invalid("Invalid limit: it must be from 1 to 100.", "limit")
    where = ["object = ?", "account_id = ?"]
    values: list[object] = [object_, account_id]
    for name, value in asked.items():
        if name in {*SPEC, "expand"} or value is None:
            continue
        if name == "created":
            for word, moment in value.items():
                where.append(f"CAST(shown ->> '$.created' AS INTEGER) {_COMPARE[word]} ?")
                values.append(moment)
        else:
            where.append("json_extract(shown, ?) = ?")
            values += [f"$.{name}", value]
    for name, value in hidden.items():
        where.append("json_extract(hidden, ?) = ?")
        values += [f"$.{name}", value]
    backwards = asked.get("ending_before") is not None
    cursor = asked.get("ending_before") or asked.get("starting_after")
    if cursor:
        where.append(f"seq {'>' if backwards else '<'} ?")
        values.append(_place(sandbox, account_id, object_, cursor))
    order = "ASC" if backwards else "DESC"
    rows = sandbox.store.all(
        f"SELECT * FROM thing WHERE {' AND '.join(where)} ORDER BY seq {order} LIMIT ?",  # noqa: S608
        *values,
        limit + 1,
    )
    found = [thing_of(row).shown for row in rows[:limit]]
    if backwards:
        found.reverse()
    return {"object": "list", "data": found, "has_more": len(rows) > limit, "url": url}


def _place(sandbox: Sandbox, account_id: str, object_: str, id_: str) -> Any:
    row = sandbox.store.one(
        "SELECT seq FROM thing WHERE id = ? AND object = ? AND account_id = ?",
        id_, object_, account_id,
    )  # fmt: skip
    if row is None:
        raise missing(object_, id_, "starting_after")
    return row["seq"]
