"""What time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


def today(zone: str) -> date:
    """Return today's date in ``zone``, a name of the IANA time zone database."""
    return datetime.now(ZoneInfo(zone)).date()
