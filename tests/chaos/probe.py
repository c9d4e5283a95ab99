"""Looks all the time whether the service answers, and says how long it did not."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg

from demo.visitor import Unexpected
from tests.chaos.browser import Browser, NotNow, Seen
from tests.chaos.house import House
from tests.chaos.people import PASSWORD, PROBER

_EVERY = 0.2
_PATIENCE = 90.0  # seconds that a recovery is waited for
_NOTICE = 4.0  # seconds in which a disturbance shows, if it shows at all
_LEFT_BEHIND = "SELECT id, worker_id FROM procrastinate_jobs WHERE status = 'doing'"


@dataclass(slots=True)
class Probe:
    """Asks for a page that needs a session and the database."""

    house: House
    seen: Seen  # the clock of the run; our own answers are not counted there
    samples: list[tuple[float, float, bool]] = field(default_factory=list)  # asked, answered, good
    put_back: list[float] = field(
        default_factory=list
    )  # seconds until a dead worker's jobs went on
    _threads: list[threading.Thread] = field(default_factory=list)

    def watch(self, home: threading.Event) -> None:
        """Take samples until it is time to go home."""
        own = Seen(begin=self.seen.begin)
        browser = Browser(own, lambda _: None)
        while not home.wait(_EVERY):
            at = self.seen.now()
            try:
                browser.open(f"{self.house.web}/payments")
                if browser.path.startswith("/sign-in"):
                    form = browser.form_with("email", "password")
                    browser.send(form, {"email": PROBER, "password": PASSWORD})
                good = True
            except (NotNow, Unexpected):
                good = False
            self.samples.append((at, self.seen.now(), good))
        browser.close()

    def recovery(self, at: float) -> float | None:
        """Seconds from ``at`` until a page that was asked for later came; ``None``: never."""
        after = [each for each in self.samples if each[0] >= at]
        broken = [asked for asked, _, good in after if not good and asked < at + _NOTICE]
        back = [answered for asked, answered, good in after if good and asked > max([at, *broken])]
        return round(back[0] - at, 1) if back else None

    def worker_died(self) -> None:
        """Measure in the background how long the jobs that were under way stay with the dead."""
        left, at = self._left_behind(), self.seen.now()
        if left:
            thread = threading.Thread(target=self._wait_for, args=(left, at), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _wait_for(self, left: set[Any], at: float) -> None:
        while left and self.seen.now() < at + _PATIENCE:
            time.sleep(0.5)
            now = self._left_behind()
            left = left if now is None else left & now
        self.put_back.append(round(self.seen.now() - at, 1))

    def _left_behind(self) -> set[Any] | None:
        try:
            with self.house.admin() as admin:
                return set(admin.execute(_LEFT_BEHIND).fetchall())
        except psycopg.Error:
            return None
