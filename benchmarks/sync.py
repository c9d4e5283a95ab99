"""The first reading of a whole company: how fast, how much memory, how long it waits."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from benchmarks.figures import Figure, Sense
from benchmarks.house import House
from benchmarks.mirror import empty
from benchmarks.processes import memory_bytes
from benchmarks.sizes import Sizes

_MEGA = 1024 * 1024
_LOOK_SECONDS = 0.5
_MOST_MEGA = 300


@dataclass(slots=True)
class _Run:
    """What one reading was like."""

    seconds: float
    waited: float
    calls: int
    peak_bytes: int
    invoices: int


def measure(house: House, sizes: Sizes) -> Iterator[Figure]:
    """Read all invoices of a sandbox as large as ``sizes`` says, by ``quittance sync``."""
    if not sizes.sync_invoices:
        return
    from sandbox.business_central.launch import start_business_central

    folder = house.folder / "large_company"
    with start_business_central(folder, invoices=sizes.sync_invoices, webhook_delay=3600) as erp:
        from tests.erp.stage import settings_of

        organization_id = _organization(settings_of(erp))
        run = _read(house, organization_id)
    empty(house)
    yield from _figures(run)


def _organization(settings: dict[str, str]) -> UUID:
    from quittance.connections.keep import keep_erp_connection
    from quittance.core.ids import new_id
    from quittance.tenancy.models import LegalEntity, Organization
    from quittance.tenancy.rows import writing
    from quittance.tenancy.scope import working_for

    organization_id = new_id()
    with working_for(organization_id, actor="bench"), writing():
        Organization.objects.create(pk=organization_id, name="Large")
        entity = LegalEntity.objects.create(name="Large", zone="UTC", currency="USD")
        keep_erp_connection(legal_entity_id=entity.pk, kind="business_central", settings=settings)
    return organization_id


def _read(house: House, organization_id: UUID) -> _Run:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.one_sync", str(organization_id)],
        stdout=subprocess.PIPE,
        text=True,
        env=house.web_environment(),
    )
    peak, ended = [0], threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, peak, ended))
    watcher.start()
    try:
        text, _ = process.communicate()
    finally:
        ended.set()
        watcher.join()
    if process.returncode:
        raise RuntimeError("The reading did not end well; its last lines say why.")
    said: dict[str, Any] = json.loads(text.splitlines()[-1])
    with house.admin() as admin:
        row = admin.execute(
            "SELECT count(*) FROM receivables_invoice WHERE organization_id = %s",
            [organization_id],
        ).fetchone()
    return _Run(**said, peak_bytes=peak[0], invoices=row[0] if row else 0)


def _watch(pid: int, peak: list[int], ended: threading.Event) -> None:
    while not ended.wait(_LOOK_SECONDS):
        try:
            peak[0] = max(peak[0], memory_bytes([pid]))
        except OSError:
            return  # it has ended


def _figures(run: _Run) -> Iterator[Figure]:
    from quittance.receivables.first_run import AT_ONCE

    share = run.waited / (run.seconds * AT_ONCE)
    facts: dict[str, object] = {
        "invoices": run.invoices, "seconds": run.seconds, "calls": run.calls,
        "share_waiting_for_the_server": share, "pages_at_once": AT_ONCE,
    }  # fmt: skip
    yield Figure(
        figure="sync_first_run",
        value=run.invoices / run.seconds,
        limit=run.invoices * AT_ONCE / run.waited,
        limit_is="the same pages, if nothing had to be done with them: the waiting alone",
        sense=Sense.AT_LEAST,
        unit="invoices/s, of the whole command",
        facts=facts,
    )
    yield Figure(
        figure="sync_first_run_memory",
        value=run.peak_bytes / _MEGA,
        limit=_MOST_MEGA,
        limit_is="the goal itself",
        goal=1.0,
        unit="MB (PSS) at most, of the reading process",
        facts=facts,
    )
