"""What the stand-in answers with: objects, refusals, and what it looks at before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

Answer = tuple[int, dict[str, Any]]


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, kind: str, reason: str, **links: str) -> None:
        super().__init__(reason)
        problem = {"reason": reason, "message": reason, "links": links}
        error = {"type": kind, "code": status, "message": reason, "errors": [problem]}
        self.answer: Answer = (status, {"error": error})


def only(asked: dict[str, Any], *names: str) -> None:
    """Refuse what has any other attribute."""
    for name in asked:
        if name not in names:
            raise Refusal(422, "validation_failed", f"unpermitted_attributes: {name}")


def metadata_of(asked: dict[str, Any]) -> dict[str, str]:
    """Return the metadata, of at most three members. Refuse more."""
    told: dict[str, str] = asked.get("metadata", {})
    if len(told) > 3 or any(len(name) > 50 or len(text) > 500 for name, text in told.items()):
        raise Refusal(422, "validation_failed", "metadata is too large")
    return told


def now() -> str:
    """Return this moment as it is written in answers."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def listed(kind: str, rows: list[dict[str, Any]], query: dict[str, str]) -> Answer:
    """Return one page of rows that were made in this order: lists have the newest first.

    ``after`` names the row before the page, ``before`` the one that follows it.
    """
    since, until = query.get("created_at[gte]"), query.get("created_at[lt]")
    rows = [
        row for row in rows[::-1]
        if (not since or _moment(row) >= datetime.fromisoformat(since))
        and (not until or _moment(row) < datetime.fromisoformat(until))
    ]  # fmt: skip
    ids, limit = [row["id"] for row in rows], int(query.get("limit", "50"))
    for name in ("after", "before"):
        if name in query and query[name] not in ids:
            raise Refusal(422, "validation_failed", f"{name} is invalid")
    end = ids.index(query["before"]) if "before" in query else len(ids)
    start = ids.index(query["after"]) + 1 if "after" in query else 0
    start, end = (max(0, end - limit), end) if "before" in query else (start, start + limit)
    page = rows[start:end]
    cursors = {
        "before": page[0]["id"] if page and start > 0 else None,
        "after": page[-1]["id"] if page and end < len(rows) else None,
    }
    return 200, {kind: page, "meta": {"cursors": cursors}}


def _moment(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["created_at"])
