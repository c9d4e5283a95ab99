"""Dates and moments as the API writes them: text that sorts like time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta


def stamp(moment: datetime) -> str:
    """Write a moment in UTC with three decimals, as it is kept."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def now() -> str:
    """The present moment, UTC, to the millisecond."""
    return stamp(datetime.now(UTC))


def shown(kept: str) -> str:
    """Drop the trailing zeros of the milliseconds: the API shows up to three decimals."""
    if kept[-2] != "0":
        return kept
    return kept[:-1].rstrip("0").rstrip(".") + "Z"


def later(moment: str, *, days: int = 0, seconds: float = 0) -> str:
    """Return the moment so much later (or earlier, below zero)."""
    return stamp(datetime.fromisoformat(moment) + timedelta(days=days, seconds=seconds))


def plus_days(day: str, days: int) -> str:
    """Add days to a date text; an empty date stays empty."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
