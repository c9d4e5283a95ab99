"""The first road's own time: from the click to "posted in the ERP", less what others took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from benchmarks.figures import Figure, percentile
from benchmarks.house import House
from benchmarks.outside import Waited, listening
from benchmarks.sizes import Sizes

if TYPE_CHECKING:
    from tests.ground import Ground, World

T = TypeVar("T")
GATEWAY_SECONDS, ERP_SECONDS = 0.3, 0.15  # what a call over the internet takes at least
_WARM = 2
_INVOICES = 3
_WITHOUT = (
    "start_payment, then advance_payment as the worker runs it, three invoices, one in part;"
    " without the pages, the payer's time at the gateway, webhook and job pick-up"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the road in seconds."""

    total: float
    waited: float
    calls: int

    @property
    def own(self) -> float:
        """What was ours of it."""
        return self.total - self.waited


def measure(house: House, sizes: Sizes) -> Iterator[Figure]:
    """Walk the road with the sandboxes as they are, then with calls as slow as real ones."""
    from sandbox.business_central.launch import start_business_central
    from sandbox.gateway.launch import start_gateway
    from tests.ground import World, make_ground

    folder = house.folder / "world"
    with (
        start_business_central(folder / "business_central", webhook_delay=600) as erp,
        start_gateway(folder / "gateway", webhook_delay=600, settle_delay=0.2) as gateway,
    ):
        world = World(erp=erp, gateway=gateway)
        with make_ground(world) as ground:
            _walk(ground, _WARM)
            yield from _figures("first_road", _walk(ground, sizes.roads), goal=None)
            _slow_down(world)
            note = {"assumed_ms_a_call": {"gateway": 300, "erp": 150}}
            slow = _walk(ground, sizes.slow_roads)
            yield from _figures("first_road_at_internet_latency", slow, goal=0.1, **note)


def _walk(ground: Ground, times: int) -> list[tuple[Part, Part]]:
    with listening() as waited:
        return [_one(ground, waited) for _ in range(times)]


def _one(ground: Ground, waited: Waited) -> tuple[Part, Part]:
    invoices = [ground.bill("250.00") for _ in range(_INVOICES)]
    lines = list(zip(invoices, ("250.00", "250.00", "99.00"), strict=True))
    click, payment = _timed(lambda: ground.pay(*lines), waited)
    ground.on_page(payment)
    posted, _ = _timed(lambda: ground.advance(payment), waited)
    _check(payment.pk)
    return click, posted


def _timed(act: Callable[[], T], waited: Waited) -> tuple[Part, T]:
    before, begin = waited.now(), time.perf_counter()
    answer = act()
    total, meanwhile = time.perf_counter() - begin, waited.since(before)
    return Part(total, meanwhile.seconds, meanwhile.calls), answer


def _check(payment_id: UUID) -> None:
    from quittance.posting.models import ErpPosting
    from quittance.tenancy.rows import reading

    with reading():
        status = ErpPosting.objects.get(source_id=payment_id).status
    if status != ErpPosting.Status.CONFIRMED:
        raise RuntimeError(f"The road did not end: the posting is {status}.")


def _slow_down(world: World) -> None:
    world.erp_fault("", "delay", times=0, seconds=ERP_SECONDS)
    world.gateway_fault("* /v1/payments*", "delay", times=1_000_000, seconds=GATEWAY_SECONDS)


def _figures(
    name: str, walked: list[tuple[Part, Part]], *, goal: float | None, **facts: object
) -> Iterator[Figure]:
    clicks, posts = [click for click, _ in walked], [post for _, post in walked]
    both = [
        Part(a.total + b.total, a.waited + b.waited, a.calls + b.calls) for a, b in walked
    ]  # fmt: skip
    named = (("click_to_redirect", clicks), ("capture_to_posted", posts), ("click_to_posted", both))
    for part, parts in named:
        yield Figure(
            figure=f"{name}_{part}",
            value=1000 * percentile([each.own for each in parts], 0.5),
            limit=1000 * percentile([each.total for each in parts], 0.5),
            limit_is="the whole time, waiting for gateway and ERP included",
            goal=goal,
            unit="ms of our own",
            facts={
                "own_p95": 1000 * percentile([each.own for each in parts], 0.95),
                "total_p95": 1000 * percentile([each.total for each in parts], 0.95),
                "waited_p50": 1000 * percentile([each.waited for each in parts], 0.5),
                "outside_calls": parts[-1].calls,
                "runs": len(parts),
                **facts,
                "what": _WITHOUT,
            },
        )
