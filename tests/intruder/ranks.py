"""Whether two series of measurements are of one kind, by their ranks; and what it would have seen.

Mann and Whitney, On a Test of Whether one of Two Random Variables is Stochastically Larger than the
Other (1947), with the normal approximation and the correction for ties.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

_NORMAL: Final = NormalDist()


def p_value(first: Sequence[float], second: Sequence[float]) -> float:
    """Return how probable so large a difference is where there is none; two-sided.

    Each series needs twenty measurements: with fewer the approximation is poor.
    """
    n, m = len(first), len(second)
    if min(n, m) < 20:
        raise ValueError("too few measurements")
    total = n + m
    ties = Counter((*first, *second)).values()
    spread = n * m / 12 * (total + 1 - sum(t**3 - t for t in ties) / (total * (total - 1)))
    if spread <= 0:
        return 1.0  # all are the same
    away = abs(slower(first, second) - 0.5) * n * m
    return 2 * (1 - _NORMAL.cdf(max(0.0, away - 0.5) / spread**0.5))


def slower(first: Sequence[float], second: Sequence[float]) -> float:
    """Return in which part of all pairs the second one is larger; ties count half."""
    ordered = sorted(first)
    above = sum(bisect_left(ordered, each) + bisect_right(ordered, each) for each in second)
    return above / (2 * len(first) * len(second))


def seen_from(
    first: Sequence[float], second: Sequence[float], *, alpha: float = 0.01, power: float = 0.9
) -> float:
    """Return the smallest delay of all of one series that the test sees with this power.

    In the measurements' own unit: the spread of what was measured is taken as it was. So it says
    what a verdict of "no difference" is worth.
    """
    n, m = len(first), len(second)
    needed = _NORMAL.inv_cdf(1 - alpha / 2) + _NORMAL.inv_cdf(power)
    wanted = 0.5 + needed * ((n + m + 1) / (12 * n * m)) ** 0.5
    together = sorted((*first, *second))
    low, high = 0.0, together[-1] - together[0]
    for _ in range(40):
        middle = (low + high) / 2
        delayed = [each + middle for each in together]
        low, high = (low, middle) if slower(together, delayed) >= wanted else (middle, high)
    return high
