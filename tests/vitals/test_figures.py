"""Figures are read out of the database: right in every process, cheap, and about nobody."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from math import inf

import psycopg
import pytest
from django.db import connection, transaction

from quittance.core import clock
from quittance.reconciliation.findings import look_and_keep
from quittance.reconciliation.models import Look
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from quittance.vitals import figures
from quittance.vitals.catalogue import EVERY, OF_ORGANIZATIONS
from quittance.vitals.exposition import Metric, exposition
from tests.ground import Ground
from tests.tenancy.filled import fill

LINE = re.compile(
    r'[a-z_]+(\{[a-z_]+="([^"\\\n]|\\[\\"n])*"(,[a-z_]+="([^"\\\n]|\\[\\"n])*")*\})?'
    r" (\+Inf|[-+.e0-9]+)"
)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    figures.forget()
    yield
    figures.forget()


@pytest.fixture
def admin(request: pytest.FixtureRequest) -> psycopg.Connection:
    """A connection past all walls and triggers."""
    found: psycopg.Connection = request.getfixturevalue("_superuser")
    return found


def _read() -> dict[str, dict[tuple[str, ...], float]]:
    figures.forget()
    return {metric.name: dict(metric.values) for metric in figures.figures()}


def _run(statement: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_what_is_written_is_what_prometheus_reads() -> None:
    metrics = [
        Metric("a_b", "Two\nlines \\ of it.", ("x", "y"), {('q"\\\n', "2"): 1.5, ("1", "1"): inf}),
        Metric("c", "None now.", ("x",)),
        Metric("d", "One.", values={(): 12345678901.0}),
    ]

    assert exposition(metrics) == (
        "# HELP a_b Two\\nlines \\\\ of it.\n# TYPE a_b gauge\n"
        'a_b{x="1",y="1"} +Inf\na_b{x="q\\"\\\\\\n",y="2"} 1.5\n'
        "# HELP c None now.\n# TYPE c gauge\n"
        "# HELP d One.\n# TYPE d gauge\nd 12345678901\n"
    )


def test_every_figure_has_a_name_of_its_own_and_a_sentence() -> None:
    assert len({figure.name for figure in EVERY}) == len(EVERY)
    for figure in EVERY:
        assert figure.told.endswith("."), figure.name
        assert all(len(each) == len(figure.labels) for each in figure.zeros), figure.name


def test_payments_and_what_waits_are_counted_over_all_organizations(ground: Ground) -> None:
    before = _read()
    first = ground.pay((ground.bill("250.00"), "250.00"))
    ground.paid((ground.bill("75.00"), "75.00"))

    now = _read()

    def more(name: str, *labels: str) -> float:
        return now[name].get(labels, 0) - before[name].get(labels, 0)

    assert more("quittance_payments_under_way", "in_flight") == 1
    assert more("quittance_payments_last_hour", "succeeded", "sandbox") == 1
    assert more("quittance_payments_last_hour", first.status, "sandbox") == 1
    assert more("quittance_payments_refused_last_hour", "declined", "sandbox") == 0


def test_the_oldest_question_without_an_answer_is_told_in_seconds(
    ground: Ground, admin: psycopg.Connection
) -> None:
    payment = ground.pay((ground.bill("250.00"), "250.00"))
    admin.execute(
        "UPDATE payments_gatewayattempt SET status = 'unknown', sent_at = now() - interval '1 hour'"
        " WHERE payment_id = %s",
        [payment.pk],
    )

    now = _read()

    assert now["quittance_in_doubt"]["payment",] >= 1
    assert now["quittance_in_doubt_oldest_seconds"]["payment",] == pytest.approx(3600, abs=120)
    assert now["quittance_in_doubt_oldest_seconds"]["refund",] == 0


def test_a_mirror_that_was_never_read_and_money_never_looked_at_are_infinitely_old(
    ground: Ground,
) -> None:
    from quittance.connections.models import ErpConnection
    from quittance.receivables.models import SyncCursor

    with writing():
        own = ErpConnection.objects.get().pk
        SyncCursor.objects.create(legal_entity_id=ground.legal_entity_id, stream="invoices")
    now = _read()
    assert now["quittance_sync_lag_seconds"][str(own), "invoices"] == inf
    assert now["quittance_sync_failing"][str(own),] == 0
    assert now["quittance_money_check_age_seconds"][()] == inf

    with writing():
        past = clock.now() - timedelta(minutes=10)
        SyncCursor.objects.update(succeeded_at=past, failure="closed")
    now = _read()
    assert now["quittance_sync_lag_seconds"][str(own), "invoices"] == pytest.approx(600, abs=60)
    assert now["quittance_sync_failing"][str(own),] == 1


def test_when_rules_about_money_were_looked_at_is_kept_once_for_an_organization(
    ground: Ground,
) -> None:
    look_and_keep()
    look_and_keep()

    with reading():
        look = Look.objects.get()
    assert clock.now() - look.looked_at < timedelta(minutes=5)
    assert look.unanswered == 0


def test_jobs_that_wait_and_hearts_that_beat_are_told(database: None) -> None:
    queue = f"q{uuid.uuid4().hex[:6]}"
    _run("DELETE FROM procrastinate_workers")
    assert _read()["quittance_workers"][()] == 0
    assert _read()["quittance_worker_beat_age_seconds"] == {}

    _run("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")
    for wait, state in (("-2 minutes", "todo"), ("5 minutes", "todo"), ("-1 hour", "failed")):
        _run(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, scheduled_at)"
            " VALUES (%s, 'nothing', '{}', %s::procrastinate_job_status, now() + %s::interval)",
            queue, state, wait,
        )  # fmt: skip
    now = _read()
    _run("DELETE FROM procrastinate_jobs WHERE queue_name = %s", queue)
    _run("DELETE FROM procrastinate_workers")

    assert now["quittance_jobs"][queue, "ready"] == 1
    assert now["quittance_jobs"][queue, "failed"] == 1
    assert now["quittance_job_oldest_seconds"][queue,] == pytest.approx(120, abs=60)
    assert now["quittance_workers"][()] == 0
    assert now["quittance_worker_beat_age_seconds"][()] == pytest.approx(60, abs=60)


def test_no_line_names_a_customer_or_a_person_and_each_can_be_read(ground: Ground) -> None:
    ground.paid((ground.bill("75.00"), "75.00"))

    told = exposition(figures.figures())

    for line in told.splitlines():
        assert line.startswith("# ") or LINE.fullmatch(line), line
    account = ground.account()
    for word in (account.name, account.number, str(account.pk), str(ground.organization_id), "@"):
        assert word not in told


def test_no_table_that_grows_with_payments_is_read_from_end_to_end(
    database: None, admin: psycopg.Connection
) -> None:
    filled = fill("Plenty")
    for table, own in _PLENTY.items():
        _multiply(admin, table, filled.rows[table], own)
    with (
        working_for(filled.organization_id, actor="test"),
        reading(),
        connection.cursor() as cursor,
    ):
        cursor.execute("EXPLAIN " + figures.statement(OF_ORGANIZATIONS))
        plan = "\n".join(row for (row,) in cursor.fetchall())
    for table in _PLENTY:
        admin.execute(f"DELETE FROM {table} WHERE organization_id = %s", [filled.organization_id])

    assert {*re.findall(r"Seq Scan on (\w+)", plan)} & _PLENTY.keys() == set(), plan


# Of each table that grows with the payments: what is another in each row, all of them of the past.
_PLENTY = {
    "payments_payment": {
        "number": "'X' || n", "idempotency_key": "'k' || n", "status": "'failed'",
        "created_at": "now() - interval '1 day' - n * interval '1 minute'",
    },
    "payments_gatewayattempt": {
        "payment_id": "gen_random_uuid()", "reference": "'r' || n", "gateway_object": "NULL",
        "status": "'failed'",
    },
    "payments_reversal": {
        "number": "'X' || n", "idempotency_key": "'k' || n", "gateway_object": "NULL",
        "status": "'failed'",
    },
    "posting_erpposting": {
        "source_id": "gen_random_uuid()", "document_number": "'X' || n", "status": "'confirmed'",
    },
    "notifications_message": {
        "key": "'k' || n", "sent_at": "now()", "next_at": "NULL",
    },
    "audit_auditevent": {
        "happened_at": "now() - interval '1 day' - n * interval '1 minute'",
    },
}  # fmt: skip


def _multiply(admin: psycopg.Connection, table: str, row: uuid.UUID, own: dict[str, str]) -> None:
    """Thousands of rows like one, so that the planner has something to avoid."""
    names = _columns(admin, table)
    picked = ", ".join(
        (own | {"id": "gen_random_uuid()"}).get(name, f't."{name}"') for name in names
    )
    admin.execute(
        f"INSERT INTO {table} ({', '.join(map(_quoted, names))}) SELECT {picked}"
        f" FROM {table} t, generate_series(1, 6000) n WHERE t.id = %s",
        [row],
    )
    admin.execute(f"ANALYZE {table}")


def _quoted(name: str) -> str:
    return f'"{name}"'


def _columns(admin: psycopg.Connection, table: str) -> list[str]:
    return [
        name
        for (name,) in admin.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]
        )
    ]
