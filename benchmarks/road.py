"""The first road's own time: from the click on Pay to "posted in the ERP", less the waiting."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import httpx

from benchmarks import questions
from benchmarks.figures import Figure, percentile
from benchmarks.house import House
from benchmarks.outside import Waited, listening
from benchmarks.sizes import Sizes

if TYPE_CHECKING:
    from quittance.payments.models import Payment
    from quittance.receivables.models import Invoice
    from tests.ground import Ground, World

T = TypeVar("T")
_GATEWAY_SECONDS, _ERP_SECONDS = 0.3, 0.15  # assumed: what a call over the internet takes at least
_WARM = 2
_WHAT = (
    "three invoices, one in part: the checkout's POST, then the worker's advance_payment until the"
    " posting is confirmed and the mirror shows it; not in it: the payer's time at the gateway, the"
    " webhook, the job's pick-up"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the road, in seconds."""

    total: float
    waited: float
    calls: int

    @property
    def own(self) -> float:
        """What was ours of it."""
        return self.total - self.waited

    def __add__(self, other: Part) -> Part:
        return Part(self.total + other.total, self.waited + other.waited, self.calls + other.calls)


@dataclass(frozen=True, slots=True)
class _Walker:
    """A buyer who walks the road again and again."""

    ground: Ground
    client: Any
    waited: Waited

    def walk(self, times: int) -> list[tuple[Part, Part]]:
        """From the click to the redirect, and from the payer's payment to the posting."""
        return [self._once() for _ in range(times)]

    def _once(self) -> tuple[Part, Part]:
        from tests.portal.doors import fields_of

        basket = self.to_review()[0]
        fields = fields_of(self.client.get(f"{basket}/review").content)
        press = {"version": fields["version"], "seal": fields["seal"]}
        click, answer = self._timed(lambda: self.client.post(f"{basket}/pay", press))
        if answer.status_code != 303:
            raise RuntimeError(f"Pay answered {answer.status_code}: {answer.content[:500]!r}")
        payment = _payment(basket)
        with contextlib.suppress(httpx.ConnectError):  # the way back: nobody serves our pages here
            self.ground.on_page(payment)
        posted, _ = self._timed(lambda: self.ground.advance(payment))
        _check(payment.pk)
        return click, posted

    def to_review(self) -> tuple[str, Invoice]:
        """Choose three invoices, pay one in part, by card; the basket's address, one invoice."""
        from tests.portal.doors import begin_checkout, fields_of

        invoices = [self.ground.bill("250.00") for _ in range(3)]
        basket = begin_checkout(self.client, *invoices)
        fields = fields_of(self.client.get(f"{basket}/amounts").content)
        fields[f"amount-{invoices[0].pk}"] = "99.00"
        self.client.post(f"{basket}/amounts", fields)
        fields = fields_of(self.client.get(f"{basket}/method").content)
        chosen = {"version": fields["version"], "method": "card"}
        answer = self.client.post(f"{basket}/method", chosen)
        if answer.status_code != 303:
            raise RuntimeError(f"The checkout answered {answer.status_code}")
        return basket, invoices[0]

    def _timed(self, act: Callable[[], T]) -> tuple[Part, T]:
        before, begin = self.waited.now(), time.perf_counter()
        answer = act()
        total, meanwhile = time.perf_counter() - begin, self.waited.since(before)
        return Part(total, meanwhile.seconds, meanwhile.calls), answer


def measure(house: House, sizes: Sizes) -> Iterator[Figure]:
    """Walk the road with the sandboxes as they are, then with calls as slow as real ones."""
    from sandbox.business_central.launch import start_business_central
    from sandbox.gateway.launch import start_gateway
    from tests.ground import World, make_ground
    from tests.portal.doors import make_door

    folder = house.folder / "world"
    with (
        start_business_central(folder / "business_central", webhook_delay=600) as erp,
        start_gateway(folder / "gateway", webhook_delay=600, settle_delay=0.2) as gateway,
        make_ground(world := World(erp=erp, gateway=gateway)) as ground,
        make_door(ground) as door,
        listening() as waited,
    ):
        walker = _Walker(ground, door.buyer(), waited)
        walker.walk(_WARM)
        yield from _figures("first_road", walker.walk(sizes.roads), goal=None)
        yield from questions.measure(walker.client, _pages(walker))
        _slow_down(world)
        assumed = {"assumed_ms_a_call": {"gateway": 300, "erp": 150}}
        slow = walker.walk(sizes.slow_roads)
        yield from _figures("first_road_at_internet_latency", slow, goal=0.1, **assumed)


def _pages(walker: _Walker) -> dict[str, str]:
    """Pages that need an ERP or a gateway behind them."""
    basket, invoice = walker.to_review()
    walker.walk(1)
    return {
        "invoice": f"/invoices/{invoice.pk}",
        "checkout_amounts": f"{basket}/amounts",
        "checkout_method": f"{basket}/method",
        "checkout_review": f"{basket}/review",
        "payment": f"/payments/{_latest_payment()}",
    }


def _payment(basket: str) -> Payment:
    from quittance.payments.contents import payment_of
    from quittance.tenancy.rows import reading

    with reading():
        payment = payment_of(UUID(basket.rpartition("/")[2]))
    assert payment is not None
    return payment


def _latest_payment() -> UUID:
    from quittance.payments.models import Payment
    from quittance.tenancy.rows import reading

    with reading():
        return Payment.objects.order_by("-created_at").values_list("pk", flat=True)[0]


def _check(payment_id: UUID) -> None:
    from quittance.posting.models import ErpPosting
    from quittance.tenancy.rows import reading

    with reading():
        status = ErpPosting.objects.get(source_id=payment_id).status
    if status != ErpPosting.Status.CONFIRMED:
        raise RuntimeError(f"The road did not end: the posting is {status}.")


def _slow_down(world: World) -> None:
    world.erp_fault("", "delay", times=0, seconds=_ERP_SECONDS)
    world.gateway_fault("* /v1/payments*", "delay", times=1_000_000, seconds=_GATEWAY_SECONDS)


def _figures(
    name: str, walked: list[tuple[Part, Part]], *, goal: float | None, **facts: object
) -> Iterator[Figure]:
    named = {
        "click_to_redirect": [click for click, _ in walked],
        "capture_to_posted": [posted for _, posted in walked],
        "click_to_posted": [click + posted for click, posted in walked],
    }
    for part, parts in named.items():
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
                "what": _WHAT,
            },
        )
