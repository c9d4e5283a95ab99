"""Everything that one history is about: a seller, its customers, its gateway and its ERP."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import psycopg

from tests.histories import books, gateway
from tests.histories.hands import Hands
from tests.histories.schedule import NEVER, Actor, Schedule
from tests.histories.swarm import Swarm
from tests.histories.wire import Wire


@dataclass(frozen=True)
class Part:
    """What a buyer does for one invoice, in minor units."""

    invoice: books.Invoice
    money: int
    discount: int = 0
    credit: books.Credit | None = None
    used: int = 0  # of the credit


@dataclass(frozen=True)
class Order:
    """What one form says: it stays, however often it is sent."""

    parts: list[Part]
    fee: int

    @property
    def minor(self) -> int:
        """What shall be charged."""
        return sum(part.money for part in self.parts) + self.fee


@dataclass
class Intent:
    """What one buyer wants, once: it may be charged at most once."""

    name: str
    customer: books.Customer  # who pays; some of the invoices may be another's
    lines: list[tuple[books.Invoice, int]]
    deed: str  # at the gateway's page: see people.py
    method: str
    user: int
    kept: bool = False  # charges the method that the customer keeps; ``deed`` is what comes of it
    by_seller: bool = False  # and nobody clicks: autopay does
    orders: dict[str, Order] = field(default_factory=dict)  # by the key of the form
    keys: list[str] = field(default_factory=list)
    payments: set[uuid.UUID] = field(default_factory=set)

    @property
    def customers(self) -> list[books.Customer]:
        """Whose invoices are paid, who pays first."""
        others = {each.customer.id: each.customer for each, _ in self.lines}
        others.pop(self.customer.id, None)
        return [self.customer, *others.values()]


@dataclass(frozen=True)
class Fee:
    """What a card costs its payer."""

    basis_points: int
    fixed: int
    at_most: int | None

    def of(self, minor: int) -> int:
        """Return the fee on an amount, in minor units."""
        share = (Decimal(minor) * self.basis_points / 10_000).quantize(Decimal(1), ROUND_HALF_UP)
        fee = int(share) + self.fixed
        return fee if self.at_most is None else min(fee, self.at_most)


class World:
    """One history's surroundings. Nothing in it is the portal's own."""

    def __init__(
        self, seed: int, hands: Hands, monitor: psycopg.Connection[Any], *, readable: bool = False
    ) -> None:
        self.seed = seed
        self._asking = monitor.cursor()  # to make one costs as much as to ask
        self.schedule = Schedule(seed, hands, monitor, readable=readable)
        self.rng = self.schedule.rng
        self.chance = random.Random(f"{seed} of the portal")  # for what the portal draws itself
        self.swarm = Swarm(self.rng)
        self.last_id = 1_000_000_000  # so that no id reads like a number of an account
        self.gateway = gateway.Gateway(
            now=lambda: self.schedule.now,
            later=self.schedule.later,
        )
        self.books = books.Books(now=lambda: self.schedule.now)
        self.transport = Wire(self)
        self.organization_id = uuid.uuid4()
        self.legal_entity_id = self.gateway_account_id = uuid.UUID(int=0)
        self.webhook_path = ""
        self.user_ids: list[uuid.UUID] = []
        self.intents: list[Intent] = []
        self.fee: Fee | None = None
        self.hints: list[tuple[str, dict[str, Any]]] = []
        self.idle: list[Actor] = []  # workers who wait for a hint
        self.wrongs: Counter[str] = Counter()  # what must never be, with how often it was
        self.touched_by_clerk: set[str] = set()  # invoices whose books a clerk has changed
        self.spoiled: set[str] = set()  # documents whose lines a clerk has changed or deleted
        self.refund_wishes: dict[str, int] = {}  # what a clerk wants to send back, once each
        self.taken_back: dict[str, int] = {}  # documents that the clerk booked by hand
        self.not_yet: set[str] = set()  # invariants that the product does not keep yet
        self.forged: set[str] = set()  # ids of messages that nobody may have believed
        self.facts: dict[str, Any] = {}
        self.on_commit: dict[str, list[Callable[[], None]]] = {}  # what comes after an act of ours
        self.rows_kept: dict[Any, Any] = {}  # of connections: they do not change
        self.writes = 0  # transactions of the portal that may have changed a row
        self._due_known, self._due = -1, NEVER

    @property
    def currency(self) -> str:
        """In which all is paid."""
        return self.books.currency

    def fee_of(self, intent: Intent, minor: int) -> int:
        """Return what a buyer pays on top for his way of paying."""
        return self.fee.of(minor) if self.fee and intent.method == "card" else 0

    def accounts_of(self, intent: Intent) -> list[uuid.UUID]:
        """Return the customer accounts whose invoices a buyer pays, his own first."""
        accounts: dict[str, uuid.UUID] = self.facts["accounts"]
        return [accounts[each.id] for each in intent.customers]

    def wrong(self, what: str) -> None:
        """Write down something that must never be."""
        self.wrongs[what] += 1
        self.schedule.say(f"WRONG: {what}")

    def hint(self, name: str, facts: dict[str, Any]) -> None:
        """A job was queued. Jobs are hints: they may be lost, doubled, and come in any order."""
        if self.swarm.flip("hint lost", "job"):
            self.schedule.say("hint lost")
            return
        self.hints.append((name, facts))
        if self.swarm.flip("hint doubled", "job"):
            self.hints.append((name, facts))
        for worker in self.idle:
            worker.wakes_at = min(worker.wakes_at, self.schedule.now + self.rng.random() * 3)

    def after(self, act: str, deed: Callable[[], None]) -> None:
        """Have ``deed`` done when an act of the portal is committed."""
        self.on_commit.setdefault(act, []).append(deed)

    def rows(self, sql: str, **facts: Any) -> list[Any]:
        """Ask the database past all walls: for the checks."""
        return self._asking.execute(sql, {"o": self.organization_id, **facts}).fetchall()

    def ids(self, where: str) -> list[Any]:
        """Return the postings of which ``where`` holds."""
        sql = f"SELECT id FROM posting_erpposting WHERE organization_id = %(o)s AND {where}"
        return [row[0] for row in self.rows(f"{sql} ORDER BY document_number")]

    def next_due(self) -> float:
        """When the sweep has something to do next."""
        if self._due_known != self.writes:
            self._due_known = self.writes
            self._due = self._earliest()
        return max(self._due + 0.001, self.schedule.now + 5.0)

    def _earliest(self) -> float:
        found = self.rows(
            "SELECT extract(epoch FROM min(next_at))::float8 FROM payments_payment"
            " WHERE organization_id = %(o)s"
        )[0][0]
        return NEVER if found is None else float(found)
