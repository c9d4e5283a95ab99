"""A transaction begins and learns for whom it works by one message to PostgreSQL."""

from __future__ import annotations

import os
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from psycopg import pq

from quittance.core.ids import new_id
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for

ODD = """it's "odd" \\ %s; ROLLBACK; -- é"""


@pytest.fixture
def organization(database: None) -> UUID:
    organization_id = new_id()
    with working_for(organization_id, actor="test"), writing():
        Organization.objects.create(pk=organization_id, name="Northwind")
    return organization_id


def _said(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [name])
        return str(cursor.fetchone()[0])


def test_it_is_one_message(organization: UUID, tmp_path: Any) -> None:
    connection.ensure_connection()
    pgconn = connection.connection.pgconn
    with working_for(organization, actor="test"), (tmp_path / "trace").open("w+") as file:
        pgconn.trace(file.fileno())
        pgconn.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        with reading():
            pgconn.untrace()
            lines = (tmp_path / "trace").read_text().splitlines()

    assert [line.split("\t")[2] for line in lines if line.startswith("F")] == ["Query"]


def test_django_lists_it_among_its_statements(organization: UUID) -> None:
    asked = CaptureQueriesContext(connection)
    with working_for(organization, actor="test"), asked, reading():
        pass

    begin, said, commit = (each["sql"] for each in asked.captured_queries)
    assert (begin, commit) == ("BEGIN", "COMMIT")
    assert said.startswith("SELECT set_config(")
    assert str(organization) in said


def test_a_name_with_signs_of_sql_is_said_as_it_is(organization: UUID) -> None:
    with working_for(organization, actor=ODD), writing(cause=ODD):
        assert _said("quittance.actor") == ODD
        assert _said("quittance.cause") == ODD


def test_what_was_said_ends_with_the_transaction(organization: UUID) -> None:
    with working_for(organization, actor="test"):
        for opened in (reading(), writing()):
            with opened:
                assert _said("quittance.organization") == str(organization)
            assert _said("quittance.organization") in {"", "None"}


def test_what_fails_inside_is_taken_back(organization: UUID) -> None:
    def rename() -> None:
        with writing():
            Organization.objects.filter(pk=organization).update(name="Southwind")
            raise ZeroDivisionError

    with working_for(organization, actor="test"):
        with pytest.raises(ZeroDivisionError):
            rename()
        with reading():
            assert Organization.objects.get().name == "Northwind"


def test_of_a_connection_that_is_gone_it_says_so_as_every_statement_does(
    organization: UUID,
) -> None:
    connection.ensure_connection()
    connection.connection.pgconn.finish()
    with working_for(organization, actor="test"), pytest.raises(OperationalError), reading():
        pass


def test_a_connection_that_the_server_has_ended_is_told_as_lost(
    organization: UUID,
) -> None:
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    with psycopg.connect(os.environ["QUITTANCE_TEST_ADMIN"], autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with working_for(organization, actor="test"), pytest.raises(OperationalError), reading():
        pass
