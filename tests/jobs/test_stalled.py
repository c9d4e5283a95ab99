"""A worker that dies leaves its job marked as running; somebody must put it back."""

from __future__ import annotations

import asyncio
import json
import os

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app


@pytest.fixture(autouse=True)
def _empty_queue(database: None) -> None:
    _query("DELETE FROM procrastinate_jobs")


def _query(sql: str, *values: object) -> list[tuple[object, ...]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


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
        "approvals.expire",
        "arrivals.expire",
        "confirmations.expire",
        "connections.look",
        "einvoices.look",
        "evidence.anchor",
        "exports.sweep",
        "identity.sessions",
        "identity.tries",
        "jobs.domains",
        "sso.domains",
        "sso.forget",
        "jobs.put_back",
        "notifications.sweep",
        "payment_page.watch",
        "payments.disputed",
        "payments.sweep",
        "payments.watch",
        "posting.verify",
        "privacy.sweep",
        "privacy.wake",
        "receivables.nightly",
        "receivables.renew",
        "receivables.tick",
        "reconciliation.read",
        "reconciliation.watch",
        "transfers.look",
        "visits.end",
        "wallet.expiring",
        "wallet.sweep",
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
