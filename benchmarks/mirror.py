"""One page of invoices into the mirror, beside parse, COPY and upsert with nothing around them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from benchmarks import bare_mirror, erp_pages
from benchmarks.figures import Figure, Sense, median
from benchmarks.house import House
from benchmarks.processes import processor_seconds, spent
from benchmarks.sizes import Sizes

_FACTS: dict[str, object] = {
    "in_ours": "the adapter's strict parse with exact amounts, apply_invoices under row security"
    " with composite references, one transaction",
    "in_limit": "loose parse, COPY by rows, one upsert into a table with the same columns and"
    " indexes; no walls, no references, no look-up of the customer",
}


@dataclass(slots=True)
class _Times:
    """Of one act, in seconds a run: by the clock, and of processors (ours and the database's)."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


class _Bench:
    """Runs acts in turn and keeps how long they took."""

    def __init__(self) -> None:
        self.times: dict[str, _Times] = {}

    def run(self, name: str, act: Callable[[], object], *, backend: int, keep: bool) -> None:
        """Run once; the warm-up is not kept."""
        pids = [os.getpid(), backend]
        before, begin = processor_seconds(pids), time.perf_counter()
        act()
        wall = time.perf_counter() - begin
        processor = spent(before, processor_seconds(pids))
        if keep:
            times = self.times.setdefault(name, _Times())
            times.wall.append(wall)
            times.processor.append(processor)

    def speed(self, name: str, rows: int) -> float:
        """Records a second, the median."""
        return rows / median(self.times[name].wall)

    def micros(self, name: str, rows: int) -> float:
        """Microseconds of processor time a record, the median."""
        return 1_000_000 * median(self.times[name].processor) / rows


def measure(house: House, sizes: Sizes) -> Iterator[Figure]:
    """First load, nothing changed, all changed: ours and the bare one in turn."""
    from quittance.core.ids import new_id
    from quittance.tenancy.scope import working_for

    pages = {
        "first_load": erp_pages.invoice_page(sizes.page, version=1),
        "nothing_changed": erp_pages.invoice_page(sizes.page, version=1),
        "all_changed": erp_pages.invoice_page(sizes.page, version=2),
    }
    bench, bare = _Bench(), bare_mirror.Bare(house)
    try:
        with working_for(new_id(), actor="bench"):
            entity_id = erp_pages.make_legal_entity()
            for turn in range(sizes.page_rounds + 1):
                _turn(house, bench, bare, pages, entity_id, keep=turn > 0)
    finally:
        bare.close()
        empty(house)
    yield from _figures(bench, sizes.page, sizes.page_rounds)


def _turn(
    house: House,
    bench: _Bench,
    bare: bare_mirror.Bare,
    pages: dict[str, bytes],
    entity_id: UUID,
    *,
    keep: bool,
) -> None:
    from django.db import connection

    bare.empty()
    empty(house)
    connection.ensure_connection()
    ours = connection.connection.info.backend_pid
    for name, body in pages.items():
        bench.run(f"bare_{name}", partial(bare.load, body), backend=bare.backend, keep=keep)
        bench.run(name, partial(_load, body, entity_id), backend=ours, keep=keep)
    body = pages["first_load"]
    bench.run("bare_copy", lambda: bare.load(body, upsert=False), backend=bare.backend, keep=keep)
    bench.run("bare_parse", lambda: bare_mirror.parse(body), backend=bare.backend, keep=keep)
    bench.run("parse", lambda: erp_pages.parse(body), backend=ours, keep=keep)


def _load(body: bytes, entity_id: UUID) -> None:
    from quittance.core import clock
    from quittance.receivables.mirror import apply_invoices
    from quittance.tenancy.rows import writing

    records = erp_pages.parse(body)
    with writing():
        apply_invoices(records, legal_entity_id=entity_id, read_at=clock.now())


def empty(house: House) -> None:
    """Throw the invoices away; for once without the trigger that keeps rows of money."""
    with house.admin() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("TRUNCATE receivables_invoice CASCADE")


def _figures(bench: _Bench, rows: int, rounds: int) -> Iterator[Figure]:
    sizes: dict[str, object] = {"page": rows, "rounds": rounds}
    for name, goal in (("first_load", 0.6), ("nothing_changed", None), ("all_changed", None)):
        yield _figure(
            bench, rows, f"mirror_{name}", ours=name, limit=f"bare_{name}", goal=goal,
            limit_is="parse + COPY + upsert alone, same rows", facts=sizes | _FACTS,
        )  # fmt: skip
    yield _figure(
        bench, rows, "mirror_first_load_against_copy", ours="first_load", limit="bare_copy",
        limit_is="parse + COPY into a temporary table, no upsert", facts=sizes,
    )  # fmt: skip
    yield _figure(
        bench, rows, "mirror_nothing_changed_against_first_load", ours="nothing_changed",
        limit="first_load", goal=1.0, limit_is="our own first load", facts=sizes,
    )  # fmt: skip
    yield _figure(
        bench, rows, "mirror_parse", ours="parse", limit="bare_parse",
        limit_is="msgspec into structs, nothing checked", facts=sizes,
    )  # fmt: skip


def _figure(
    bench: _Bench,
    rows: int,
    figure: str,
    *,
    ours: str,
    limit: str,
    limit_is: str,
    facts: dict[str, object],
    goal: float | None = None,
) -> Figure:
    mine, bare = bench.micros(ours, rows), bench.micros(limit, rows)
    processor = {
        "cpu_us_a_record": mine,
        "limit_cpu_us_a_record": bare,
        "cpu_ratio": bare / mine if mine else None,
    }
    return Figure(
        figure=figure,
        value=bench.speed(ours, rows),
        limit=bench.speed(limit, rows),
        limit_is=limit_is,
        goal=goal,
        sense=Sense.AT_LEAST,
        unit="records/s",
        facts=processor | facts,
    )
