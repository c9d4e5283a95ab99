"""Draws what goes wrong and when, from a seed: the same seed, the same plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

WEATHERS: Final = (
    "delay", "lose_request", "lose_answer", "cut_answer", "half_close", "black_hole", "refuse",
    "repeat",
)  # fmt: skip
DATABASE_WEATHERS: Final = ("delay", "lose_request", "lose_answer", "cut_answer", "refuse")
GATEWAY_FAULTS: Final = (
    "status", "delay", "drop_before", "drop_after", "error_after", "late_commit", "malformed_json",
    "alter",
)  # fmt: skip
ERP_FAULTS: Final = (
    "status", "html", "delay", "drop_before", "drop_after", "error_after", "malformed_json",
    "late_commit",
)  # fmt: skip
WEBHOOKS: Final = ("drop", "double", "reorder", "delay")
LATEST_COMMIT: Final = 8.0  # seconds: what the sandboxes do late, they do by then
_GATEWAY_CALLS: Final = ("POST /v1/payments", "POST /v1/payments", "* /v1/payments*")
_ERP_CALLS: Final = (
    "POST .*customerPaymentJournals$",
    "POST .*customerPayments$",
    "POST .*Microsoft.NAV.post",
    "POST .*Microsoft.NAV.post",
    "PATCH .*customerPaymentJournals",
    "GET ",
    "",
)


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that goes wrong, ``at`` so many seconds after the start."""

    at: float
    kind: str  # a key of ``_DRAWN``
    facts: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        told = " ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.at:6.1f} s  {self.kind} {told}".rstrip()


@dataclass(frozen=True, slots=True)
class Pace:
    """How often something goes wrong, and how long it lasts, in seconds."""

    wait: tuple[float, float] = (5, 20)
    weather: tuple[float, float] = (5, 30)
    stopped: tuple[float, float] = (5, 60)
    web_stopped: tuple[float, float] = (3, 12)


SHORT: Final = Pace(wait=(3, 6), weather=(3, 6), stopped=(4, 14), web_stopped=(2, 4))


def draw(seed: str, seconds: float, pace: Pace | None = None) -> list[Deed]:
    """Draw the deeds of a run. Every kind comes before one comes again: nothing is left to luck."""
    pace, random = pace or Pace(), Random(f"{seed}:plan")
    deeds: list[Deed] = []
    cards: list[str] = []
    at = random.uniform(*pace.wait)
    while at < seconds:
        if not cards:
            cards = [kind for kind, (times, _) in _DRAWN.items() for _ in range(times)]
            random.shuffle(cards)
        kind = cards.pop()
        deeds.append(Deed(round(at, 2), kind, _DRAWN[kind][1](random, pace)))
        at += random.uniform(*pace.wait)
    return deeds


def _nothing(random: Random, pace: Pace) -> dict[str, object]:
    return {}


def _one_of_two(random: Random, pace: Pace) -> dict[str, object]:
    return {"worker": random.choice((1, 2)), "down": round(random.uniform(0.2, 2), 1)}


def _back_after(random: Random, pace: Pace) -> dict[str, object]:
    return {"down": round(random.uniform(0.2, 2), 1)}


def _asleep(random: Random, pace: Pace) -> dict[str, object]:
    return {"worker": random.choice((1, 2)), "seconds": round(random.uniform(*pace.stopped), 1)}


def _web_asleep(random: Random, pace: Pace) -> dict[str, object]:
    return {"seconds": round(random.uniform(*pace.web_stopped), 1)}


def _weather(*kinds: str) -> Callable[[Random, Pace], dict[str, object]]:
    def drawn(random: Random, pace: Pace) -> dict[str, object]:
        return {
            "weather": random.choice(kinds),
            "often": round(random.uniform(0.1, 0.6), 2),
            "seconds": round(random.uniform(*pace.weather), 1),
        }

    return drawn


def _gateway_faults(random: Random, pace: Pace) -> dict[str, object]:
    kind = random.choice(GATEWAY_FAULTS)
    facts: dict[str, object] = {
        "match": random.choice(_GATEWAY_CALLS), "kind": kind, "times": random.randint(1, 4),
    }  # fmt: skip
    if kind in {"delay", "late_commit"}:
        facts["seconds"] = round(random.uniform(1, LATEST_COMMIT), 1)
    if kind == "status":
        facts["status"] = random.choice((429, 500, 503))
        facts["retry_after"] = "2"
    if kind == "error_after":
        facts["status"] = random.choice((500, 502, 504))
    if kind == "alter":  # another amount than was asked for: it must be put aside
        facts |= {"match": "POST /v1/payments", "times": 1, "changes": {"amount_minor": 1}}
    return facts


def _erp_faults(random: Random, pace: Pace) -> dict[str, object]:
    kind = random.choice(ERP_FAULTS)
    facts: dict[str, object] = {
        "match": random.choice(_ERP_CALLS), "kind": kind, "times": random.randint(1, 4),
    }  # fmt: skip
    if kind in {"delay", "late_commit"}:
        facts["seconds"] = round(random.uniform(1, LATEST_COMMIT), 1)
    if kind == "status":
        facts |= {"status": random.choice((429, 503)), "retry_after": 2}
    if kind == "malformed_json":  # of two in a row the second may be half a refusal: see chaos.md
        facts["times"] = 1
    return facts


def _webhooks(random: Random, pace: Pace) -> dict[str, object]:
    kind = random.choice(WEBHOOKS)
    value: object = round(random.uniform(1, 5), 1) if kind == "delay" else True
    return {"behaviour": {kind: value}, "seconds": round(random.uniform(*pace.weather), 1)}


_DRAWN: Final[dict[str, tuple[int, Callable[[Random, Pace], dict[str, object]]]]] = {
    "kill_worker": (2, _one_of_two),
    "kill_web": (1, _back_after),
    "kill_web_process": (1, _nothing),
    "stop_worker": (2, _asleep),
    "stop_web": (1, _web_asleep),
    "restart_database": (1, _nothing),
    "terminate_backends": (1, _nothing),
    "kill_backend": (1, _nothing),
    "database_weather": (2, _weather(*DATABASE_WEATHERS)),
    "gateway_weather": (2, _weather(*WEATHERS)),
    "erp_weather": (2, _weather(*WEATHERS)),
    "kill_gateway": (1, _back_after),
    "kill_erp": (1, _back_after),
    "gateway_faults": (2, _gateway_faults),
    "erp_faults": (2, _erp_faults),
    "webhooks": (2, _webhooks),
}
KINDS: Final = tuple(_DRAWN)
