"""How long to wait before a thing is looked at again."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Final

from quittance.core import clock

# Source: reliability.md, M5. The first look comes soon, because most answers are only late.
_WAITS: Final = (
    timedelta(seconds=2),
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
)
# Longer than a call outside may take: one that began earlier has ended, whatever became of it.
ASKING: Final = timedelta(seconds=90)
_SPREAD: Final = 0.2  # so that what failed together does not come back together


def next_look(failures: int, *, at_least_seconds: float | None = None) -> datetime:
    """Return when to look again after ``failures`` tries in a row without an answer.

    ``at_least_seconds`` is what the other side asked for in its ``Retry-After``.
    """
    wait = _WAITS[min(failures, len(_WAITS) - 1)]
    wait *= 1 + random.uniform(-_SPREAD, _SPREAD)  # noqa: S311 - no secret
    return clock.now() + max(wait, timedelta(seconds=at_least_seconds or 0))


def spread(wait: timedelta) -> timedelta:
    """Return a little more to wait, up to a fifth: for many that were told the same moment."""
    return wait * random.uniform(0, _SPREAD)  # noqa: S311 - no secret
