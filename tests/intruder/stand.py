"""A PostgreSQL of its own for a run of the intruder, and the settings of a real deployment."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

DATABASE: Final = "quittance_intruder"


@contextlib.contextmanager
def standing() -> Iterator[Path]:
    """Start PostgreSQL, tell the environment, migrate; return a folder; all is gone at the end."""
    from demo import postgres

    folder = Path(tempfile.mkdtemp(prefix="quittance-intruder-"))
    try:
        with postgres.started(folder / "postgres") as server:
            server.create_database(DATABASE)
            os.environ.update(_environment(folder))
            os.environ["DATABASE_URL"] = server.app_url(DATABASE)
            os.environ["DATABASE_OWNER_URL"] = server.owner_url(DATABASE)
            os.environ["INTRUDER_ADMIN_URL"] = server.admin_url(DATABASE)
            set_up()
            _migrate()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def set_up() -> None:
    """Start Django with what the environment says; nothing is logged to the terminal."""
    import logging

    import django
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["tests.hashing.Cheap"]
    django.setup()
    logging.disable(logging.CRITICAL)


def _environment(folder: Path) -> dict[str, str]:
    return {
        "QUITTANCE_SECRET_KEY": "tests-only-" * 6,
        "QUITTANCE_SEAL_KEY": "tests-only-" * 4,
        "QUITTANCE_HTTPS": "1",
        "QUITTANCE_TRUSTED_PROXIES": "1",
        "QUITTANCE_PRIVATE_ADDRESSES": "1",
        "QUITTANCE_MAIL_FOLDER": str(folder / "mail"),
        "QUITTANCE_STATIC_ROOT": str(folder / "static"),
        "DJANGO_SETTINGS_MODULE": "quittance.project.settings",
    }


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", database="owner", interactive=False, verbosity=0)
    connections["owner"].close()
    call_command("collectstatic", interactive=False, verbosity=0)
