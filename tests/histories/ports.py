"""Puts the history in the place of clock, chance, COMMIT, jobs and the way out."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import os
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType, SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

import httpx
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import BaseExpression
from django.db.models.functions import Now
from django.db.models.sql.compiler import SQLCompiler

from tests.histories import columns, quicker
from tests.histories.schedule import Actor, Crash, actor_here

if TYPE_CHECKING:
    from tests.histories.world import World

_now: list[World] = []  # at most one: the history that runs in this process
_PAUSES = (5.0, 60.0, 400.0, 1000.0)
_NAPS = (20.0, 60.0, 100.0)  # shorter than a lease: whoever wakes up goes on
# Whoever sleeps on what they have just read acts on an old world: here they sleep more often, and
# above all while something is under way that will change it.
_SLEEPY = frozenset(
    {
        "erp.list invoices: 200",
        "erp.list open invoices: 200",
        "erp.read invoices: 200",
        "erp.read ledger: 200",
    }
)
_ROOM = f"{os.sep}quittance{os.sep}"


def world_here() -> World:
    """Return the history that runs now."""
    return _now[0]


@contextlib.contextmanager
def entered(world: World) -> Iterator[None]:
    """Let ``world`` be what the product meets."""
    _now.append(world)
    try:
        yield
    finally:
        _now.clear()


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """Take the place of all ports; outside of a history they do as they always did."""
    import standardwebhooks.webhooks
    from django.utils import timezone
    from httpx import _urls
    from procrastinate.jobs import JobDeferrer

    from quittance.connections import open as opened
    from quittance.core import adapters, clock, ids
    from quittance.erp.business_central import post, token
    from quittance.httpclient import client
    from quittance.jobs import later, organization
    from quittance.tenancy import hosts

    with contextlib.ExitStack() as stack:

        def put(place: Any, name: str, new: Any) -> None:
            stack.enter_context(mock.patch.object(place, name, new))

        # Each history opens its adapters anew; what packages are installed stays as it is.
        put(adapters, "entry_points", functools.cache(adapters.entry_points))
        put(clock, "datetime", _Datetime)
        put(timezone, "now", lambda: _Datetime.now(dt.UTC))
        put(standardwebhooks.webhooks, "datetime", _Datetime)
        put(ids, "time", SimpleNamespace(time_ns=_number))
        put(ids, "secrets", SimpleNamespace(randbits=_randbits))
        put(later, "random", SimpleNamespace(uniform=_uniform))
        put(token, "time", SimpleNamespace(monotonic=_monotonic))
        put(token, "threading", SimpleNamespace(Lock=_Lock))
        put(post, "secrets", SimpleNamespace(token_hex=lambda n: f"{_randbits(8 * n):x}"))
        put(organization, "organization_ids", _organization_ids(hosts.organization_ids))
        put(opened, "new_client", _new_client(client.new_client))
        put(opened, "_gateway_row", _kept(opened._gateway_row))
        put(opened, "_erp_row", _kept(opened._erp_row))
        put(JobDeferrer, "defer", _defer(JobDeferrer.defer))
        put(BaseDatabaseWrapper, "commit", _commit(BaseDatabaseWrapper.commit))
        put(BaseDatabaseWrapper, "rollback", _rollback(BaseDatabaseWrapper.rollback))
        put(Now, "as_postgresql", _database_clock(Now.as_postgresql))
        get_select, get_converters = columns.once()
        put(SQLCompiler, "get_select", get_select)
        put(SQLCompiler, "get_converters", get_converters)
        put(SQLCompiler, "get_order_by", columns.orders_once())
        put(BaseExpression, "copy", quicker.copied)
        put(_urls, "urlparse", quicker.parsed_once(_urls.urlparse))
        yield


def statement_hook(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Every statement of an actor: others may go on before it, and while it waits for a lock."""
    actor = actor_here()
    if actor is None or not _now:
        return execute(sql, params, many, context)
    if actor.dead:
        raise Crash
    world = world_here()
    if context["connection"].in_atomic_block and not sql.startswith("SELECT set_config"):
        world.schedule.inside(actor)
        if actor.ours and world.swarm.flip("pause"):
            world.schedule.say("pause in transaction")
            world.schedule.pause_in_transaction(world.rng.choice(_PAUSES))
    return world.schedule.statement(actor, lambda: execute(sql, params, many, context))


def cross(label: str) -> None:
    """A boundary of an actor of ours outside of a transaction: it may sleep long here."""
    actor = actor_here()
    world = world_here()
    times, pauses = 1.0, _PAUSES
    if label in _SLEEPY:
        times, pauses = (40.0, _NAPS) if world.transport.erp_is_at_work() else (8.0, _PAUSES)
    if actor is not None and actor.ours and world.swarm.flip("pause", times=times):
        world.schedule.say("pause")
        world.schedule.sleep(world.rng.choice(pauses))
    world.schedule.point(label)


class _Datetime(dt.datetime):
    """The virtual clock of the actor who asks; the real one outside of a history."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Any:
        actor = actor_here()
        if not _now:
            return dt.datetime.now(tz)
        skew = actor.skew if actor else 0.0
        return dt.datetime.fromtimestamp(world_here().schedule.now + skew, tz)


class _Lock:
    """A lock of the product that is held over a call: who waits for it lets others go on."""

    def __init__(self) -> None:
        self._real = threading.Lock()

    def __enter__(self) -> None:
        while not self._real.acquire(blocking=actor_here() is None):
            world_here().schedule.sleep(0.2)

    def __exit__(self, *error: object) -> None:
        self._real.release()


def _number() -> int:
    """The moment in an id: a number that only goes up, so that the order of ids is the same."""
    if not _now:
        return time.time_ns()
    world = world_here()
    world.last_id += 1
    return world.last_id * 1_000_000


def _randbits(bits: int) -> int:
    if not _now:
        return int.from_bytes(os.urandom(bits // 8 + 1), "big") & (1 << bits) - 1
    return world_here().chance.getrandbits(bits)


def _uniform(low: float, high: float) -> float:
    return world_here().chance.uniform(low, high) if _now else (low + high) / 2


def _monotonic() -> float:
    return world_here().schedule.now if _now else time.monotonic()


def _organization_ids(before: Any) -> Any:
    def organization_ids() -> Any:
        return [world_here().organization_id] if _now else before()

    return organization_ids


def _new_client(before: Any) -> Any:
    def new_client(*, timeout_seconds: float = 20, connections: int = 5) -> httpx.Client:
        if not _now:
            made: httpx.Client = before(timeout_seconds=timeout_seconds, connections=connections)
            return made
        return httpx.Client(
            transport=world_here().transport, timeout=timeout_seconds, trust_env=False,
            headers={"User-Agent": "quittance"},
        )  # fmt: skip

    return new_client


def _kept(before: Any) -> Any:
    """A connection's row does not change in a history: it is read once, to save time."""

    def row(key: Any) -> Any:
        if not _now:
            return before(key)
        kept = world_here().rows_kept
        if key not in kept:
            kept[key] = before(key)
        return kept[key]

    return row


def _defer(before: Any) -> Any:
    def defer(self: Any, **more: Any) -> Any:
        actor = actor_here()
        if not _now or actor is None:
            return before(self, **more)
        hint = (self.job.task_name, {**self.job.task_kwargs, **more})
        if connection.in_atomic_block:
            actor.hints.append(hint)
        else:
            world_here().hint(*hint)
        return 1

    return defer


def _commit(before: Any) -> Any:
    def commit(self: BaseDatabaseWrapper) -> None:
        actor = actor_here()
        if not _now or actor is None:
            before(self)
            return
        world, act = world_here(), act_of(sys._getframe(1))
        if act is None:
            world.schedule.ends_transaction()
            before(self)
            world.schedule.ended_transaction()
            return
        _commit_with_faults(self, before, world, actor, act)

    return commit


def _commit_with_faults(
    self: BaseDatabaseWrapper, before: Any, world: World, actor: Actor, act: str
) -> None:
    swarm, schedule = world.swarm, world.schedule
    hints, actor.hints = actor.hints, []
    swarm.cross(act)
    try:
        schedule.point(f"{act}: before COMMIT")
    except Crash:
        self.rollback()
        raise
    if actor.ours and swarm.flip("crash before", act):
        schedule.say("crash")
        self.rollback()
        schedule.crash(actor)
    if actor.ours and swarm.flip("in doubt, not done", act):
        schedule.say("in doubt, not done")
        self.rollback()
        raise OperationalError("server closed the connection unexpectedly")
    schedule.ends_transaction()
    before(self)
    schedule.ended_transaction()
    world.writes += 1
    for hint in hints:
        world.hint(*hint)
    for deed in world.on_commit.get(act, ()):
        deed()
    if actor.ours and swarm.flip("crash after", act):
        schedule.say("crash")
        schedule.crash(actor)
    if actor.ours and swarm.flip("in doubt, done", act):
        schedule.say("in doubt, done")
        raise OperationalError("server closed the connection unexpectedly")
    cross(f"{act}: committed")


def _rollback(before: Any) -> Any:
    def rollback(self: BaseDatabaseWrapper) -> None:
        actor = actor_here()
        if not _now or actor is None:
            before(self)
            return
        schedule = world_here().schedule
        schedule.ends_transaction()
        before(self)
        actor.hints.clear()
        schedule.ended_transaction()

    return rollback


def _database_clock(before: Any) -> Any:
    def as_postgresql(self: Any, compiler: Any, database: Any, **extra: Any) -> Any:
        if not _now:
            return before(self, compiler, database, **extra)
        return "to_timestamp(%s)", [world_here().schedule.now]

    return as_postgresql


def act_of(frame: FrameType | None) -> str | None:
    """Name the act of the product that commits; ``None`` for a transaction that only reads."""
    reading = True
    while frame is not None:
        file = frame.f_code.co_filename
        if _ROOM in file:
            if not file.endswith("rows.py"):
                break
            reading = frame.f_code.co_name == "reading"
        frame = frame.f_back
    if frame is None or reading:
        return None
    name = frame.f_code.co_name
    if frame.f_code.co_filename.endswith("posting/transitions.py"):
        to = frame.f_locals.get("to")
        return f"posting.{name} {to}" if to else f"posting.{name}"
    room = frame.f_code.co_filename.rpartition(_ROOM)[2].removesuffix(".py").replace(os.sep, ".")
    return f"{room}.{name.strip('_')}"
