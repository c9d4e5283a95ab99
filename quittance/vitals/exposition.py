"""Writes figures down as Prometheus reads them. Source: its text-based exposition format, 0.0.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPED: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(slots=True)
class Metric:
    """One metric with its values; each is of one choice of labels, in the order of ``labels``."""

    name: str
    told: str  # what it counts, and its unit
    labels: tuple[str, ...] = ()
    values: Mapping[tuple[str, ...], float] = field(default_factory=dict)


def exposition(metrics: Iterable[Metric]) -> str:
    """Return all of them, each with what it means, even one that has no value now."""
    return "".join(map(_written, metrics))


def _written(metric: Metric) -> str:
    told = metric.told.replace("\\", r"\\").replace("\n", r"\n")
    lines = [f"# HELP {metric.name} {told}", f"# TYPE {metric.name} gauge"]
    for chosen, value in sorted(metric.values.items()):
        pairs = zip(metric.labels, chosen, strict=True)
        labels = ",".join(f'{name}="{said.translate(_ESCAPED)}"' for name, said in pairs)
        named = f"{metric.name}{{{labels}}}" if labels else metric.name
        lines.append(f"{named} {_number(value)}")
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return f"{value:.15g}" if isfinite(value) else "+Inf"
