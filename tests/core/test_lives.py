"""A row goes only where its table lets it, and only from where we saw it."""

from __future__ import annotations

import pytest

from quittance.core.lives import ChangedMeanwhile, IllegalTransition, go, may_go
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.models import KeptMethod
from tests.ground import Ground
from tests.payments.kept import kept

STEPS = {"active": frozenset({"ended"}), "ended": frozenset[str]()}


def test_a_step_that_the_table_does_not_have_is_refused(ground: Ground) -> None:
    row = kept(ground)

    assert not may_go(row, "active", STEPS), "it is there already"
    assert may_go(row, "ended", STEPS)
    with pytest.raises(IllegalTransition):
        may_go(row, "verifying", STEPS)


def test_who_saw_an_older_status_changes_nothing(ground: Ground) -> None:
    row = kept(ground)
    with reading():
        older = KeptMethod.objects.get(pk=row.pk)
    facts = {"ended_reason": "removed", "ended_at": row.created_at}
    with widened(), writing():
        go(row, "ended", facts)

    with pytest.raises(ChangedMeanwhile), widened(), writing():
        go(older, "ended", {"ended_reason": "gone"})

    assert (row.status, row.ended_reason) == ("ended", "removed")
    with reading():
        assert KeptMethod.objects.get(pk=row.pk).ended_reason == "removed"
