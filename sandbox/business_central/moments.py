"""Dates and moments as the API writes them: text that sorts like time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_moved = timedelta()  # how far the sandbox's clock stands before the machine's


def stamp(moment: datetime) -> str:
    """Write a moment in UTC with three decimals, as it is kept."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def present() -> datetime:
    """The present moment in UTC, by the sandbox's clock."""
    return datetime.now(UTC) + _moved


def now() -> str:
    """The present moment, UTC, to the millisecond."""
    return stamp(present())


def move(seconds: float) -> None:
    """Set the clock of this process so much before the machine's; 0 sets it right again."""
    global _moved  # noqa: PLW0603 there is one clock
    _moved = timedelta(seconds=seconds)


def moved() -> timedelta:
    """How far the clock stands before the machine's."""
    return _moved


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
