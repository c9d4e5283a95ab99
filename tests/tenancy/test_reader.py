"""A role that only reads: behind the same walls, and with nothing that opens something."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import psycopg
import pytest
from django.db import connections
from psycopg import sql

from quittance.project import commands
from tests.tenancy.filled import Filled, fill
from tests.tenancy.test_walls import NAMES

ROLE = f"a_reader_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"  # roles are the whole server's
WORD = "only-for-tests"
SECRETS = {
    "identity_user": "password", "identity_signincode": "code_hash",
    "paylinks_paylink": "token_hash",
    "connections_gatewayaccount": "sealed_settings", "django_session": "session_key",
    "identity_recoverycode": "salt", "sso_identityprovider": "sealed",
}  # fmt: skip


@pytest.fixture(scope="module")
def two(database: None) -> tuple[Filled, Filled]:
    return fill("first"), fill("second")


@pytest.fixture(scope="module")
def address(_superuser: psycopg.Connection, two: tuple[Filled, Filled]) -> Iterator[str]:
    """Where the reader connects, after the command has let it."""
    _superuser.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{WORD}'")
    _superuser.execute(f"ALTER ROLE {ROLE} SET default_transaction_read_only = on")
    commands.migrate(["--reader", ROLE])
    connections["owner"].close()
    parts = urlsplit(os.environ["DATABASE_URL"])
    place = parts.netloc.rpartition("@")[2]
    yield urlunsplit(parts._replace(netloc=f"{ROLE}:{WORD}@{place}"))
    _superuser.execute(f"DROP OWNED BY {ROLE}")
    _superuser.execute(f"DROP ROLE {ROLE}")


@pytest.fixture
def reader(address: str) -> Iterator[psycopg.Connection]:
    """The reader, who takes back what only advises against writing."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        yield connection


def scoped(reader: psycopg.Connection, organization_id: UUID | None) -> None:
    said = str(organization_id or "")
    reader.execute("SELECT set_config('quittance.organization', %s, false)", [said])
    reader.execute("SELECT set_config('quittance.customer_accounts', '*', false)")


def whose(reader: psycopg.Connection, table: str) -> set[UUID]:
    find = sql.SQL("SELECT DISTINCT organization_id FROM {}").format(sql.Identifier(table))
    return {row for (row,) in reader.execute(find)}


def test_without_an_organization_no_table_shows_it_a_row(reader: psycopg.Connection) -> None:
    scoped(reader, None)

    assert {name for name in NAMES if whose(reader, name)} == set()


def test_it_sees_the_rows_of_the_organization_that_it_names_and_no_others(
    reader: psycopg.Connection, two: tuple[Filled, Filled]
) -> None:
    scoped(reader, two[0].organization_id)

    seen = {name: whose(reader, name) for name in NAMES}

    assert set().union(*seen.values()) == {two[0].organization_id}
    assert [name for name, found in seen.items() if not found] == []


def test_it_can_write_nowhere_whatever_it_sets(
    reader: psycopg.Connection, two: tuple[Filled, Filled]
) -> None:
    scoped(reader, two[0].organization_id)
    tables = reader.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p')"
    ).fetchall()

    for (name,) in tables:
        table = sql.Identifier(name)
        for act in ("DELETE FROM {}", "TRUNCATE {}", "INSERT INTO {} DEFAULT VALUES"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(sql.SQL(act).format(table))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("CREATE TABLE notes (text text)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("UPDATE tenancy_organization SET name = 'x'")


def test_no_function_writes_for_it_as_somebody_else(reader: psycopg.Connection) -> None:
    """One that reads as its owner, and says so to PostgreSQL, may be called."""
    found = reader.execute(
        "SELECT proname FROM pg_proc WHERE prosecdef AND provolatile = 'v'"
        " AND prorettype <> 'trigger'::regtype AND has_function_privilege(oid, 'EXECUTE')"
    ).fetchall()

    assert found == []


@pytest.mark.parametrize(("table", "column"), SECRETS.items())
def test_what_opens_something_is_not_shown(
    table: str, column: str, reader: psycopg.Connection, two: tuple[Filled, Filled]
) -> None:
    scoped(reader, two[0].organization_id)
    names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(sql.SQL("SELECT {column} FROM {table}").format(**names))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(sql.SQL("SELECT * FROM {table}").format(**names))


@pytest.mark.parametrize("what", ["money", "audit"])
def test_it_is_enough_for_the_checks_of_an_operator(what: str, address: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "quittance", "check", what],
        env={**os.environ, "DATABASE_URL": address}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    assert "first" in done.stdout
    assert done.returncode in {0, 1}


def test_the_application_is_refused_as_a_reader() -> None:
    app = urlsplit(os.environ["DATABASE_URL"]).username or ""
    try:
        for role in (app, "nobody_of_that_name"):
            with pytest.raises(SystemExit, match="can do more than read, or is not there"):
                commands.migrate(["--reader", role])
    finally:
        connections["owner"].close()
