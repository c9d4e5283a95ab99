"""A house for one run: its own PostgreSQL, as in production, migrated; and what runs in it."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from demo import children, postgres
from demo.children import Child
from demo.ports import free_port
from tests import migrated

DATABASE = "quittance_bench"
HOST = "bench.localhost"
WEB, BARE = "bench-web", "bench-bare"  # what the backends of each server are called
BARE_ROLE = "quittance_bench_bare"
_BARE_PASSWORD = "only-for-benchmarks"


@dataclass(frozen=True, slots=True)
class House:
    """The database server, and a folder that is removed at the end."""

    folder: Path
    server: postgres.Server

    def admin(self) -> psycopg.Connection:
        """A superuser's connection: for loading, and to look at what others cannot see."""
        return psycopg.connect(self.server.admin_url(DATABASE), autocommit=True)

    def backends(self, name: str) -> list[int]:
        """The process ids of the database's backends that work for the server of this name."""
        with self.admin() as admin:
            rows = admin.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = %s", [name]
            ).fetchall()
        return [row[0] for row in rows]

    def web_environment(self) -> dict[str, str]:
        """What the house's own programs are given, as ``make demo`` gives it."""
        address = f"{self.server.app_url(DATABASE)}?application_name={WEB}"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("DATABASE_")}
        return {**inherited, "DATABASE_URL": address, "QUITTANCE_POOL": "1"}

    def bare_address(self) -> str:
        """The address of a role that walls do not stop."""
        address = self.server.app_url(DATABASE)
        place = address.rpartition("@")[2]
        return f"postgresql://{BARE_ROLE}:{_BARE_PASSWORD}@{place}?application_name={BARE}"


@contextlib.contextmanager
def started() -> Iterator[House]:
    """Start PostgreSQL, make the tables, and set Django up as the application's role."""
    folder = Path(tempfile.mkdtemp(prefix="quittance-bench-"))
    folder.chmod(0o711)  # PostgreSQL's user must get through
    try:
        with postgres.started(folder / "postgres", fsync=True) as server:
            server.create_database(DATABASE)
            _set_up_django(folder, server)
            house = House(folder, server)
            _make_bare_role(house)
            try:
                yield house
            finally:
                _close_connections()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def web_server(house: House, *, workers: int) -> Iterator[tuple[Child, int]]:
    """``quittance serve`` and its port."""
    port = free_port()
    command = ["quittance", "serve", "--port", str(port), "--workers", str(workers)]
    with _serving(house, "web", command, house.web_environment(), port) as child:
        yield child, port


@contextlib.contextmanager
def bare_server(house: House, *, query: Path, workers: int) -> Iterator[tuple[Child, int]]:
    """The reference view, served in the same way; ``query`` is a file with its SQL."""
    port = free_port()
    command = ["benchmarks.reference", "--port", str(port), "--workers", str(workers)]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.reference.settings",
        "BENCH_DATABASE_URL": house.bare_address(),
        "BENCH_QUERY": str(query),
    }
    with _serving(house, "bare", command, environment, port) as child:
        yield child, port


@contextlib.contextmanager
def _serving(
    house: House, name: str, command: list[str], environment: dict[str, str], port: int
) -> Iterator[Child]:
    log = house.folder / f"{name}.log"
    with children.running(name, command, log=log, environment=environment) as child:
        children.wait_for_answer(child, port)
        yield child


def _set_up_django(folder: Path, server: postgres.Server) -> None:
    import django
    from django.core.management import call_command
    from django.db import connections

    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "quittance.project.settings",
        "DATABASE_URL": server.app_url(DATABASE),
        "DATABASE_OWNER_URL": server.owner_url(DATABASE),
        "QUITTANCE_SECRET_KEY": "benchmarks-only-" * 4,
        "QUITTANCE_SEAL_KEY": "benchmarks-only-" * 4,
        "QUITTANCE_HTTPS": "0",
        "QUITTANCE_PRIVATE_ADDRESSES": "1",
        "QUITTANCE_STATIC_ROOT": str(folder / "static"),
        "QUITTANCE_MAIL_FOLDER": str(folder / "mail"),
        "QUITTANCE_LOG_LEVEL": "WARNING",
    }
    os.environ.pop("QUITTANCE_POOL", None)
    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)
    if not migrated.load(server.owner_url(DATABASE)):
        call_command("migrate", database="owner", interactive=False, verbosity=0)
        connections["owner"].close()


def _make_bare_role(house: House) -> None:
    with house.admin() as admin:
        admin.execute(
            f"CREATE ROLE {BARE_ROLE} LOGIN BYPASSRLS PASSWORD '{_BARE_PASSWORD}'".encode()
        )
        for step in (
            f"GRANT CONNECT ON DATABASE {DATABASE} TO {BARE_ROLE}",
            f"GRANT USAGE ON SCHEMA public TO {BARE_ROLE}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {BARE_ROLE}",
        ):
            admin.execute(step.encode())


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()
