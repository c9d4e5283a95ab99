"""A figure, how it is judged against its goal, and how it is written as one line of JSON."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Sense(StrEnum):
    """Which side of the goal is good."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value beside its limit. ``goal`` is for the ratio; ``None``: only to be known.

    ``facts`` say under which conditions it was taken and what is in it; they are printed too.
    """

    figure: str
    value: float
    unit: str
    limit: float | None = None
    limit_is: str = ""
    goal: float | None = None
    sense: Sense = Sense.AT_MOST
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """The value as a multiple of the limit."""
        return self.value / self.limit if self.limit else None

    @property
    def met(self) -> bool | None:
        """Whether the ratio keeps the goal; ``None`` without a goal."""
        if self.goal is None or self.ratio is None:
            return None
        if self.sense is Sense.AT_MOST:
            return self.ratio <= self.goal
        return self.ratio >= self.goal


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A figure that could not be measured, and why."""

    figure: str
    error: str


def line(figure: Figure | Failed) -> str:
    """Write a figure as one line."""
    if isinstance(figure, Failed):
        return json.dumps({"figure": figure.figure, "error": figure.error})
    said: dict[str, object] = {"figure": figure.figure, "value": _short(figure.value)}
    if figure.limit is not None:
        said |= {"limit": _short(figure.limit), "limit_is": figure.limit_is}
    if figure.ratio is not None:
        said["ratio"] = _short(figure.ratio)
    if figure.goal is not None:
        said |= {"goal": figure.goal, "sense": str(figure.sense), "met": figure.met}
    return json.dumps({**said, "unit": figure.unit, **_rounded(figure.facts)})


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of them (0 to 1) do not exceed; of few values one of them."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def _rounded(facts: dict[str, object]) -> dict[str, object]:
    return {name: _short(v) if isinstance(v, float) else v for name, v in facts.items()}


def _short(value: float) -> float:
    """Three digits are more than such a measurement is worth."""
    if not value or value == int(value):
        return value
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return round(value, digits)
