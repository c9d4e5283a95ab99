"""A payment is looked at again as long as something of it is to be done, and not for ever."""

from __future__ import annotations

from datetime import timedelta

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.payments.postings import _next
from quittance.posting.models import ErpPosting

S, SELLER = ErpPosting.Status, new_id()


def test_what_a_dead_worker_held_is_looked_at_again() -> None:
    over = clock.now() - timedelta(seconds=1)  # by our clock; by the database's perhaps not yet

    for status in (S.QUEUED, S.SENDING, S.UNKNOWN, S.DRAFTED, S.POSTED, S.CONFIRMED):
        held = ErpPosting(organization_id=SELLER, status=status, lease_until=over, next_at=over)

        assert _next([held]) == over, status


def test_what_another_worker_holds_is_looked_at_when_its_lease_ends() -> None:
    ends, earlier = clock.now() + timedelta(seconds=90), clock.now()

    assert (
        _next(
            [
                ErpPosting(
                    organization_id=SELLER, status=S.SENDING, lease_until=ends, next_at=earlier
                )
            ]
        )
        == ends
    )


def test_what_waits_for_a_person_is_not_looked_at_again_and_again() -> None:
    over = clock.now() - timedelta(minutes=5)

    for status in (S.REJECTED, S.HANDLED):
        died_before_it_gave_back = ErpPosting(
            organization_id=SELLER, status=status, lease_until=over, next_at=over
        )

        assert _next([died_before_it_gave_back]) is None, status
