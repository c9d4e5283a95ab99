"""Which money goes back of which invoice stays as it was said."""

from __future__ import annotations

import pytest

from quittance.payments.outside import adopt_movements
from quittance.payments.shares import lines_to_take, standing_payment
from quittance.tenancy.rows import reading
from tests.ground import Ground
from tests.payments.backwards import (
    again,
    at_gateway,
    charged,
    refund,
    reversals,
    usd,
)
from tests.payments.rows import attempt_of
from tests.payments.test_outside import books


@pytest.mark.failure("F35")
def test_a_refund_that_came_back_to_us_counts_only_what_was_told_before_it(ground: Ground) -> None:
    payment = charged(ground)
    refund(payment, 4000)
    ground.advance(payment)
    (first,) = reversals(payment)
    with reading():
        posted = standing_payment(payment, payment.customer_account_id)
        before = lines_to_take(first, posted, usd(4000))
    at_gateway(ground, f"refunds/{first.gateway_object}/fail", code="closed")
    adopt_movements(attempt_of(payment).pk, books(ground, payment))
    refund(payment, 10000, key="all of it")
    ground.advance(payment)

    assert again(first).status == "failed"
    with reading():
        assert lines_to_take(first, posted, usd(4000)) == before
    assert [each.amount for each in before if each.invoice_erp_id] == [usd(4000)]
