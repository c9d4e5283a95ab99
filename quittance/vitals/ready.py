"""Says whether this process can serve pages now; asked however often, it answers within seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader

GOOD: Final = "ok"
WITHIN_SECONDS: Final = 3.0  # a database that is slower than this serves no pages
_REMEMBER_SECONDS: Final = 2.0  # however often we are asked, the database is not
_SILENT: Final = "the database does not answer"


class _Look(threading.Thread):
    """One look at the database, in a thread: one that hangs keeps nobody who asks."""

    def __init__(self) -> None:
        super().__init__(daemon=True, name="vitals-look")
        self.at = time.monotonic()
        self.found: dict[str, str] | None = None

    def run(self) -> None:
        """Look; ``found`` stays empty until it is known."""
        try:
            missing = _known_migrations() - _applied()
        except psycopg.Error:
            self.found = {"database": _SILENT, "migrations": _SILENT}
            return
        words = f"{len(missing)} are missing: run quittance migrate"
        self.found = {"database": GOOD, "migrations": words if missing else GOOD}


_lock = threading.Lock()
_last: _Look | None = None
_on_disk: set[tuple[str, str]] = set()


def readiness() -> Mapping[str, str]:
    """Return each thing that pages need, with "ok" or what is wrong with it.

    Nothing in it says where the database is or what it answered. One look at a time is under way,
    over a connection of its own: a busy pool does not take this process out of the balancer.
    """
    if settings.DRAINING_FILE and Path(settings.DRAINING_FILE).exists():
        return {"process": "it is about to end"}
    _known_migrations()  # of the disk; the time is the database's
    look = _current_look()
    look.join(WITHIN_SECONDS)
    return look.found or {"database": _SILENT, "migrations": _SILENT}


def forget() -> None:
    """Have the next question ask the database again."""
    global _last  # noqa: PLW0603 - what this process saw last
    with _lock:
        _last = None


def _current_look() -> _Look:
    global _last  # noqa: PLW0603
    with _lock:
        old = _last is None or time.monotonic() - _last.at > _REMEMBER_SECONDS
        if _last is None or (old and not _last.is_alive()):
            _last = _Look()
            _last.start()
        return _last


def _applied() -> set[tuple[str, str]]:
    whole = WITHIN_SECONDS - 1
    told: dict[str, Any] = connections["default"].get_connection_params()
    told.pop("cursor_factory", None)
    told.pop("context", None)
    told.pop("prepare_threshold", None)
    told |= {"connect_timeout": int(whole), "application_name": "quittance-ready"}
    told["options"] = f"-c statement_timeout={int(whole * 1000)}"
    with psycopg.connect(**told) as connection:
        rows = connection.execute("SELECT app, name FROM django_migrations").fetchall()
    return {(app, name) for app, name in rows}


def _known_migrations() -> set[tuple[str, str]]:
    """Every migration that this release brings; read from the disk once."""
    if not _on_disk:
        loader = MigrationLoader(None)
        _on_disk.update({(app, name) for app, name in loader.disk_migrations or ()})
    return _on_disk
