"""More went back than was there, and then money came again: the ERP ends with what is left."""

from __future__ import annotations

import pytest

from quittance.payments.outside import adopt_movements
from tests.ground import Ground
from tests.payments.backwards import (
    at_gateway,
    charged,
    money,
    refund,
    reversals,
    shown,
    with_payment,
)
from tests.payments.rows import attempt_of
from tests.payments.test_outside import books, postings

TOO_MUCH = "more has gone back than came in"


@pytest.mark.failure("F32", "F33")
def test_a_refund_after_a_won_dispute_is_told_to_the_erp_though_both_are_read_at_once(
    ground: Ground,
) -> None:
    payment = charged(ground)
    dispute = with_payment(ground, payment, "dispute")
    at_gateway(ground, f"disputes/{dispute['id']}/win")
    with_payment(ground, payment, "refund", amount_minor=10000)

    adopt_movements(attempt_of(payment).pk, books(ground, payment))

    assert sorted(postings(payment)) == [("reversal", 10000)] * 3
    assert not [each.problem for each in reversals(payment) if each.problem]
    assert money(ground) == {"posted": -10000, "reversals": 10000}


@pytest.mark.failure("F32", "F33", "F35")
def test_what_went_back_beyond_what_was_there_is_told_when_a_dispute_is_won(
    ground: Ground,
) -> None:
    payment = charged(ground)
    dispute = with_payment(ground, payment, "dispute")
    at_gateway(ground, f"disputes/{dispute['id']}/win")
    with_payment(ground, payment, "refund", amount_minor=10000)
    _, taken, won, refunded = books(ground, payment)
    pk = attempt_of(payment).pk

    adopt_movements(pk, [taken])
    adopt_movements(pk, [refunded])
    assert postings(payment) == [("reversal", 10000)]
    assert TOO_MUCH in reversals(payment)[1].problem
    adopt_movements(pk, [won])

    assert sorted(postings(payment)) == [("reversal", 10000)] * 3
    assert "nothing is to be asked for" in reversals(payment)[1].problem
    assert money(ground) == {"posted": -10000, "reversals": 10000}


@pytest.mark.failure("F32", "F33", "F35")
def test_a_dispute_over_refunded_money_is_told_when_the_refund_comes_back(ground: Ground) -> None:
    payment = charged(ground)
    made = refund(payment, 10000)
    ground.advance(payment)
    with_payment(ground, payment, "dispute")
    ground.advance(payment)
    assert postings(payment) == [("reversal", 10000)]

    at_gateway(ground, f"refunds/{reversals(payment)[0].gateway_object}/fail", code="closed")
    adopt_movements(attempt_of(payment).pk, books(ground, payment))

    assert shown(payment) == [("refund", "failed", 10000), ("dispute", "succeeded", 10000)]
    assert postings(payment) == [("reversal", 10000)] * 2
    assert made.number != reversals(payment)[1].number
    assert "nothing is to be asked for" in reversals(payment)[1].problem
