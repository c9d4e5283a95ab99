"""A whole run: the walk, the forms, the tricks, the walls, the wire; and what it comes to."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.intruder import walls, wire
from tests.intruder.crawl import METHODS, Crawl
from tests.intruder.forms import Swaps
from tests.intruder.probes import PROBES
from tests.intruder.world import World

PARTS: Final = ("walk", "forms", "tricks", "walls")
# Addresses that answer only in a state that no row of this world is in; the tests that are there.
ELSEWHERE: Final = {
    "portal:code": "after a code was asked for in this browser: tests/identity/test_code.py",
    "portal:sign_out": "leads to the sign-in whoever asks: tests/portal/test_sign_in.py",
    "portal:saml_answer": "leads to the sign-in whoever asks: tests/sso/test_saml.py",
    "portal:mails_off": "needs the token of a mail: tests/portal/test_mails.py",
    "portal:sample_fields": "needs the token of a look: tests/payment_page/test_looking.py",
    "portal:sample_module": "needs the token of a look: tests/payment_page/test_looking.py",
    "portal:guest_receipt": "needs the token of a mail: tests/portal/test_guest_receipts.py",
    "portal:invitation": "needs an invitation that was opened: tests/portal/test_invitations.py",
    "portal:letter": "needs the token of a mail: tests/portal/test_approvals.py",
    "portal:invite_again": "needs one for the own account alone: tests/portal/test_team.py",
    "portal:withdraw_invitation": "needs one for the own account alone: tests/portal/test_team.py",
    "backoffice:hand": "needs an exception that waits: tests/backoffice/test_exceptions.py",
    "backoffice:put_back": "needs a finding that was handled: tests/backoffice/test_exceptions.py",
    "backoffice:give_back": "needs unknown money: tests/backoffice/test_unknown_whose.py",
    "backoffice:book_unknown": "needs unknown money: tests/backoffice/test_unknown_whose.py",
}


@dataclass
class Run:
    """What a run showed."""

    crawl: Crawl
    by: dict[str, int]  # requests of each part
    unreached: list[str]
    cpu_seconds: float

    @property
    def is_well(self) -> bool:
        """Whether nothing was found and nothing left out."""
        return not (self.crawl.world.findings.count or self.unreached or self.crawl.unknown)

    def report(self) -> dict[str, Any]:
        """What is kept as JSON."""
        return {
            "requests": self.crawl.world.requests,
            "by part": self.by,
            "addresses": len(self.crawl.routes),
            "people": [f"{each.name} of {each.seller.host[0]}" for each in self.crawl.people],
            "answers": dict(sorted(self.crawl.answers.items())),
            "findings": self.crawl.world.findings.lines(),
            "not reached": self.unreached,
            "reached elsewhere": ELSEWHERE,
            "tables with one row only": self.crawl.world.sellers[0].alone,
            "not filled": self.crawl.unknown,
            "cpu seconds": round(self.cpu_seconds, 1),
        }


def run(
    seed: int, *, folder: Path | None = None, only: Sequence[str] = (),
    methods: Sequence[str] = METHODS, people: Sequence[str] = (),
    probes: Sequence[str] = (*PROBES,), parts: Sequence[str] = PARTS,
) -> Run:  # fmt: skip
    """Do all of it, or the parts that are named; without a ``folder`` nothing over HTTP."""
    began, by = time.process_time(), {}
    world = World()
    world.fill()
    crawl = Crawl(world, only=only, methods=methods)
    if people:
        crawl.people = [each for each in crawl.people if each.name in people]
    deeds = {
        "walk": lambda: crawl.walk(random.Random(seed)),
        "forms": lambda: _forms(crawl),
        "tricks": lambda: _tricks(crawl, probes),
        "walls": lambda: walls.look(world),
    }
    if folder is not None:
        deeds["wire"] = lambda: wire.walk(crawl, folder)
    for name, deed in deeds.items():
        if name in {*parts, "wire"}:
            before = world.requests
            deed()
            by[name] = world.requests - before
    unreached = sorted(
        {each.name for each in crawl.routes}
        - crawl.reached
        - ELSEWHERE.keys()
        - crawl.unknown.keys()
    )
    return Run(crawl, by, unreached, time.process_time() - began)


def _forms(crawl: Crawl) -> None:
    swaps = Swaps(crawl)
    for visitor in crawl.people:
        if visitor.sees_rows and visitor.name != "stranger":
            swaps.walk(visitor)


def _tricks(crawl: Crawl, names: Sequence[str]) -> None:
    for name in names:
        for where, what in PROBES[name](crawl):
            crawl.world.findings.add(name, where, what)
