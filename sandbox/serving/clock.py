"""A server's clock: the true time, or later when a test says so."""

from __future__ import annotations

import time
from typing import Final

LONGEST: Final = 10 * 365 * 86400  # seconds that the clock may be ahead
_ahead: list[float] = [0.0]  # for the whole process, as any clock


def now() -> float:
    """Return this moment in seconds since 1970, UTC, as this server sees it."""
    return time.time() + _ahead[0]


def true_now() -> float:
    """Return the moment that everybody else sees, for what they compare with their own clock."""
    return time.time()


def ahead() -> float:
    """Return how many seconds the clock is ahead of the true time."""
    return _ahead[0]


def set_ahead(seconds: float) -> None:
    """Set how many seconds the clock is ahead of the true time."""
    _ahead[0] = seconds
