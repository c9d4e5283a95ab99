"""What all accounts hold at a moment, and what went back, which no account holds."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.ledger.record import record
from quittance.ledger.standing import Balances, balances_before, gone_back_before
from quittance.tenancy.rows import reading, writing
from tests.audit.house import new_organization
from tests.ledger.earlier import recorded_earlier

GATEWAY, ENTITY = new_id(), new_id()
CLEARING, DISPUTED, SURPLUS = f"gateway:{GATEWAY}", f"disputed:{GATEWAY}", f"surplus:{GATEWAY}"
OWED_AGAIN = f"unposted_reversals:{ENTITY}"


def move(word: str, minor: int, *, debit: str, credit: str) -> None:
    """Record one movement with a key of its own."""
    usd = Money(minor, "USD")
    with writing():
        record(f"{word}:{new_id()}", "test", {debit: usd, credit: -usd})


def gone_back() -> dict[str, int]:
    with reading():
        return {key.split(":")[0]: minor for (key, _), minor in gone_back_before(None).items()}


def held(*, days_ago: int = 0) -> Balances:
    with reading():
        return balances_before(clock.now() - timedelta(days=days_ago))


def test_what_was_recorded_later_does_not_count_at_an_earlier_moment(organization: UUID) -> None:
    move("captured", 1000, debit=CLEARING, credit=f"unposted:{ENTITY}")
    move("reversed", 100, debit=OWED_AGAIN, credit=CLEARING)
    recorded_earlier(organization, days=2)
    move("reversed", 300, debit=OWED_AGAIN, credit=CLEARING)

    yesterday = clock.now() - timedelta(days=1)
    with reading():
        then, now = gone_back_before(yesterday), gone_back_before(None)

    assert then == {(f"refunded:{GATEWAY}", "USD"): 100}
    assert now == {(f"refunded:{GATEWAY}", "USD"): 400}
    assert held(days_ago=3) == {}
    assert held(days_ago=1)[CLEARING, "USD"] == 900
    assert held()[CLEARING, "USD"] == 600
    with reading():
        everything = balances_before(None)
    assert everything == held()
    assert sum(held(days_ago=1).values()) == 0


@pytest.mark.parametrize(
    ("movements", "gone"),
    [
        ([("reversed", OWED_AGAIN, CLEARING)], {"refunded": 500}),
        ([("reversed", OWED_AGAIN, CLEARING), ("unreversed", CLEARING, OWED_AGAIN)],
         {"refunded": 0}),
        ([("reversed", OWED_AGAIN, CLEARING), ("given_back", CLEARING, OWED_AGAIN)],
         {"refunded": 0}),
        ([("surplus", CLEARING, SURPLUS), ("reversed", SURPLUS, CLEARING)],
         {"surplus_returned": 500}),
        ([("reversed", DISPUTED, CLEARING)], {}),
        ([("reversed", DISPUTED, CLEARING), ("reversed", CLEARING, DISPUTED)], {}),
        ([("reversed", DISPUTED, CLEARING), ("lost", OWED_AGAIN, DISPUTED)], {"lost": 500}),
        ([("reversed", DISPUTED, CLEARING), ("lost", OWED_AGAIN, DISPUTED),
          ("reversed", CLEARING, OWED_AGAIN)], {"lost": 0}),
        ([("reversal_posted", f"posted:{ENTITY}", OWED_AGAIN)], {}),
    ],
    ids=["refund", "refund that came back", "return that was taken back", "surplus", "dispute",
         "dispute won", "dispute lost", "won after it was lost", "told to the ERP"],
)  # fmt: skip
def test_what_went_back_is_known_by_its_movements(
    organization: UUID, movements: list[tuple[str, str, str]], gone: dict[str, int]
) -> None:
    for word, debit, credit in movements:
        move(word, 500, debit=debit, credit=credit)

    assert gone_back() == gone


def test_another_organization_has_a_standing_of_its_own(organization: UUID) -> None:
    move("reversed", 100, debit=OWED_AGAIN, credit=CLEARING)

    with new_organization("Fabrikam"):
        assert (gone_back(), held()) == ({}, {})
