"""A dispute that the bank decides in our favour in part."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quittance.core.money import Money
from quittance.payments.outside import adopt_movements
from tests.ground import Ground
from tests.payments.backwards import at_gateway, charged, shown, with_payment
from tests.payments.rows import attempt_of
from tests.payments.test_outside import books, postings


@pytest.mark.failure("F33")
def test_a_dispute_that_is_won_in_part_is_told_to_the_erp(ground: Ground) -> None:
    payment = charged(ground)
    dispute = with_payment(ground, payment, "dispute")
    ground.advance(payment)
    at_gateway(ground, f"disputes/{dispute['id']}/win")
    read = [
        replace(each, gross=Money(6000, "USD")) if each.kind == "dispute_won" else each
        for each in books(ground, payment)
    ]
    adopt_movements(attempt_of(payment).pk, read)
    assert shown(payment) == [("dispute", "succeeded", 10000), ("dispute_won", "succeeded", 6000)]
    assert sorted(postings(payment)) == [("reversal", 6000), ("reversal", 10000)]
