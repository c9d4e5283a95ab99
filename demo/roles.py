"""Makes the roles: one that owns the tables, one that may only use them, one that only reads."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

OWNER = "quittance_owner"
APP = "quittance_app"
READER = "quittance_reader"
APP_LIMITS = {
    "lock_timeout": "2s",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "15s",
}
READER_LIMITS = {"default_transaction_read_only": "on", "statement_timeout": "60s"}
MAINTENANCE = "postgres"  # the database that every server has


class NotUsable(Exception):
    """The given PostgreSQL cannot be used as it is; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """The passwords of our roles; ``superuser`` is for our own server only."""

    superuser: str
    owner: str
    app: str
    reader: str

    def __repr__(self) -> str:
        return "Passwords(***)"


@dataclass(frozen=True, slots=True)
class Addresses:
    """One database as its owner (for ``migrate``) and as the application sees it."""

    owner: str
    app: str


def passwords_in(file: Path) -> Passwords:
    """Read the passwords from a file that only we may read; make those that are not in it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(file.read_text()) if file.exists() else {}
    missing = {each.name for each in fields(Passwords)} - known.keys()
    if missing:
        known |= {name: secrets.token_urlsafe(24) for name in sorted(missing)}
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(known, out)
    return Passwords(**known)


def address_of(base: str, *, role: str, password: str, database: str) -> str:
    """The address ``base`` with another role and database; host, port and options stay."""
    parts = urlsplit(base)
    place = parts.netloc.rpartition("@")[2]
    who = f"{quote(role, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{who}@{place}", path=f"/{quote(database, safe='')}"))


def database_in(address: str) -> str:
    """The name of the database in an address; empty if it names none."""
    return unquote(urlsplit(address).path.removeprefix("/"))


def make_roles(admin: psycopg.Connection, passwords: Passwords) -> None:
    """Make the roles, or give them our passwords if they exist, and give two of them limits."""
    wanted = ((OWNER, passwords.owner), (APP, passwords.app), (READER, passwords.reader))
    for role, password in wanted:
        exists = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        verb: LiteralString = "ALTER" if exists else "CREATE"
        admin.execute(
            sql.SQL(verb + " ROLE {} LOGIN PASSWORD {}").format(
                sql.Identifier(role), sql.Literal(password)
            )
        )
    _limit(admin, APP, APP_LIMITS)
    _limit(admin, READER, READER_LIMITS)
    refuse_mighty(admin, APP)


def _limit(connection: psycopg.Connection, role: str, limits: Mapping[str, str]) -> None:
    for name, value in limits.items():
        connection.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(
                sql.Identifier(role), sql.Identifier(name), sql.Literal(value)
            )
        )


def refuse_mighty(connection: psycopg.Connection, role: str) -> None:
    """Raise ``NotUsable`` if the role could look past row security."""
    row = connection.execute(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [role]
    ).fetchone()
    if row and row[0]:
        raise NotUsable(
            f"The role {role} is a superuser or may bypass row security, so the walls between "
            f"tenants would not hold. Nothing was changed. Run: ALTER ROLE {role} "
            "NOSUPERUSER NOBYPASSRLS"
        )


def make_database(admin: psycopg.Connection, name: str) -> None:
    """Make the database for the owner, or hand over an empty one.

    Raises ``NotUsable`` for a database of somebody else that has tables.
    """
    identifier, owner = sql.Identifier(name), sql.Identifier(OWNER)
    row = admin.execute(
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", [name]
    ).fetchone()
    # A role that is no superuser may hand a database only to a role that it is a member of.
    admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(owner))
    if row is None:
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(identifier, owner))
    elif row[0] != OWNER:
        if not _is_empty(admin, name):
            raise NotUsable(
                f"The database {name} belongs to {row[0]} and has tables. Nothing was changed. "
                "Name one in DATABASE_URL that does not exist yet."
            )
        admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(identifier, owner))


def _is_empty(admin: psycopg.Connection, name: str) -> bool:
    parameters = {**admin.info.get_parameters(), "dbname": name, "password": admin.info.password}
    with psycopg.connect(psycopg.conninfo.make_conninfo("", **parameters)) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
            " WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND nspname !~ '^pg_|^information_schema$'"
        ).fetchone()
    return row is not None and row[0] == 0


def open_to_app(owner_address: str, app: str = APP) -> None:
    """Let the app use the tables that the owner will make, and make none itself."""
    with psycopg.connect(owner_address, autocommit=True) as owner:
        database = owner.info.dbname
        steps: tuple[LiteralString, ...] = (
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}",
            "GRANT USAGE ON SCHEMA public TO {app}",
            "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
            "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO {app}",
        )
        for step in steps:
            owner.execute(
                sql.SQL(step).format(app=sql.Identifier(app), database=sql.Identifier(database))
            )


def prepare_given(address: str, owner_address: str | None, passwords: Passwords) -> Addresses:
    """Make a given PostgreSQL ready and say how to reach it as owner and as app.

    With only ``address``: its role must be allowed to make roles and databases; it makes our two
    roles and the database that the address names. With ``owner_address`` too: both roles and the
    database are there already, and only the privileges and limits are set.
    Raises ``NotUsable``.
    """
    try:
        if owner_address:
            return _prepared(address, owner_address)
        return _made(address, passwords)
    except psycopg.Error as error:
        raise NotUsable(f"The given PostgreSQL said: {str(error).strip()}") from error


def _made(address: str, passwords: Passwords) -> Addresses:
    name = database_in(address)
    name = "quittance" if name in {"", MAINTENANCE} else name
    maintenance = urlunsplit(urlsplit(address)._replace(path=f"/{MAINTENANCE}"))
    with psycopg.connect(maintenance, autocommit=True, connect_timeout=10) as admin:
        _refuse_old(admin)
        row = admin.execute(
            "SELECT rolsuper OR (rolcreaterole AND rolcreatedb) FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
        if not row or not row[0]:
            raise NotUsable(
                "The role in DATABASE_URL may not make roles and databases. Give one that may, "
                "or a prepared application role together with DATABASE_OWNER_URL."
            )
        make_roles(admin, passwords)
        make_database(admin, name)
    addresses = Addresses(
        owner=address_of(address, role=OWNER, password=passwords.owner, database=name),
        app=address_of(address, role=APP, password=passwords.app, database=name),
    )
    open_to_app(addresses.owner)
    return addresses


def _prepared(address: str, owner_address: str) -> Addresses:
    with psycopg.connect(address, autocommit=True, connect_timeout=10) as app:
        _refuse_old(app)
        role = app.info.user
        refuse_mighty(app, role)
        _limit(app, role, APP_LIMITS)
    if role == (urlsplit(owner_address).username or ""):
        raise NotUsable(
            "DATABASE_URL and DATABASE_OWNER_URL name the same role; the application must not own "
            "the tables. Give it a role of its own."
        )
    open_to_app(owner_address, role)
    return Addresses(owner=owner_address, app=address)


def _refuse_old(connection: psycopg.Connection) -> None:
    if connection.info.server_version < 150000:
        raise NotUsable("PostgreSQL 15 or newer is needed; this one is older.")
