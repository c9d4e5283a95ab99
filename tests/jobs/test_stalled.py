"""A worker that dies leaves its job marked as running; somebody must put it back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from tests.ground import Ground

PATIENCE_SECONDS = 60


@pytest.fixture(autouse=True)
def _empty_queue(database: None) -> None:
    _query("DELETE FROM procrastinate_jobs")


def _query(sql: str, *values: object) -> list[tuple[object, ...]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def _worker() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "quittance", "worker"]
    process = subprocess.Popen(command, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _dead_job(lock: str, queueing_lock: str | None = None) -> int:
    """A job that a worker was doing when it was killed; the worker is gone from the list."""
    args = json.dumps({"organization_id": str(os.getpid()), "payment_id": "x"})
    ((job_id,),) = _query(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status)"
        " VALUES ('nobody', 'payments.advance', %s, %s, %s, 'doing') RETURNING id",
        lock, queueing_lock, args,
    )  # fmt: skip
    return int(str(job_id))


def _run_put_back() -> None:
    from quittance.jobs.stalled import put_back

    async def run() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as running:
            async with running.open_async():
                await put_back.func(0)

    asyncio.run(run())


def test_the_worker_knows_every_periodic_task() -> None:
    app.perform_import_paths()  # as the worker does before it begins

    names = {task.task.name for task in app.periodic_registry.periodic_tasks.values()}

    assert names == {
        "jobs.put_back",
        "notifications.sweep",
        "payments.sweep",
        "payments.watch",
        "posting.verify",
        "receivables.renew",
        "receivables.tick",
        "reconciliation.read",
        "reconciliation.watch",
    }


def test_a_dead_workers_job_goes_back_into_the_line(database: None) -> None:
    job_id = _dead_job("lock-a")

    _run_put_back()

    assert _query("SELECT status FROM procrastinate_jobs WHERE id = %s", job_id) == [("todo",)]


def test_a_dead_job_gives_way_when_the_same_work_waits_already(database: None) -> None:
    job_id = _dead_job("lock-b", "only-one")
    _query(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status)"
        " VALUES ('nobody', 'payments.advance', 'lock-b', 'only-one', 'todo')"
    )

    _run_put_back()

    assert _query("SELECT status FROM procrastinate_jobs WHERE id = %s", job_id) == []


@pytest.mark.slow
def test_a_worker_killed_while_it_posts_is_followed_by_one_that_ends_the_work(
    ground: Ground,
) -> None:
    from quittance.payments.jobs import wake
    from quittance.posting.models import ErpPosting
    from quittance.tenancy.rows import reading, writing

    invoice = ground.bill("75.00")
    payment = ground.pay((invoice, "75.00"))
    ground.on_page(payment)
    ground.world.erp_fault("POST .*NAV.post", "delay", seconds=4)
    with writing():
        wake(payment.pk)  # ahead of what other tests left for the sweep to find
    with _worker() as first:
        _wait(lambda: _posting_is(payment.pk, "sending"))
        os.kill(first.pid, signal.SIGKILL)
    with writing():  # two minutes are over: the dead worker's claim has run out
        ErpPosting.objects.update(lease_until=None)
    with _worker():
        _wait(lambda: _posting_is(payment.pk, "confirmed"))

    entries = ground.world.erp_ledger(payment.number)
    assert len([entry for entry in entries if entry["documentType"] == "Payment"]) == 1
    with reading():
        (status,) = payment.allocations.values_list("status", flat=True)
    assert status in {"consumed", "reflected"}


@pytest.mark.slow
def test_a_worker_that_was_taken_for_dead_begins_again(database: None) -> None:
    _query("DELETE FROM procrastinate_workers")
    with _worker() as process:
        _wait(lambda: len(_workers()) == 1)
        (first,) = _workers()
        _query("DELETE FROM procrastinate_workers")  # as another one does after it slept too long
        _wait(lambda: bool(_workers()) and _workers() != [first])
        assert process.poll() is None


def _workers() -> list[tuple[object, ...]]:
    return _query("SELECT id FROM procrastinate_workers")


def _posting_is(payment_id: object, status: str) -> bool:
    from quittance.posting.models import ErpPosting
    from quittance.tenancy.rows import reading

    with reading():
        return ErpPosting.objects.filter(source_id=payment_id, status=status).exists()


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if until():
            return
        time.sleep(0.1)
    pytest.fail("nothing happened within a minute")
