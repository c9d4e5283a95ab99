"""How much memory two web workers and one job worker hold after some work."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator

from benchmarks import house as houses
from benchmarks.books import Buyer
from benchmarks.figures import Figure
from benchmarks.house import HOST, House
from benchmarks.processes import family, memory_bytes
from benchmarks.sizes import Sizes
from demo import children
from demo.children import Child

_MEGA = 1024 * 1024
_REQUESTS = 60


def measure(house: House, buyer: Buyer, sizes: Sizes) -> Iterator[Figure]:
    """Start both as an operator does, ask for some pages, and add up what they hold."""
    log, environment = house.folder / "worker.log", house.web_environment()
    with (
        houses.web_server(house, workers=2) as (web, port),
        children.running(
            "worker", ["quittance", "worker"], log=log, environment=environment
        ) as worker,
    ):
        time.sleep(sizes.settle_seconds)  # the worker has run its first periodic jobs
        for _ in range(_REQUESTS):  # a connection each, so that both workers get some
            _ask(port, buyer, web)
        worker.check()
        held = {
            "web": memory_bytes(family(web.process.pid)),
            "worker": memory_bytes(family(worker.process.pid)),
        }
    yield Figure(
        figure="memory",
        value=sum(held.values()) / _MEGA,
        limit=600,
        limit_is="the goal itself",
        goal=1.0,
        unit="MB (PSS), two web workers and one job worker, without PostgreSQL",
        facts={f"{name}_mb": value / _MEGA for name, value in held.items()},
    )


def _ask(port: int, buyer: Buyer, web: Child) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Host": HOST, "Cookie": f"session={buyer.session}"}
    try:
        connection.request("GET", "/invoices", headers=headers)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        said = children.last_words(web.log)
        raise RuntimeError(f"/invoices answered {answer.status}. {said}")
