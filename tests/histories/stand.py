"""A PostgreSQL of its own for a run of histories, migrated once."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from demo.roles import MAINTENANCE

DATABASE = "quittance_histories"
# What PostgreSQL does for databases that live longer. Not autovacuum: tables that nobody analyzes
# had the checks' views take most of the time after a thousand histories.
_SHORT_LIVED: Final = {
    "update_process_title": "off",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


@contextlib.contextmanager
def standing() -> Iterator[None]:
    """Start PostgreSQL, tell the environment, migrate; all gone at the end."""
    from demo import postgres

    folder = Path(tempfile.mkdtemp(prefix="quittance-histories-"))
    try:
        with postgres.started(folder / "postgres", by_socket=True, settings=_SHORT_LIVED) as server:
            server.create_database(DATABASE)
            os.environ.update(_environment())
            os.environ["DATABASE_URL"] = server.app_url(DATABASE)
            os.environ["DATABASE_OWNER_URL"] = server.owner_url(DATABASE)
            os.environ["HISTORIES_ADMIN_URL"] = server.admin_url(DATABASE)
            set_up()
            _migrate()
            yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Copies:
    """Copies of the migrated database, one after the other, for a process that plays many.

    The views of what must never be sum up a whole database before they look at one organization:
    among the rows of seven hundred histories they take seven times as long as among twenty's.
    """

    def __init__(self) -> None:
        self._address = os.environ["HISTORIES_ADMIN_URL"]
        self._server = psycopg.connect(
            psycopg.conninfo.make_conninfo(self._address, dbname=MAINTENANCE), autocommit=True
        )
        self._made = 0

    def lead_to_next(self) -> str:
        """Lead Django to a fresh copy; return a superuser's address of it.

        The one before is dropped, so nobody may be connected to it any more.
        """
        from django.db import connections

        connections.close_all()
        self._drop()
        self._made += 1
        copy, original = sql.Identifier(self._name()), sql.Identifier(DATABASE)
        self._server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(copy, original))
        connections.settings["default"]["NAME"] = self._name()
        return psycopg.conninfo.make_conninfo(self._address, dbname=self._name())

    def close(self) -> None:
        """Drop the last one and let the server go."""
        self._drop()
        self._server.close()

    def _drop(self) -> None:
        name = sql.Identifier(self._name())
        self._server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))

    def _name(self) -> str:
        return f"{DATABASE}_{os.getpid()}_{self._made}"


def set_up() -> None:
    """Start Django with what the environment says."""
    import logging

    import django

    django.setup()
    logging.disable(logging.ERROR)


def collect_seldom() -> None:
    """Look for garbage less often: what was imported lives on, and to look costs a tenth."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def _environment() -> dict[str, str]:
    return {
        "QUITTANCE_SECRET_KEY": "tests-only-" * 6,
        "QUITTANCE_SEAL_KEY": "tests-only-" * 4,
        "QUITTANCE_HTTPS": "0",
        "QUITTANCE_PRIVATE_ADDRESSES": "1",
        "QUITTANCE_MAIL_FOLDER": tempfile.gettempdir(),
        "DJANGO_SETTINGS_MODULE": "quittance.project.settings",
    }


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connections

    from quittance.project.commands import look_less_for_garbage
    from tests import migrated

    if migrated.kept() and migrated.load(os.environ["DATABASE_OWNER_URL"]):
        return
    look_less_for_garbage()
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    connections["owner"].close()
