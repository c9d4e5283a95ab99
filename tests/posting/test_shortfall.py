"""Somebody books in the ERP between the payer's click and our posting."""

from __future__ import annotations

import pytest

from quittance.core.errors import Refused
from quittance.payments.models import Payment
from quittance.posting.models import ErpPosting
from quittance.posting.post import _reject
from quittance.posting.queue import NothingToRetry, settle_remark
from quittance.posting.transitions import claim
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.posting.rows import captured, posting_of


def _paid_while_the_clerk_books(ground: Ground, amount: str) -> Payment:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    ground.on_page(payment)
    ground.world.clerk("post-payment", invoice=invoice.number, amount=amount)
    return ground.advance(payment)


@pytest.mark.failure("F07")
def test_the_clerk_is_told_when_less_was_open_than_was_paid(ground: Ground) -> None:
    payment = _paid_while_the_clerk_books(ground, "50.00")

    posting = posting_of(payment)

    assert posting.status == ErpPosting.Status.CONFIRMED
    assert "100.00 USD was paid, 50.00 USD was open" in posting.remark


def test_a_payment_that_fits_carries_no_remark(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))

    assert posting_of(payment).remark == ""


def test_a_remark_is_settled_once(ground: Ground) -> None:
    posting = posting_of(_paid_while_the_clerk_books(ground, "50.00"))

    settle_remark(posting.pk)

    with reading():
        posting.refresh_from_db()
    assert posting.remark == ""
    with pytest.raises(NothingToRetry):
        settle_remark(posting.pk)


def test_a_posting_that_stands_otherwise_in_the_ledger_is_shown_to_the_clerk(
    ground: Ground,
) -> None:
    payment = captured(ground, ground.pay((ground.bill("100.00"), "100.00")))
    posting = posting_of(payment)
    with writing():
        for step in ("sending", "posted"):
            ErpPosting.objects.filter(pk=posting.pk).update(status=step, lease_until=None)
    posting = posting_of(payment)
    assert claim(posting)

    _reject(posting, Refused("The ledger shows another total."))

    assert posting_of(payment).status == ErpPosting.Status.POSTED
    assert posting_of(payment).remark == "The ledger shows another total."
