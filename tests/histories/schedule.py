"""Who runs next, and what time it is: one actor at a time, all of it drawn from a seed."""

from __future__ import annotations

import hashlib
import heapq
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import psycopg
from django.db import InterfaceError, OperationalError, connection
from django.db.transaction import TransactionManagementError

from tests.histories.hands import Hand, Hands

BEGIN: Final = 1_772_442_000.0  # 2 March 2026, 9:00 UTC
LOCK_SECONDS: Final = 2.0  # the app role's lock_timeout
IDLE_SECONDS: Final = 15.0  # its idle_in_transaction_session_timeout
CHECK_STEPS: Final = 40
_LOOK_SECONDS: Final = 0.015  # of the wall: then we ask whether a statement waits for a lock,
_LOOK_LATER: Final = 0.24  # and again more and more seldom: a machine that is slow has enough to do
_AWAY_SECONDS: Final = 60.0
NEVER: Final = 1e18
# The database is gone; in the last case while a savepoint was taken back.
BROKEN: Final = (OperationalError, InterfaceError, TransactionManagementError)

here = threading.local()


class Crash(BaseException):
    """The process of this actor is gone. Nobody catches it but the actor's own frame."""


class Stuck(Exception):
    """The history cannot go on: a deadlock, or more steps than any history takes."""


@dataclass(eq=False)
class Actor:
    """Somebody who does one thing after the other."""

    name: str
    ours: bool  # a process of the portal: it may crash, pause, and is gone in an outage
    wakes_at: float
    skew: float = 0.0  # its clock against the database's
    done: bool = False
    dead: bool = False  # its process is gone: what it still does is no deed any more
    in_statement: bool = False
    blocked_at: float | None = None  # waits in PostgreSQL for a lock since then
    blocked_as: int = 0  # who waits longer has a lower number
    hand: Hand | None = None
    error: BaseException | None = None
    hints: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    go: threading.Lock = field(default_factory=threading.Lock)
    mutex: threading.Lock = field(default_factory=threading.Lock)
    settled: threading.Event = field(default_factory=threading.Event)


def actor_here() -> Actor | None:
    """Return the actor whose thread this is, if any."""
    return getattr(here, "actor", None)


class Schedule:
    """Runs actors one at a time. The same seed gives the same order."""

    def __init__(
        self, seed: int, hands: Hands, monitor: psycopg.Connection[Any], *, readable: bool = False
    ) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.now = BEGIN
        self.actors: list[Actor] = []
        self.steps = 0
        self.switch = self.rng.choice([0.05, 0.2, 0.5])  # how often a point is also a yield
        self.switch_inside = self.rng.choice([0.0, 0.05, 0.25])  # the same between statements
        self.count: Counter[str] = Counter()
        self.outage_until = 0.0
        self.trace: list[str] | None = [] if readable else None
        self.due_by_rows: Callable[[], float] = lambda: NEVER
        self.sweeper: Actor | None = None
        self.check: Callable[[], None] = lambda: None
        self.stop_when: Callable[[], bool] = lambda: False
        self.on_error: Callable[[Actor, BaseException], None] = lambda actor, error: None
        self.over = False
        self._hash = hashlib.sha256()
        self._hands = hands
        self._monitor = monitor.cursor()
        self._control = threading.Lock()
        self._control.acquire()
        self._later: list[tuple[float, int, str, Callable[[], None]]] = []
        self._numbers = self._waiters = 0
        self._next_check = 25
        self.transactions = 0  # that ended: then a waiting statement may go on

    # ---- what actors call

    def say(self, word: str) -> None:
        """Write one step down: the trace of equal seeds is equal."""
        actor = actor_here()
        line = f"{self.now - BEGIN:.3f} {actor.name if actor else '-'} {word}"
        self._hash.update(line.encode())
        if self.trace is not None:
            self.trace.append(line)

    @property
    def digest(self) -> str:
        """The hash of the trace so far."""
        return self._hash.hexdigest()

    def point(self, word: str, *, always: bool = False) -> None:
        """Somebody else may go on here."""
        actor = actor_here()
        if actor is None:
            return
        self.steps += 1
        self.say(word)
        self.now += self.rng.random() * 0.02
        if always or self.rng.random() < self.switch:
            self._yield(actor)
        self._still_alive(actor)

    def inside(self, actor: Actor) -> None:
        """The same between two statements of a transaction."""
        if self.rng.random() < self.switch_inside:
            self.steps += 1
            self.say("statement")
            self._yield(actor)
        self._still_alive(actor)

    def sleep(self, seconds: float) -> None:
        """The actor does nothing for some (virtual) seconds."""
        actor = actor_here()
        assert actor is not None
        actor.wakes_at = self.now + seconds
        self._yield(actor)
        self._still_alive(actor)

    def pause_in_transaction(self, seconds: float) -> None:
        """The same in the middle of a transaction: PostgreSQL ends one that is idle for long."""
        if seconds <= IDLE_SECONDS:
            return self.sleep(seconds)
        self.sleep(IDLE_SECONDS)
        self.ends_transaction()
        connection.connection.rollback()
        self.ended_transaction()
        self.count["idle in transaction"] += 1
        self.sleep(seconds - IDLE_SECONDS)
        raise OperationalError("terminating connection due to idle-in-transaction timeout")

    def sleep_until(self, moment: float) -> None:
        """The same until a moment; no crash in between."""
        actor = actor_here()
        assert actor is not None
        actor.wakes_at = max(moment, self.now)
        self._yield(actor)
        if self.over:
            self.crash(actor)

    def later(self, seconds: float, word: str, deed: Callable[[], None]) -> None:
        """Have ``deed`` done later by nobody's thread: it may not call the portal."""
        self._numbers += 1
        heapq.heappush(self._later, (self.now + seconds, self._numbers, word, deed))

    def spawn(
        self,
        name: str,
        deed: Callable[[], None],
        *,
        after: float = 0.0,
        ours: bool = True,
        skew: float = 0.0,
    ) -> Actor:
        """Have somebody new begin with ``deed``."""
        actor = Actor(name=name, ours=ours, wakes_at=self.now + after, skew=skew)
        actor.go.acquire()
        self.actors.append(actor)

        def life() -> None:
            actor.go.acquire()
            here.actor = actor
            try:
                Context().run(deed)
            except Crash:
                pass
            except BaseException as error:  # noqa: BLE001 - the verdict names it
                actor.error = error
            finally:
                _clean_connection()
                here.actor = None
                actor.done = True
                assert actor.hand is not None
                self._hands.give_back(actor.hand)
                self._control.release()

        actor.hand = self._hands.take()
        actor.hand.do(life)
        return actor

    def ends_transaction(self) -> None:
        """A commit or a rollback comes: of those who wait, only who came first may take its locks.

        Of two who wait for a row that is changed PostgreSQL lets go on whoever is quicker.
        """
        for actor in self._blocked()[1:]:
            assert actor.hand is not None
            os.kill(actor.hand.pid, signal.SIGSTOP)

    def ended_transaction(self) -> None:
        """It came: who waited for its locks may go on."""
        self.transactions += 1

    def _still_alive(self, actor: Actor) -> None:
        if self.over or actor.dead or (actor.ours and self.now < self.outage_until):
            self.crash(actor)

    def end_outage(self) -> None:
        """Whoever waits for its end goes on now."""
        for actor in self.actors:
            if self.now < actor.wakes_at <= self.outage_until and actor.ours:
                actor.wakes_at = self.now
        self.outage_until = 0.0

    def crash(self, actor: Actor) -> NoReturn:
        """The actor's process is gone."""
        actor.dead = True
        raise Crash

    def _yield(self, actor: Actor) -> None:
        self._control.release()
        actor.go.acquire()

    # ---- the statement that may wait for a lock

    def statement(self, actor: Actor, run: Callable[[], Any]) -> Any:
        """Run one statement of ``actor``; while it waits for a lock, others go on."""
        actor.in_statement = True
        try:
            return run()
        finally:
            with actor.mutex:
                actor.in_statement = False
                waited = actor.blocked_at is not None
            if waited:
                actor.settled.set()
                actor.go.acquire()

    def _run(self, actor: Actor) -> None:
        actor.go.release()
        look, waited = _LOOK_SECONDS, 0.0
        while not self._control.acquire(timeout=look):
            waited, look = waited + look, min(2 * look, _LOOK_LATER)
            if not actor.in_statement or not self._waits(actor):
                if waited > _AWAY_SECONDS:
                    raise Stuck(f"{actor.name} does not come back")
                continue
            with actor.mutex:
                if actor.in_statement:
                    actor.settled.clear()
                    self._waiters += 1
                    actor.blocked_at, actor.blocked_as = self.now, self._waiters
                    self.count["waited for a lock"] += 1
                    self.say(f"{actor.name} waits for a lock")
                    return

    def _waits(self, actor: Actor) -> bool:
        """Whether it waits for somebody of this history; for autovacuum everybody waits."""
        assert actor.hand is not None
        others = [
            each.hand.pid for each in self.actors if each.hand is not actor.hand and each.hand
        ]
        row = self._monitor.execute(
            "SELECT pg_blocking_pids(%s) && %s::int[]", [actor.hand.pid, others]
        ).fetchone()
        return bool(row and row[0])

    def _blocked(self) -> list[Actor]:
        """Who waits for a lock, the longest first."""
        waiting = [actor for actor in self.actors if actor.blocked_at is not None]
        return sorted(waiting, key=lambda actor: actor.blocked_as)

    def _go_on(self, actor: Actor) -> None:
        assert actor.hand is not None
        os.kill(actor.hand.pid, signal.SIGCONT)

    def _settle(self, actor: Actor) -> None:
        """Find out for sure whether the waiting statement goes on now."""
        self._go_on(actor)
        deadline = time.monotonic() + 30
        while not actor.settled.wait(0.0005):
            if self._waits(actor) and not actor.settled.is_set():
                return
            if time.monotonic() > deadline:
                raise Stuck(f"{actor.name} neither waits nor goes on")
        actor.blocked_at = None
        actor.wakes_at = self.now

    def _cancel(self, actor: Actor) -> None:
        """Its lock_timeout has come, by virtual time."""
        self._go_on(actor)
        assert actor.hand is not None
        self._monitor.execute("SELECT pg_cancel_backend(%s)", [actor.hand.pid])
        self.count["lock timeout"] += 1
        if not actor.settled.wait(30):
            raise Stuck(f"{actor.name} cannot be cancelled")
        actor.blocked_at = None
        actor.wakes_at = self.now

    # ---- the loop

    def run(self, *, most_steps: int, until: float = NEVER) -> bool:
        """Go on until nobody has anything to do, ``stop_when`` says so, or ``until``.

        Returns ``False`` when the steps were used up before.
        """
        ends, last = self.transactions, self.steps + most_steps
        while not self.stop_when():
            if self.steps > last:
                return False
            if ends != self.transactions:
                ends = self.transactions
                for actor in self._blocked():
                    self._settle(actor)
            if self.steps >= self._next_check:
                self._next_check = self.steps + CHECK_STEPS
                self.check()
            if self._later and self._later[0][0] <= self.now:
                _, _, word, deed = heapq.heappop(self._later)
                self.say(word)
                deed()
                continue
            ready = [a for a in self.actors if a.blocked_at is None and a.wakes_at <= self.now]
            if ready:
                self._turn(self.rng.choice(ready) if len(ready) > 1 else ready[0])
                continue
            if not self._jump(until):
                break
        return True

    def _turn(self, actor: Actor) -> None:
        self._run(actor)
        if actor.done:
            self.actors.remove(actor)
            if actor.error is not None:
                self.on_error(actor, actor.error)

    def close(self) -> None:
        """End whoever is still there, so that the threads are free again."""
        self.over = True
        for actor in list(self.actors):
            if actor.blocked_at is not None:
                self._cancel(actor)
            while not actor.done:
                self._turn(actor)

    def _jump(self, until: float) -> bool:
        """Nobody is ready: let time pass until somebody is."""
        moments = [a.wakes_at for a in self.actors if a.blocked_at is None]
        moments += [a.blocked_at + LOCK_SECONDS for a in self.actors if a.blocked_at is not None]
        if self._later:
            moments.append(self._later[0][0])
        moment = min(moments, default=NEVER)
        if self.sweeper is not None and self.sweeper.wakes_at >= NEVER:
            due = self.due_by_rows()
            if due <= moment:
                moment = self.sweeper.wakes_at = max(due, self.now)
        if moment >= min(until, NEVER):
            self.now = max(self.now, until) if until < NEVER else self.now
            return False
        self.now = max(self.now, moment)
        for actor in self.actors:
            if actor.blocked_at is not None and actor.blocked_at + LOCK_SECONDS <= self.now:
                self._cancel(actor)
        return True


def _clean_connection() -> None:
    raw = connection.connection
    if raw is not None and raw.info.transaction_status != 0:
        connection.rollback()
    connection.needs_rollback = False
    connection.in_atomic_block = False
    connection.savepoint_ids = []
    connection.atomic_blocks = []
    connection.run_on_commit = []
    if not connection.get_autocommit():
        connection.set_autocommit(True)
