"""Says what a run did and found."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.chaos.people import buyers

if TYPE_CHECKING:
    from tests.chaos.run import Outcome

_GRACE = 10.0  # seconds after a disturbance that still belong to it: pools connect anew
# What takes our own pages away on purpose; nothing else may.
_OF_THE_DATABASE = {"restart_database", "terminate_backends", "kill_backend", "database_weather"}
_HOLDS_LOCKS = {"stop_worker", "stop_web"}  # until PostgreSQL ends its transaction: 15 seconds
_OF_THE_WEB = {"kill_web", "kill_web_process", "stop_web"}
_KILLS = ("kill_", "stop_", "restart_", "terminate_")


def unexplained(outcome: Outcome) -> list[tuple[float, int, str]]:
    """Those outside of every time in which the database was away, or a row locked."""
    times = [
        (done.begin, max(done.end, done.begin + (outcome.probe.recovery(done.begin) or 0)) + _GRACE)
        for done in outcome.doer.done
        if done.kind in _OF_THE_DATABASE | _HOLDS_LOCKS
    ]
    return [
        fault
        for fault in outcome.seen.faults
        if not any(begin <= fault[0] <= end for begin, end in times)
    ]


def recoveries(outcome: Outcome) -> dict[str, list[float | None]]:
    """For each kind of kill, how long pages did not come after each of them.

    Those during which the next deed took the pages away, too, stand apart.
    """
    found: dict[str, list[float | None]] = {}
    deeds = [each for each in outcome.doer.done if each.kind in _OF_THE_DATABASE | _OF_THE_WEB]
    for done in deeds:
        if done.kind == "database_weather":
            continue
        seconds = outcome.probe.recovery(done.begin)
        until = done.begin + (seconds or 0)
        alone = not any(o is not done and o.begin <= until and done.begin <= o.end for o in deeds)
        name = done.kind if alone else f"{done.kind} beside others"
        found.setdefault(name, []).append(seconds)
    return found


def facts(outcome: Outcome) -> dict[str, Any]:
    """Everything in one tree."""
    struck = {
        f"{proxy.name}: {kind}": count
        for proxy in outcome.doer.house.proxies.values()
        for kind, count in proxy.done.items()
    }
    deeds, counts = outcome.doer.counts, outcome.verdict.counts
    return {
        "seed": outcome.order.seed,
        "seconds": outcome.order.seconds,
        "buyers": len(buyers()),
        "acknowledged payments": counts["journal: received"],
        "kills": {kind: deeds[kind] for kind in sorted(deeds) if kind.startswith(_KILLS)},
        "faults": {kind: deeds[kind] for kind in sorted(deeds) if not kind.startswith(_KILLS)},
        "struck in the proxies": dict(sorted(struck.items())),
        "deeds that met a dead house": outcome.doer.failures,
        "lives": dict(outcome.lives),
        "counts": dict(sorted(counts.items())),
        "refused in words": dict(outcome.verdict.refusals.most_common(12)),
        "came right by itself": dict(outcome.healed),
        "pages": outcome.seen.answers,
        "5xx and 400": dict(Counter(status for _, status, _ in outcome.seen.faults)),
        "of these without a reason": unexplained(outcome),
        "no answer": dict(Counter(kind for _, kind in outcome.seen.silences)),
        "recovery": recoveries(outcome),
        "jobs of dead workers went on after": outcome.probe.put_back,
        "failed jobs": dict(outcome.jobs_failed),
        "seconds until peace": outcome.quiet_after,
        "had to be hurried": outcome.hurried,
        "wrong": outcome.wrong,
    }


def text(outcome: Outcome) -> str:
    """The same for people."""
    lines = [""]
    for name, value in facts(outcome).items():
        if isinstance(value, dict):
            lines.append(f"{name}:")
            lines += [f"    {str(key)[:100]:<44} {each}" for key, each in value.items()]
        elif isinstance(value, list):
            lines.append(f"{name}: {len(value) if value else 'none'}")
            lines += [f"    {each}" for each in value[:40]]
        else:
            lines.append(f"{name}: {value}")
    lines += ["", "NOTHING LOST, NOTHING DOUBLED" if not outcome.wrong else "FAILED"]
    return "\n".join(lines)
