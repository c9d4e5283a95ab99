"""`quittance migrate` does not have everybody wait behind it."""

from __future__ import annotations

import os

import psycopg
import pytest
from django.db import connections

from quittance.project import commands


def test_a_migration_that_cannot_have_its_lock_gives_up_and_says_so(
    database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_MIGRATION_WAITS", "200 ms")
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as other:
        other.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        try:
            with pytest.raises(SystemExit, match="in use for more than 200 ms"):
                commands.migrate([])
        finally:
            connections["owner"].close()

    commands.migrate([])
    connections["owner"].close()
