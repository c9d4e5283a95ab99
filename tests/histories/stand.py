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
