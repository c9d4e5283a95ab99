"""How long a change in the ERP takes to the buyer's page: woken by its hint, and by the clock."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from benchmarks import house as houses
from benchmarks.figures import Figure, percentile
from benchmarks.house import House
from benchmarks.sizes import Sizes
from demo import children

if TYPE_CHECKING:
    from tests.ground import World

HOST = "fresh.localhost"
_GATHER_SECONDS = 1.0  # by the sandbox; Business Central gathers changes for 30 s
_PERIOD_SECONDS = 60.0
_LOOK_SECONDS = 0.05
_PATIENCE_SECONDS = 150.0


@dataclass(frozen=True, slots=True)
class _Page:
    """The list of invoices as one buyer sees it."""

    port: int
    session: str

    def shows(self, number: str) -> bool:
        """Ask for the page that would list this invoice."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Host": HOST, "Cookie": f"session={self.session}"}
        try:
            connection.request("GET", f"/invoices?q={number}", headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(f"/invoices answered {answer.status}")
        return b"/invoices/" in content and f">{number}<".encode() in content


def measure(house: House, sizes: Sizes) -> Iterator[Figure]:
    """Have a clerk post invoices and look at the page until it shows each."""
    from sandbox.business_central.launch import start_business_central
    from sandbox.gateway.launch import start_gateway
    from tests.ground import World, make_ground

    folder, environment = house.folder / "fresh", house.web_environment()
    with ExitStack() as stack:
        erp = stack.enter_context(
            start_business_central(folder / "erp", webhook_delay=_GATHER_SECONDS)
        )
        gateway = stack.enter_context(start_gateway(folder / "gateway", webhook_delay=600))
        ground = stack.enter_context(make_ground(world := World(erp=erp, gateway=gateway)))
        session = _session(ground.organization_id)  # and its hosts: the web server remembers them
        _, port = stack.enter_context(houses.web_server(house, workers=1))
        worker = children.running(
            "worker", ["quittance", "worker"], log=house.folder / "fresh.log",
            environment=environment,
        )  # fmt: skip
        stack.enter_context(worker)
        page = _Page(port, session)
        _post_and_see(world, page)  # the first reading
        if sizes.clock_changes:
            yield _figure("clock", _by_clock(world, page, sizes.clock_changes), _PERIOD_SECONDS)
        from quittance.receivables.subscriptions import ask_for_hints

        ask_for_hints(ground.legal_entity_id, f"http://127.0.0.1:{port}")
        waits = [_post_and_see(world, page) for _ in range(sizes.hint_changes)]
        yield _figure("hint", waits, _GATHER_SECONDS)


def _post_and_see(world: World, page: _Page) -> float:
    number = _post(world)
    begin = time.monotonic()
    while not page.shows(number):
        if time.monotonic() - begin > _PATIENCE_SECONDS:
            raise RuntimeError(f"{number} did not come to the page.")
        time.sleep(_LOOK_SECONDS)
    return time.monotonic() - begin


def _by_clock(world: World, page: _Page, count: int) -> list[float]:
    """Post one after the other, spread over the clock's period, and look for all of them."""
    posted: dict[str, float] = {}
    waits: list[float] = []
    begin = time.monotonic()
    while len(waits) < count:
        sent = len(posted) + len(waits)
        if sent < count and time.monotonic() >= begin + sent * _PERIOD_SECONDS / count:
            posted[_post(world)] = time.monotonic()
        for number in [each for each in posted if page.shows(each)]:
            waits += [time.monotonic() - posted.pop(number)]
        if time.monotonic() - begin > 2 * _PATIENCE_SECONDS:
            raise RuntimeError("What was posted did not come to the page.")
        time.sleep(_LOOK_SECONDS)
    return waits


def _session(organization_id: UUID) -> str:
    """A person of Harborline who is signed in, and the host that they come by."""
    from django.contrib.sessions.backends.db import SessionStore

    from quittance.branding.models import Brand
    from quittance.identity.models import User
    from quittance.identity.sign_in import begin_session
    from quittance.receivables.models import Contact, CustomerAccount
    from quittance.tenancy.models import Host
    from quittance.tenancy.rows import writing
    from tests.ground import HARBORLINE

    with writing():
        for name in (HOST, "127.0.0.1"):  # the ERP calls us by the address
            Host.objects.create(name=name, organization_id=organization_id)
        Brand.objects.create(name="Northwind Traders", accent="#0b6b57")
        account = CustomerAccount.objects.get(number=HARBORLINE)
        user = User.objects.create(email="dana@fresh.example", name="Dana Okafor")
        Contact.objects.create(user=user, customer_account=account)
    session = SessionStore()
    begin_session(session, user)
    session.save()
    return str(session.session_key)


def _post(world: World) -> str:
    from tests.ground import HARBORLINE

    return str(world.clerk("invoice", customer=HARBORLINE, amount="10.00")["number"])


def _figure(name: str, waits: list[float], limit: float) -> Figure:
    limits = {
        "hint": "the time for which this sandbox gathers changes before it tells;"
        " Business Central gathers for 30 s",
        "clock": "the clock's period",
    }
    return Figure(
        figure=f"fresh_by_{name}",
        value=percentile(waits, 0.5),
        limit=limit,
        limit_is=limits[name],
        unit="s from the posting in the ERP to the buyer's page, median",
        facts={"p95": percentile(waits, 0.95), "runs": len(waits)},
    )
