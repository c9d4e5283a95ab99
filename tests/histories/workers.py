"""The portal's own processes: workers who take hints, and the sweep."""

from __future__ import annotations

from typing import Any, Final

from procrastinate.contrib.django import app

from quittance.tenancy.moving import ChangedMeanwhile
from tests.histories.people import skew
from tests.histories.schedule import BROKEN, NEVER, Crash, actor_here
from tests.histories.world import World

SWEEPS: Final = ("payments.sweep",)
_A_DAY: Final = 26 * 3600.0
_LOOKED_AT_AGAIN: Final = 0.3
_READ_MEANWHILE: Final = 0.15
_ASKED_EARLY, _ASKED_TOO_EARLY = 0.05, 0.7
# A job may end so: it is a hint, and the row says what is still to be done.
_ENDS: Final = (*BROKEN, ChangedMeanwhile)


def staff(world: World) -> None:
    """Two or three workers and the sweep."""
    for number in range(world.rng.choice([2, 2, 3])):
        world.schedule.spawn(f"worker{number}", lambda: _work(world), skew=skew(world))
    world.schedule.sweeper = world.schedule.spawn("sweep", lambda: _sweep(world), skew=skew(world))
    world.schedule.due_by_rows = world.next_due


def tick(world: World, *, often: float = 1.0) -> None:
    """What the clock asks for each minute: here now and then, and each of it ``often``."""
    organization = {"organization_id": str(world.organization_id)}
    entity = {"legal_entity_id": str(world.legal_entity_id)}
    account = {"gateway_account_id": str(world.gateway_account_id), "payouts": False}
    asked: dict[str, dict[str, Any]] = {
        "receivables.pull": organization | entity,
        "reconciliation.books": organization | account,
        "posting.verify": {"timestamp": 0},
        "payments.watch": {"timestamp": 0},
    }
    for name, facts in asked.items():
        if world.rng.random() < often:
            world.hint(name, facts)


def look_the_next_day(world: World) -> None:
    """Some of what was confirmed is looked at again a day later, if the history goes on so long."""

    def confirmed() -> None:
        if world.rng.random() < _LOOKED_AT_AGAIN:
            world.schedule.later(
                _A_DAY,
                "the next day's tick",
                lambda: world.hint("posting.verify", {"timestamp": 0}),
            )

    world.after("posting.move confirmed", confirmed)


def read_while_it_posts(world: World) -> None:
    """The mirror's minute comes now and then while a payment is on its way into the ERP."""

    def drafted() -> None:
        if world.rng.random() < _READ_MEANWHILE:
            facts = {
                "organization_id": str(world.organization_id),
                "legal_entity_id": str(world.legal_entity_id),
            }
            soon = world.rng.random() * 2
            world.schedule.later(
                soon, "the mirror's minute", lambda: world.hint("receivables.pull", facts)
            )

    world.after("posting.move drafted", drafted)


def ask_early(world: World) -> None:
    """A job comes now and then before the gateway has said its first word, or even heard ours."""

    def jobs() -> None:
        for (payment_id,) in world.rows(
            "SELECT id FROM payments_payment WHERE organization_id = %(o)s AND next_at IS NOT NULL"
            " ORDER BY number"
        ):
            facts = {
                "organization_id": str(world.organization_id), "payment_id": str(payment_id),
            }  # fmt: skip
            world.hint("payments.advance", facts)

    def asked() -> None:
        under_way = world.transport.charges_under_way()
        if world.rng.random() < (_ASKED_TOO_EARLY if under_way else _ASKED_EARLY):
            world.schedule.later(world.rng.random() * 5, "an early job", jobs)

    world.after("payments.checkout.ask_gateway", asked)


def look_at_everything(world: World) -> None:
    """What the clock asks for every five minutes; here only where something is not in step."""
    world.hint("reconciliation.look", {"organization_id": str(world.organization_id)})


def _work(world: World) -> None:
    actor = actor_here()
    assert actor is not None
    while True:
        while not world.hints:
            world.idle.append(actor)
            try:
                world.schedule.sleep_until(NEVER)
            finally:
                world.idle.remove(actor)
        hint = world.hints.pop(world.rng.randrange(len(world.hints)))
        _alive(world, hint[0], hint[1], put_back=True)


def _sweep(world: World) -> None:
    while True:
        world.schedule.sleep_until(NEVER)
        for name in SWEEPS:
            _alive(world, name, {"timestamp": 0})


def _alive(world: World, name: str, facts: dict[str, Any], *, put_back: bool = False) -> None:
    """Run one job. A process that dies is started again; its job may be put back."""
    schedule = world.schedule
    try:
        schedule.point(f"job {name}")
        app.tasks[name].func(**facts)
    except Crash:
        if schedule.over:
            raise
        actor = actor_here()
        assert actor is not None
        actor.hints.clear()
        actor.dead = False  # another process takes its place
        wait = world.rng.choice([1.0, 15.0, 120.0])
        schedule.sleep_until(max(schedule.now + wait, schedule.outage_until))
        if put_back and world.rng.random() < 0.5:
            world.hints.append((name, facts))
    except _ENDS as error:
        schedule.say(f"job ends: {type(error).__name__}")
