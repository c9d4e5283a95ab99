"""A worker outlives what happens to it, or another one ends its work; and its word arrives."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg
import pytest

from demo.ports import HOST, free_port
from tests.ground import Ground

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 90
LOST_TWICE = """
CREATE SEQUENCE lost_words;
CREATE FUNCTION lose_word() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF OLD.lock IS NOT DISTINCT FROM 'payment:x' AND nextval('lost_words') <= 2 THEN
        RAISE EXCEPTION 'the connection is gone' USING ERRCODE = '57P01';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER lose_word BEFORE DELETE ON procrastinate_jobs
    FOR EACH ROW EXECUTE FUNCTION lose_word();
"""
NO_LONGER = """
DROP TRIGGER lose_word ON procrastinate_jobs; DROP FUNCTION lose_word; DROP SEQUENCE lost_words;
"""


def owner() -> psycopg.Connection:
    return psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True)


@contextmanager
def worker(address: str, log: IO[bytes] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "quittance", "worker"], stdout=log, stderr=log,
        start_new_session=True, env={**os.environ, "DATABASE_URL": address},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


@dataclass
class Lonely:
    """A worker whose database closes every connection at once."""

    process: subprocess.Popen[bytes]
    log: Path
    knocked: int = 0  # how often it asked for a connection


@pytest.fixture(scope="module", autouse=True)
def lonely(database: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lonely]:
    """It begins with the first test: half a minute must pass before there is something to see."""
    port, log = free_port(), tmp_path_factory.mktemp("lonely") / "log"
    address = os.environ["DATABASE_URL"]
    real = int(address.rpartition("@")[2].split(":")[1].split("/")[0])
    with (
        socket.create_server((HOST, port)) as closed,
        log.open("wb") as said,
        worker(address.replace(f":{real}/", f":{port}/"), said) as process,
    ):
        lonely = Lonely(process, log)
        thread = threading.Thread(target=_turn_away, args=(closed, lonely))
        thread.start()
        yield lonely
        closed.shutdown(socket.SHUT_RDWR)
        thread.join()


def _turn_away(closed: socket.socket, lonely: Lonely) -> None:
    with suppress(OSError):
        while True:
            closed.accept()[0].close()
            lonely.knocked += 1


@pytest.fixture(autouse=True)
def _empty_queue(database: None) -> None:
    with owner() as admin:
        admin.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture
def words_get_lost(_empty_queue: None) -> Iterator[None]:
    with owner() as admin:
        admin.execute(LOST_TWICE.encode())
    yield
    with owner() as admin:
        admin.execute(NO_LONGER.encode())


@pytest.mark.failure("F50", "F52")
def test_a_job_whose_end_was_not_heard_lets_go_of_its_lock(words_get_lost: None) -> None:
    nobody = "00000000-0000-7000-8000-000000000000"
    args = f'{{"organization_id": "{nobody}", "payment_id": "{nobody}"}}'
    with owner() as admin, worker(os.environ["DATABASE_URL"]) as process:
        admin.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args)"
            f" VALUES ('payments', 'payments.advance', 'payment:x', '{args}')".encode()
        )
        wait(lambda: _count(admin, "lock = 'payment:x'") == 0)

        assert process.poll() is None
        assert admin.execute("SELECT last_value FROM lost_words").fetchone() == (3,)


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
    with worker(os.environ["DATABASE_URL"]) as first:
        wait(lambda: _posting_is(payment.pk, "sending"))
        os.kill(first.pid, signal.SIGKILL)
    with writing():  # two minutes are over: the dead worker's claim has run out
        ErpPosting.objects.update(lease_until=None)
    with worker(os.environ["DATABASE_URL"]):
        wait(lambda: _posting_is(payment.pk, "confirmed"))

    entries = ground.world.erp_ledger(payment.number)
    assert len([entry for entry in entries if entry["documentType"] == "Payment"]) == 1
    with reading():
        (status,) = payment.allocations.values_list("status", flat=True)
    assert status in {"consumed", "reflected"}


def test_a_worker_that_was_taken_for_dead_begins_again(database: None) -> None:
    with owner() as admin:
        admin.execute("DELETE FROM procrastinate_workers")
        with worker(os.environ["DATABASE_URL"]) as process:
            wait(lambda: len(_workers(admin)) == 1)
            (first,) = _workers(admin)
            # as another one does after it slept too long
            admin.execute("DELETE FROM procrastinate_workers")
            wait(lambda: _workers(admin) not in ([], [first]))
            assert process.poll() is None


@pytest.mark.failure("F52")
def test_a_worker_without_a_database_waits_for_one(lonely: Lonely) -> None:
    """It gives up after 30 seconds of trying, and begins again."""
    wait(lambda: "the worker begins again" in lonely.log.read_text())
    before = lonely.knocked
    wait(lambda: lonely.knocked > before)

    assert lonely.process.poll() is None


def _count(admin: psycopg.Connection, where: str) -> int:
    row = admin.execute(
        f"SELECT count(*) FROM procrastinate_jobs WHERE {where}".encode()
    ).fetchone()
    assert row is not None
    return int(row[0])


def _workers(admin: psycopg.Connection) -> list[object]:
    return [row[0] for row in admin.execute("SELECT id FROM procrastinate_workers")]


def _posting_is(payment_id: object, status: str) -> bool:
    from quittance.posting.models import ErpPosting
    from quittance.tenancy.rows import reading

    with reading():
        return ErpPosting.objects.filter(source_id=payment_id, status=status).exists()
