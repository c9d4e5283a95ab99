"""Does what the plan says, and undoes what lasts; all by one thread, in the order of time."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg

from tests.chaos.house import House
from tests.chaos.plan import Deed
from tests.chaos.probe import Probe

_OTHERS = (
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
    " AND usename = 'quittance_app'"
)


@dataclass(frozen=True, slots=True)
class Done:
    """A deed as it was done: when it began and ended, in seconds of the run."""

    kind: str
    begin: float
    end: float


@dataclass(slots=True)
class Doer:
    """Carries the plan out. Programs are started here only: a child ends with its thread."""

    house: House
    probe: Probe
    say: Callable[[str], None]
    done: list[Done] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)  # what could not be done to the house
    _due: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _order: Any = field(default_factory=itertools.count)

    def carry_out(
        self, plan: list[Deed], seconds: float, enough: Callable[[], bool], stop: threading.Event
    ) -> None:
        """Work until ``seconds`` of the run are over, and up to four times as long until enough."""
        for deed in plan:
            self._at(deed.at, lambda deed=deed: self._do(deed))  # type: ignore[misc]
        while not stop.is_set() and self.probe.seen.now() < 4 * seconds:
            if self.probe.seen.now() > seconds and enough():
                return
            while self._due and self._due[0][0] <= self.probe.seen.now():
                heapq.heappop(self._due)[2]()
            time.sleep(0.02)

    def _at(self, moment: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (moment, next(self._order), act))

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self._at(self.probe.seen.now() + seconds, act)

    def _do(self, deed: Deed) -> None:
        self.say(str(deed))
        begin, facts = self.probe.seen.now(), dict(deed.facts)
        try:
            lasts = getattr(self, f"_{deed.kind}")(**facts) or 0.0
        except (httpx.HTTPError, psycopg.Error) as error:
            self.failures.append(f"{deed}: {error!r}")  # it hit a moment when that was down
            return
        self.counts[deed.kind] += 1
        end = max(self.probe.seen.now(), begin + lasts)
        self.done.append(Done(deed.kind, begin, end))

    def _kill(self, name: str, down: float) -> float:
        program = self.house.programs[name]
        program.kill()
        self._after(down, program.start)
        return down

    def _kill_worker(self, worker: int, down: float) -> float:
        lasts = self._kill(f"worker_{worker}", down)
        self.probe.worker_died()
        return lasts

    def _kill_web(self, down: float) -> float:
        return self._kill("web", down)

    def _kill_web_process(self) -> None:
        self.house.programs["web"].kill_one_child()

    def _kill_gateway(self, down: float) -> float:
        return self._kill("gateway", down)

    def _kill_erp(self, down: float) -> float:
        return self._kill("erp", down)

    def _stop(self, name: str, seconds: float) -> float:
        program = self.house.programs[name]
        life = program.pause()
        self._after(seconds, lambda: program.go_on(life))
        return seconds

    def _stop_worker(self, worker: int, seconds: float) -> float:
        return self._stop(f"worker_{worker}", seconds)

    def _stop_web(self, seconds: float) -> float:
        return self._stop("web", seconds)

    def _restart_database(self) -> None:
        self.house.restart_database()

    def _terminate_backends(self) -> None:
        with self.house.admin() as admin:
            admin.execute(f"SELECT pg_terminate_backend(pid) FROM ({_OTHERS}) AS ours")

    def _kill_backend(self) -> None:
        self.house.kill_backend()

    def _weather(self, where: str, weather: str, often: float, seconds: float) -> float:
        proxy = self.house.proxies[where]
        self.house.weather(where, weather, often)
        self.counts[f"{where}: {weather}"] += 1

        def clear_up() -> None:
            if proxy.weather == weather:
                self.house.weather(where, "")

        self._after(seconds, clear_up)
        return seconds

    def _database_weather(self, **facts: Any) -> float:
        return self._weather("database", **facts)

    def _gateway_weather(self, **facts: Any) -> float:
        return self._weather("gateway", **facts)

    def _erp_weather(self, **facts: Any) -> float:
        return self._weather("erp", **facts)

    def _gateway_faults(self, **facts: Any) -> None:
        self.house.ask("gateway", "POST", "/faults", json=facts)
        self.counts[f"gateway says: {facts['kind']}"] += int(facts["times"])

    def _erp_faults(self, **facts: Any) -> None:
        self.house.ask("erp", "POST", "/faults", json=facts)
        self.counts[f"erp says: {facts['kind']}"] += int(facts["times"])

    def _webhooks(self, behaviour: dict[str, Any], seconds: float) -> float:
        self.house.ask("gateway", "POST", "/webhooks/behaviour", json=behaviour)
        self.counts[f"webhooks: {', '.join(behaviour)}"] += 1
        self._after(seconds, self._usual_webhooks)
        return seconds

    def _usual_webhooks(self) -> None:
        try:
            self.house.ask("gateway", "POST", "/webhooks/behaviour", json={})
        except httpx.HTTPError:  # it is down just now
            self._after(1, self._usual_webhooks)
