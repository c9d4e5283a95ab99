"""Who may write about a posting, and when nobody looks at it."""

from __future__ import annotations

import pytest

from quittance.core import clock
from quittance.posting.models import ErpPosting
from quittance.posting.transitions import LostClaim, claim, lay_down, note
from quittance.tenancy.rows import writing
from tests.ground import Ground
from tests.posting.rows import captured, posting_of


@pytest.mark.failure("F14")
def test_what_is_laid_down_is_no_workers_any_more_and_never_taken_from_one_at_work(
    ground: Ground,
) -> None:
    payment = captured(ground, ground.pay((ground.bill("100.00"), "100.00")))
    held = posting_of(payment)
    assert claim(held)

    lay_down(posting_of(payment))
    meanwhile = posting_of(payment)
    with writing():
        ErpPosting.objects.filter(pk=held.pk).update(lease_until=clock.now())
    lay_down(posting_of(payment))
    then = posting_of(payment)

    assert (meanwhile.fence, meanwhile.lease_until) == (held.fence, held.lease_until)
    assert meanwhile.next_at is not None
    assert (then.lease_until, then.next_at) == (None, None)
    with pytest.raises(LostClaim):
        note(held, remark="I slept")
