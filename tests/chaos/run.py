"""A run: put the house up, let buyers pay while things break, heal, wait for quiet, compare."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psycopg

from tests.chaos import books, healing, house, invariants, report, verdict
from tests.chaos.bank import Bank
from tests.chaos.browser import Seen
from tests.chaos.buyer import Buyer
from tests.chaos.clerk import Clerk
from tests.chaos.deeds import Doer
from tests.chaos.house import House
from tests.chaos.journal import Journal, lines_of
from tests.chaos.people import buyers
from tests.chaos.plan import LATEST_COMMIT, Deed
from tests.chaos.probe import Probe

_LOOK_EVERY = 15.0  # seconds between two looks at the invariants while things break
_HURRY = (
    "UPDATE posting_erpposting SET lease_until = NULL",
    """UPDATE payments_payment SET next_at = now(), failures = 0
        WHERE next_at IS NOT NULL OR status = 'succeeded'""",
    "UPDATE payments_reversal SET next_at = now(), failures = 0 WHERE next_at IS NOT NULL",
    "UPDATE notifications_message SET next_at = now() WHERE sent_at IS NULL",
)


@dataclass(frozen=True, slots=True)
class Order:
    """What kind of run. Times are in seconds.

    After ``quiet`` whatever still waits for its time (the next look at a payment may be an hour
    away) is hurried; what is not over ``last`` seconds after that never will be.
    """

    seed: str
    seconds: float
    at_least: int = 0  # payments received; on a slow machine the run is longer for them
    plan: list[Deed] = field(default_factory=list)
    quiet: float = 300
    last: float = 300
    think: tuple[float, float] = (0.2, 1.5)


@dataclass(slots=True)
class Outcome:
    """What a run found."""

    order: Order
    seen: Seen
    doer: Doer
    probe: Probe
    verdict: verdict.Verdict
    wrong: list[str] = field(default_factory=list)
    quiet_after: float = 0
    hurried: list[str] = field(default_factory=list)
    lives: Counter[str] = field(default_factory=Counter)
    healed: Counter[str] = field(default_factory=Counter)
    jobs_failed: Counter[str] = field(default_factory=Counter)


def run(order: Order, folder: Path, say: Callable[[str], None]) -> Outcome:
    """Do it all; what is wrong comes back, nothing is raised for it."""
    say("puts the house up")
    with house.started(folder, order.seed) as built:
        crowd = _Crowd(built, order, Journal(folder / "journal.jsonl"))
        doer = Doer(built, crowd.probe, say)
        crowd.begin()
        say("buyers pay")
        try:
            doer.carry_out(order.plan, order.seconds, crowd.is_served, crowd.home)
            say("heals everything")
            crowd.closing.set()
            built.heal()
            begin = time.monotonic()
            hurried = _wait_for_quiet(built, order.quiet, crowd.buyers, say)
            if hurried:
                say(f"hurries {len(hurried)}")
                _hurry(built)
                _wait_for_quiet(built, order.last, crowd.buyers, say)
            quiet_after = round(time.monotonic() - begin, 1)
        finally:
            crowd.end()
        say("compares the books")
        found = verdict.judge(lines_of(crowd.journal.file), books.read(built))
        outcome = Outcome(
            order, crowd.seen, doer, crowd.probe, found, crowd.wrong, quiet_after, hurried
        )
        outcome.wrong += found.wrong + invariants.broken(built, at_rest=True)
        outcome.wrong += [f"NEVER OVER: {each}" for each in books.under_way(built)]
        found.counts["views of invariants asked"] = invariants.count(built)
        outcome.lives.update({name: each.lives for name, each in built.programs.items()})
        outcome.healed, outcome.jobs_failed = healing.healed(built), _failed_jobs(built)
        house.keep_facts(folder, report.facts(outcome))
        return outcome


class _Crowd:
    """Everybody who does something while things break, each in a thread."""

    def __init__(self, built: House, order: Order, journal: Journal) -> None:
        self.journal, self.seen = journal, Seen()
        self.closing, self.home = threading.Event(), threading.Event()
        self.probe = Probe(built, self.seen)
        self.wrong: list[str] = []
        self._at_least = order.at_least
        self._clerk = Clerk(built, Random(f"{order.seed}:clerk"), journal)
        self._bank = Bank(built, Random(f"{order.seed}:bank"), journal)
        self.buyers = [
            Buyer(who, built.web, Random(f"{order.seed}:{who.email}"), journal, self.seen,
                  self.closing, self.home, order.think)
            for who in buyers()
        ]  # fmt: skip
        self._threads = [
            *(threading.Thread(target=each.live, name=each.who.email) for each in self.buyers),
            threading.Thread(target=self._clerk.work, args=(self.closing,)),
            threading.Thread(target=self._bank.work, args=(self.closing,)),
            threading.Thread(target=self.probe.watch, args=(self.home,)),
            threading.Thread(target=_look_on, args=(built, self.home, self.wrong)),
        ]

    def begin(self) -> None:
        """Post the first invoices, then let everybody go; the run's clock begins."""
        self._clerk.bill_everybody()
        self.seen.begin = time.monotonic()
        for each in self._threads:
            each.start()

    def is_served(self) -> bool:
        """Whether enough payments were received."""
        return self.journal.counts["received"] >= self._at_least

    def end(self) -> None:
        """Send everybody home."""
        self.closing.set()
        self.home.set()
        for each in self._threads:
            each.join(60)
        self.journal.close()


def _look_on(built: House, home: threading.Event, wrong: list[str]) -> None:
    """Ask the invariants that hold at every commit, while things break."""
    while not home.wait(_LOOK_EVERY):
        try:
            wrong += invariants.broken(built, at_rest=False)
        except psycopg.Error:
            continue  # the database is away just now


def _hurry(built: House) -> None:
    """End every worker, so that each lease is a dead one's; then nothing waits for its time."""
    workers = [each for name, each in built.programs.items() if name.startswith("worker")]
    for each in workers:
        each.kill()
    time.sleep(LATEST_COMMIT)  # what the ERP was still doing
    with built.admin() as admin:
        for statement in _HURRY:
            admin.execute(statement.encode())
    for each in workers:
        each.start()


def _wait_for_quiet(
    built: House, seconds: float, people: list[Buyer], say: Callable[[str], None]
) -> list[str]:
    """Wait until nothing is under way and no buyer waits for word; what is left after all."""
    begin = told = time.monotonic()
    while True:
        left = books.under_way(built)
        left += [f"{each.who.email} waits" for each in people for _ in each.later]
        if not left or time.monotonic() > begin + seconds:
            return left
        if time.monotonic() > told + 20:
            told = time.monotonic()
            say(f"{len(left)} are not over: {'; '.join(left[:4])}")
        time.sleep(1)


def _failed_jobs(built: House) -> Counter[str]:
    with built.admin() as admin:
        rows = admin.execute(
            "SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'failed'"
            " GROUP BY task_name"
        ).fetchall()
    return Counter(dict(rows))
