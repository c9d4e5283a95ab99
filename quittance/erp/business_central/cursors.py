"""Where a reader of changes stands, as a text that the caller keeps with what it has read."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from quittance.core.errors import Refused
from quittance.erp.business_central.translate import Moment


class Cursor(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """Between two runs, or at a page in the middle of one."""

    since: Moment | None = None  # everything before it was read
    until: Moment | None = None  # of a part: what was changed from then on is another part's
    next: str = ""  # the page to go on with
    seen: Moment | None = None  # the latest change of this run's pages so far
    started: Moment | None = None


def read_cursor(cursor: str) -> Cursor:
    """Read what ``write_cursor`` wrote; "" is the beginning. Raises ``Refused``."""
    if not cursor:
        return Cursor()
    try:
        return msgspec.json.decode(cursor, type=Cursor)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Refused(
            "This is not a cursor of ours. Begin anew with an empty one.", cursor=cursor[:200]
        ) from None


def write_cursor(cursor: Cursor) -> str:
    """Return the cursor as text."""
    return msgspec.json.encode(cursor).decode()


def since_filter(cursor: Cursor) -> str:
    """Return the filter for what the cursor still has to read; "" for everything."""
    parts = []
    if cursor.since is not None:
        parts.append(f"lastModifiedDateTime ge {_moment(cursor.since)}")
    if cursor.until is not None:
        parts.append(f"lastModifiedDateTime lt {_moment(cursor.until)}")
    return " and ".join(parts)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
