"""The views are what their sources say, keep the walls, and are empty when all is well."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection, transaction

from quittance.reconciliation import migrations
from quittance.reconciliation.catalogue import CATALOGUE, Sort
from quittance.reconciliation.checking import check, look
from quittance.reconciliation.raising import PREFIX, fingerprint, sources
from tests.ground import Ground

FOLDER = Path(str(migrations.__file__)).parent


def test_every_entry_of_the_catalogue_has_its_source_and_the_other_way_round() -> None:
    assert set(CATALOGUE) == set(sources())


def test_the_newest_migration_makes_the_views_of_todays_sources() -> None:
    """A changed source needs a new migration (or, before a release, the fingerprint anew)."""
    named = re.findall(
        r'RaiseInvariants\(of="(\w+)"\)',
        "".join(file.read_text("utf-8") for file in sorted(FOLDER.glob("0*.py"))),
    )

    assert named[-1] == fingerprint()


def test_every_view_is_there_and_sees_with_the_readers_eyes(database: None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, coalesce(reloptions @> ARRAY['security_invoker=true'], false)"
            " FROM pg_class WHERE relkind = 'v' AND relname LIKE 'invariant%%'"
        )
        found = dict(cursor.fetchall())

    assert found == {f"{PREFIX}{key}": True for key in CATALOGUE}


@pytest.mark.parametrize("key", CATALOGUE)
def test_every_view_can_be_asked_and_a_new_organization_has_nothing(
    key: str, organization: UUID
) -> None:
    assert look(key) == []


def test_a_payment_all_the_way_leaves_nothing_to_find(ground: Ground) -> None:
    first, second = ground.bill("100.00"), ground.bill("33.33")
    ground.paid((first, "12.34"), (second, "33.33"))

    assert check(sorts=[Sort.NEVER]) == []
