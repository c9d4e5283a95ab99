"""The word that a job is over arrives, also when it is lost at first; and the worker stays."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from demo.ports import HOST, free_port

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 90
LOST_TWICE = """
CREATE SEQUENCE lost_words;
CREATE FUNCTION lose_word() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF OLD.task_name = 'payments.advance' AND nextval('lost_words') <= 2 THEN
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
def worker(address: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "quittance", "worker"],
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


@pytest.fixture
def words_get_lost(database: None) -> Iterator[None]:
    with owner() as admin:
        admin.execute("DELETE FROM procrastinate_jobs")
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
        wait(lambda: _count(admin, "task_name = 'payments.advance'") == 0)

        assert process.poll() is None
        assert admin.execute("SELECT last_value FROM lost_words").fetchone() == (3,)


@pytest.mark.failure("F52")
def test_a_worker_without_a_database_waits_for_one(database: None) -> None:
    """It gives up after 30 seconds of trying, and begins again."""
    port = free_port()
    address = os.environ["DATABASE_URL"]
    real = int(address.rpartition("@")[2].split(":")[1].split("/")[0])
    with (
        socket.create_server((HOST, port)) as closed,
        worker(address.replace(f":{real}/", f":{port}/")) as process,
    ):
        closed.settimeout(1)
        end = time.monotonic() + 45
        while time.monotonic() < end:
            try:
                closed.accept()[0].close()
            except TimeoutError:
                continue

        assert process.poll() is None


def _count(admin: psycopg.Connection, where: str) -> int:
    row = admin.execute(
        f"SELECT count(*) FROM procrastinate_jobs WHERE {where}".encode()
    ).fetchone()
    assert row is not None
    return int(row[0])
