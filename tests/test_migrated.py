"""The migrated database that runs keep is of what would be migrated now."""

from __future__ import annotations

from tests.migrated import made_of


def test_what_has_a_say_in_a_migrated_database_is_in_its_fingerprint() -> None:
    paths = {path.as_posix().rpartition("/quittance/")[2] for path in made_of()}

    assert {
        "payments/migrations/0001_initial.py",
        "tenancy/walls.py",  # imported by migrations
        "tenancy/scope.py",  # imported by what they import
        "reconciliation/invariants/i10_nothing_is_promised_twice.sql",
        "project/settings.py",
    } <= paths
    assert "portal/urls.py" not in paths
