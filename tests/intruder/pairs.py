"""Pairs of questions whose answers must cost the same: somebody known here, and nobody."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any, Final
from unittest import mock
from urllib.parse import urlencode

from django.contrib.auth import hashers
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from quittance.core.ids import new_id
from quittance.identity.models import SignInTry, User
from quittance.portal.sign_in.views import CODE_SECONDS
from quittance.project import settings as product
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from tests.intruder.knock import Visitor
from tests.intruder.ranks import p_value, seen_from
from tests.intruder.rows import PASSWORD
from tests.intruder.world import World

UNKNOWN: Final = "nobody-at-all@x.example"
ALPHA: Final = 0.01  # source: security.md, G7
_ROWS: Final = {
    "invoices": "Invoice", "payments": "Payment", "disputes": "InvoiceDispute",
    "transfers": "Announcement",
}  # fmt: skip
_WORDS: Final = re.compile(r"'(?:[^']|'')*'(?:::\w+)?|\b[0-9]+\b")  # of a statement: its values


@dataclass(frozen=True)
class Pair:
    """Two questions that must not be told apart, and what makes the next one like the first."""

    name: str
    known: Callable[[], Any]
    unknown: Callable[[], Any]
    prepare: Callable[[], None]
    at_least: float = 0.0  # seconds that both take where their work differs


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What many pairs showed; times are milliseconds."""

    name: str
    pairs: int
    p: float
    known: float  # medians
    unknown: float
    would_see: float  # the smallest difference that would have been seen in nine of ten runs

    @property
    def is_told_apart(self) -> bool:
        """Whether the times differ."""
        return self.p < ALPHA


def pairs_of(world: World) -> list[Pair]:
    """All of them: addresses at the sign-in, and rows that are a stranger's."""
    people = world.people()
    buyer = next(each for each in people if each.name == "buyer")
    other = world.others(buyer.seller)[0]
    nobody = Visitor("anonymous", buyer.seller)
    with working_for(buyer.seller.id, actor="test"), reading():
        mail = User.objects.get(pk=buyer.user).email

    def forget() -> None:
        with working_for(buyer.seller.id, actor="test"), writing():
            SignInTry.objects.all().delete()

    def post(path: str, **fields: str) -> Callable[[], Any]:
        return lambda: nobody.ask("POST", path, urlencode(fields))

    found = [
        Pair("a wrong password", post("/sign-in", email=mail, password="wrong"),
             post("/sign-in", email=UNKNOWN, password="wrong"), forget),
        Pair("a code asked for", post("/sign-in/send-code", email=mail),
             post("/sign-in/send-code", email=UNKNOWN), forget, CODE_SECONDS),
    ]  # fmt: skip
    neighbour = next(each for each in buyer.seller.accounts if each != buyer.account)
    for path, table in _ROWS.items():
        rows = {
            "a neighbour's": buyer.seller.row(table, neighbour).pk,
            "another seller's": other.row(table, other.accounts[0]).pk,
        }
        for whose, row in rows.items():
            found.append(Pair(
                f"{whose} row of {path}", _look(buyer, f"/{path}/{row}"),
                _look(buyer, f"/{path}/{{}}"), lambda: None,
            ))  # fmt: skip
    return found


def _look(buyer: Visitor, path: str) -> Callable[[], Any]:
    return lambda: buyer.ask("GET", path.format(new_id()))


def timed(pair: Pair, count: int, seed: int) -> Verdict:
    """Ask ``count`` pairs, each in an order by chance, so that nothing which changes counts."""
    chance, times = random.Random(seed), ([], [])
    for _ in range(count):
        order = [(pair.known, times[0]), (pair.unknown, times[1])]
        chance.shuffle(order)
        for ask, kept in order:
            pair.prepare()
            began = time.perf_counter()
            ask()
            kept.append((time.perf_counter() - began) * 1000)
    known, unknown = times
    return Verdict(
        name=pair.name, pairs=count, p=p_value(known, unknown), known=median(known),
        unknown=median(unknown), would_see=seen_from(known, unknown),
    )  # fmt: skip


def work(ask: Callable[[], Any]) -> tuple[list[str], int]:
    """Return the statements that a question asks, without their values, and how many hashes."""
    with CaptureQueriesContext(connection) as asked, _counted() as hashes:
        ask()
    return [_WORDS.sub("?", each["sql"]) for each in asked], len(hashes)


@contextmanager
def _counted() -> Iterator[list[str]]:
    hashes: list[str] = []
    before = hashers.Argon2PasswordHasher.verify

    def verify(self: Any, password: str, encoded: str) -> bool:
        hashes.append(encoded.rpartition("$")[0].rpartition("$")[0])
        return bool(before(self, password, encoded))

    with mock.patch.object(hashers.Argon2PasswordHasher, "verify", verify):
        yield hashes


@contextmanager
def real_hashes(world: World) -> Iterator[None]:
    """Keep the people's passwords as the product does: a cheap hash would tell them apart."""
    with override_settings(PASSWORD_HASHERS=product.PASSWORD_HASHERS):
        for seller in world.sellers[:1]:
            with working_for(seller.id, actor="test"), writing():
                User.objects.update(password=hashers.make_password(PASSWORD))
        yield


def report(found: list[Verdict]) -> list[Mapping[str, object]]:
    """Return the figures, for the report."""
    return [
        {
            "what": each.name, "pairs": each.pairs, "p": round(each.p, 4),
            "median ms": [round(each.known, 3), round(each.unknown, 3)],
            "would see ms": round(each.would_see, 3), "told apart": each.is_told_apart,
        }
        for each in found
    ]  # fmt: skip
