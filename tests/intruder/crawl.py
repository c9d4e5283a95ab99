"""Every address, every method, everybody, and rows of their own, of a neighbour, of others."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from unittest import mock
from uuid import UUID

from quittance.identity.permissions import STAFF_TABLE, buyer_may
from quittance.portal import brake
from tests.intruder.addresses import Route, Unknown, routes
from tests.intruder.judge import judge
from tests.intruder.knock import FORM, Answer, Visitor
from tests.intruder.rows import Seller
from tests.intruder.world import World, fingerprint

METHODS: Final = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST")
_SIGN_IN: Final = "/sign-in"
_ENROL: Final = "/security"  # where everything leads who must add a second factor first
_EVERYBODYS: Final = {"token", "path"}  # who has one, may use it
# What no page takes is asked for a row of another seller only; HEAD says what GET says.
_WHOSE: Final[Mapping[str, frozenset[str]]] = {
    "HEAD": frozenset({"missing", "other"}),
    **dict.fromkeys(("OPTIONS", "PUT", "DELETE"), frozenset({"other"})),
}


@dataclass(frozen=True)
class Sent:
    """One request."""

    method: str
    address: str
    body: str = ""
    kind: str = FORM

    @property
    def words(self) -> str:
        """All that it says."""
        return f"{self.address} {self.body}"


@dataclass
class Crawl:
    """A walk through the world; ``only`` names the addresses to walk to, "" all."""

    world: World
    only: Sequence[str] = ()
    methods: Sequence[str] = METHODS
    people: list[Visitor] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    unknown: dict[str, str] = field(default_factory=dict)  # addresses that cannot be filled

    def __post_init__(self) -> None:
        self.people = self.people or self.world.people()
        self.routes = [each for each in routes() if not self.only or each.name in self.only]

    def walk(self, rng: random.Random) -> None:
        """Go everywhere as everybody; what others have must be as it was."""
        with at_any_speed():
            for visitor in self.people:
                with self.untouched(visitor):
                    chosen = rng.sample(self.routes, len(self.routes))
                    for route in chosen:
                        self._knock(visitor, route)

    @contextmanager
    def untouched(self, visitor: Visitor) -> Iterator[None]:
        """Find what of others is changed while this visitor walks."""
        before = {key: fingerprint(*who) for key, who in self._strangers(visitor).items()}
        yield
        for key, who in self._strangers(visitor).items():
            now = fingerprint(*who)
            changed = [table for table in now if now[table] != before[key].get(table)]
            if changed:
                self.world.findings.add("foreign change", visitor.name, f"{key}: {changed}")

    def _strangers(self, visitor: Visitor) -> dict[str, tuple[Seller, UUID | None]]:
        found: dict[str, tuple[Seller, UUID | None]] = {
            f"seller {each.host[0]}": (each, None) for each in self.world.others(visitor.seller)
        }
        if visitor.is_staff:
            return found
        seller = visitor.seller
        return found | {
            f"customer {n}": (seller, account)
            for n, account in enumerate(seller.accounts)
            if account != visitor.account
        }

    def _knock(self, visitor: Visitor, route: Route) -> None:
        try:
            addresses = self._addresses(visitor, route)
        except Unknown as unknown:
            self.unknown[route.name] = str(unknown)
            return
        for method in self.methods:
            got = {
                whose: (address, self.ask(visitor, route.name, Sent(method, address)))
                for whose, address in addresses.items()
                if len(addresses) == 1 or whose in _WHOSE.get(method, addresses)
            }
            for _, answer in got.values():
                self._check_role(visitor, route, method, answer)
            self._compare(visitor, route, method, got)

    def _addresses(self, visitor: Visitor, route: Route) -> Mapping[str, str]:
        """Addresses by whose row stands in them, those of others first: own ones may be used up."""
        seller, account = visitor.seller, visitor.account or visitor.seller.accounts[0]
        if not route.has_rows:
            return {"own": route.address(seller, account)}
        other = self.world.others(seller)[0]
        sibling = next(each for each in seller.accounts if each != account)
        found = {
            "missing": route.address(None, None),
            "other": route.address(other, other.accounts[0]),
            "sibling": route.address(seller, sibling),
            "own": route.address(seller, account),
        }
        if "token" in route.arguments:  # a token is for whoever has it
            del found["sibling"]
            if visitor.account is None:
                found["own"] = found["missing"]
        return found

    def _check_role(self, visitor: Visitor, route: Route, method: str, answer: Answer) -> None:
        """What a view declares is what it does: whose role has no such permission stays out."""
        shown_out = visitor.name == "enrolling" and answer.headers.get("Location") == _ENROL
        if is_inside(answer) and not shown_out and not may_open(visitor, route):
            self.world.findings.add(
                "role", f"{method} {route.name}", f"{visitor.name} got {answer.status}"
            )

    def _compare(
        self, visitor: Visitor, route: Route, method: str, got: Mapping[str, tuple[str, Answer]]
    ) -> None:
        if "missing" not in got:
            if "own" in got and is_inside(got["own"][1]):
                self.reached.add(route.name)
            return
        missing_address, missing = got["missing"]
        expected = missing.compared([missing_address, missing_address.strip("/")])
        strange = ["other"]
        if not visitor.is_staff and not _EVERYBODYS & set(route.arguments):
            strange += ["sibling"] if visitor.sees_rows else ["sibling", "own"]
        for whose in strange:
            if whose not in got:
                continue
            address, answer = got[whose]
            said = answer.compared([address, address.strip("/")])
            if said != expected:
                self.world.findings.add(
                    "tells", f"{method} {route.name}",
                    f"{visitor.name}, {whose}: {_difference(said, expected)}",
                )  # fmt: skip
        if "own" in got:
            address, answer = got["own"]
            if answer.compared([address, address.strip("/")]) != expected:
                self.reached.add(route.name)

    def ask(self, visitor: Visitor, where: str, sent: Sent, **more: Any) -> Answer:
        """Send one request and judge its answer."""
        answer = visitor.ask(sent.method, sent.address, sent.body, kind=sent.kind, **more)
        self.world.requests += 1
        self.answers[answer.status] += 1
        for wrong in judge(answer, visitor, self.world.canaries, f"{sent.words} {visitor.known}"):
            what, _, detail = wrong.partition(": ")
            self.world.findings.add(what, f"{sent.method} {where}", f"{visitor.name}: {detail}")
        acted = sent.method not in {"GET", "HEAD", "OPTIONS"} and answer.status < 400
        if acted and not visitor.is_in():
            visitor.sign_in()
        return answer


def is_inside(answer: Answer) -> bool:
    """Say whether an answer came from the view itself, not from a door before it."""
    if 300 <= answer.status < 400:
        return not answer.headers.get("Location", "").startswith(_SIGN_IN)
    return answer.status < 300 or answer.status in {409, 410, 413, 422, 429, 503}


def may_open(visitor: Visitor, route: Route) -> bool:
    """Say whether the tables of roles let somebody open an address at all."""
    if not route.name.startswith(("portal:", "backoffice:")) or route.access == "public":
        return True
    if visitor.name == "enrolling":
        return route.access == "person"
    if visitor.is_staff:
        return route.name.startswith("portal:") or route.permission in STAFF_TABLE[visitor.name]
    if visitor.name == "visitor":
        return route.access in {"buyer", "payer"} and route.permission == "see"
    if visitor.name == "link":
        return route.access in {"link", "payer"}
    if visitor.name != "buyer" or route.name.startswith("backoffice:"):
        return False
    return route.access == "link" or route.permission in buyer_may(visitor.role)


@contextmanager
def at_any_speed() -> Iterator[None]:
    """Have nobody braked: how fast one may ask is tried by itself."""
    with mock.patch.object(brake, "seconds_to_wait", return_value=0):
        yield


def _difference(said: tuple[Any, ...], expected: tuple[Any, ...]) -> str:
    if said[0] != expected[0]:
        return f"status {said[0]}, missing {expected[0]}"
    if said[1] != expected[1]:
        names = {*said[1], *expected[1]}
        return f"headers differ: {sorted(n for n in names if said[1].get(n) != expected[1].get(n))}"
    if said[2] != expected[2]:
        return f"cookies {said[2]}, missing {expected[2]}"
    at = next((i for i, (a, b) in enumerate(zip(said[3], expected[3], strict=False)) if a != b), 0)
    here = slice(max(0, at - 40), at + 60)
    return f"bodies differ: {said[3][here]!r}, missing {expected[3][here]!r}"
