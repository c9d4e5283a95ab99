"""One history: a storm of faults, then healing, then the verdict."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from quittance.connections.open import _opened
from quittance.receivables.models import Credit, Invoice
from quittance.tenancy.rows import reading
from quittance.tenancy.scope import working_for
from tests.histories import money_back, people, ports, verdict, workers
from tests.histories.ground import keep_methods, prepare
from tests.histories.hands import Hands
from tests.histories.schedule import Stuck
from tests.histories.world import World

STORM_STEPS: Final = 150  # what goes on for longer goes on in calm
CALM_STEPS: Final = 40
STORM_SECONDS: Final = 5 * 86400.0
_ROUNDS: Final = (0.5, 2.0, 2.0, 2.0, 2.0, 2.0)  # days until people look at the queue again
_LONG_ENOUGH: Final = 2.0  # whatever still was to come has come
MOST_STEPS: Final = 4_000
_BY_THIS_ANSWER: Final = 0.3


@dataclass
class Result:
    """What one history showed."""

    seed: int
    wrongs: dict[str, int]
    digest: str
    steps: int
    met: Counter[tuple[str, str]]
    crossed: Counter[str]
    count: Counter[str]
    trace: list[str]


class Theatre:
    """Where histories play: the threads and the connection that looks past all walls."""

    def __init__(self, admin_url: str) -> None:
        self.monitor = psycopg.connect(admin_url, autocommit=True)
        self.monitor.prepare_threshold = 1
        # Some fifty views in one statement: to plan them takes ten times as long as to read them.
        self.monitor.execute("SET plan_cache_mode = force_generic_plan")
        self.hands = Hands(ports.statement_hook)

    def close(self) -> None:
        """End the threads and the connections."""
        self.hands.close()
        self.monitor.close()

    def play(
        self,
        seed: int,
        *,
        aim: tuple[str, str] | None = None,
        often: str = "",
        readable: bool = False,
    ) -> Result:
        """Play the history of one seed.

        ``aim``: a fault that comes when it first can; ``often``: what surely happens in it.
        """
        world = World(seed, self.hands, self.monitor, readable=readable)
        world.swarm.aim = aim
        world.swarm.make_sure(often)
        with ports.entered(world):
            try:
                _play(world)
            except Stuck as stuck:
                world.wrong(f"stuck: {stuck}")
            finally:
                world.schedule.close()
                for _, client in _opened.values():
                    client.close()
                _opened.clear()
        return Result(
            seed=seed, wrongs=dict(world.wrongs), digest=world.schedule.digest,
            steps=world.schedule.steps, met=world.swarm.met, crossed=world.swarm.crossed,
            count=world.schedule.count, trace=world.schedule.trace or [],
        )  # fmt: skip


def _play(world: World) -> None:
    schedule, rng = world.schedule, world.rng
    schedule.on_error = lambda actor, error: world.wrong(f"{type(error).__name__}: {error}"[:200])
    world.swarm.on = False
    _alone(world, "ground", lambda: _ground(world))
    world.swarm.on = True
    world.swarm.met.clear()
    world.swarm.crossed.clear()
    people.courier(world)
    people.buyers(world)
    people.clerk(world)
    people.cheque_meanwhile(world)
    money_back.turn(world)
    money_back.at_work(world)
    money_back.follow_steps(world)
    workers.staff(world)
    workers.look_the_next_day(world)
    workers.read_while_it_posts(world)
    workers.ask_early(world)
    for _ in range(rng.choice([0, 1, 1])):
        soon = rng.random() * rng.choice([600.0, 3000.0, 86400.0])
        schedule.later(soon, "a minute's tick", lambda: workers.tick(world))
    if rng.random() < world.swarm.rates["outage"]:
        _plan_outage(world)
    schedule.check = lambda: verdict.safe(world)
    verdict.watch(world)
    _calm_before(world)
    schedule.run(most_steps=STORM_STEPS, until=schedule.now + STORM_SECONDS)
    _heal(world)
    verdict.final(world)


def _calm_before(world: World) -> None:
    """In half of the histories faults begin late: else few payments come to their last steps."""
    world.swarm.on = False
    seconds = world.rng.choice([0.0, 0.0, 0.0, 300.0, 1500.0, 5000.0])
    world.schedule.run(most_steps=CALM_STEPS, until=world.schedule.now + seconds)
    world.swarm.on = True


def _plan_outage(world: World) -> None:
    """At any time; or when an answer was lost: whoever would have asked again is gone as well."""
    rng, later = world.rng, world.schedule.later
    if rng.random() >= world.swarm.rates["outage by an answer"]:
        later(rng.random() * 3000, "outage", lambda: _outage(world))
        return
    planned = iter([True])

    def unheard() -> None:
        if rng.random() < _BY_THIS_ANSWER and next(planned, False):
            later(rng.random() * 10, "outage", lambda: _outage(world))

    world.transport.on_unheard = unheard


def _outage(world: World) -> None:
    if not world.swarm.on:
        return  # the faults have ended before
    hours = world.rng.choice([26.0, 60.0, 100.0])
    world.schedule.count["outage"] += 1
    world.schedule.outage_until = world.schedule.now + hours * 3600


def _heal(world: World) -> None:
    """Faults off: within days of virtual time nothing may be left that waits for nobody."""
    schedule = world.schedule
    world.swarm.on = False
    schedule.end_outage()
    for days in _ROUNDS:
        _alone(world, "AR", lambda: money_back.send_misfits_back(world))
        workers.tick(world, often=0.25)
        _go_on(world, days=days)
        rejected = world.ids("status = 'rejected'")
        closing = money_back.do_by_hand(world)
        waiting = world.ids("status = 'by_hand'") or money_back.misfits(world)
        at_rest = not (rejected or closing or waiting)
        if at_rest and days >= _LONG_ENOUGH:
            break
        if at_rest:
            continue
        hopeless = [each for each in rejected if verdict.beyond_mending(world, each)]
        people.mend(world)
        verdict.reopen_paid_by_cheque(world)
        _alone(world, "AR clerk", lambda ids=rejected: money_back.retry(world, ids))
        if closing or hopeless:
            schedule.run(most_steps=MOST_STEPS, until=schedule.now + 3600)
            ids = [*closing, *hopeless]
            _alone(world, "AR", lambda ids=ids: money_back.close_with_a_note(world, ids))
    _go_on(world, days=6)
    if verdict.mirror_behind(world) or verdict.out_of_step(world):  # what each minute's look sees
        workers.tick(world)
        _go_on(world, days=1)
    for _ in range(3):
        if not verdict.out_of_step(world):
            break
        schedule.count["looked at everything"] += 1
        schedule.later(600.0, "five minutes' tick", lambda: workers.look_at_everything(world))
        _go_on(world, days=6)


def _go_on(world: World, *, days: float) -> None:
    until = world.schedule.now + days * 86400.0
    if not world.schedule.run(most_steps=MOST_STEPS, until=until):
        raise Stuck(f"{MOST_STEPS} steps after the faults there is still no peace")


def _alone(world: World, name: str, deed: Any) -> None:
    actor = world.schedule.spawn(name, deed, ours=False)
    world.schedule.stop_when = lambda: actor.done
    world.schedule.run(most_steps=MOST_STEPS)
    world.schedule.stop_when = lambda: False
    if actor.error is not None:
        raise Stuck(f"{name} cannot go on: {actor.error!r}")


def _ground(world: World) -> None:
    prepare(world)
    with working_for(world.organization_id, actor="history"), reading():
        rows = list(Invoice.objects.select_related("customer_account"))
        world.facts["credits"] = dict(Credit.objects.values_list("erp_id", "pk"))
    world.facts["accounts"] = {
        row.customer_account.erp_id: row.customer_account_id for row in rows
    }  # fmt: skip
    world.facts["invoices"] = {row.erp_id: row.pk for row in rows}
    keep_methods(world)
