"""A row goes only where its table lets it, and only from where we saw it."""

from __future__ import annotations

import pytest

from quittance.tenancy.moving import ChangedMeanwhile, IllegalTransition, move
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.models import KeptMethod
from tests.ground import Ground
from tests.payments.kept import kept

STEPS = {"active": frozenset({"ended"}), "ended": frozenset[str]()}


def moved(row: KeptMethod, to: str, **changes: object) -> bool:
    with widened(), writing():
        return move(row, STEPS, to, cause="a test", changes=changes)


def test_a_step_that_the_table_does_not_have_is_refused(ground: Ground) -> None:
    row = kept(ground)

    assert not moved(row, "active"), "it is there already"
    with pytest.raises(IllegalTransition):
        moved(row, "verifying")


def test_who_saw_an_older_status_changes_nothing(ground: Ground) -> None:
    row = kept(ground)
    with reading():
        older = KeptMethod.objects.get(pk=row.pk)
    assert moved(row, "ended", ended_reason="removed", ended_at=row.created_at)

    with pytest.raises(ChangedMeanwhile):
        moved(older, "ended", ended_reason="gone")

    assert (row.status, row.ended_reason) == ("ended", "removed")
    with reading():
        assert KeptMethod.objects.get(pk=row.pk).ended_reason == "removed"
