"""The world moves between the payer's click and our posting: the money is booked all the same."""

from __future__ import annotations

import pytest

from quittance.posting.models import ErpPosting
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.posting.rows import (
    adds_up,
    allocations,
    captured,
    in_the_erp,
    lines,
    posting_of,
    replaced,
)


@pytest.mark.failure("F08")
@pytest.mark.parametrize("deed", ["cancel-invoice", "post-payment"])
def test_money_for_an_invoice_that_was_closed_meanwhile_is_posted_on_account(
    ground: Ground, deed: str
) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    ground.on_page(payment)
    ground.world.clerk(deed, invoice=invoice.number)

    payment = ground.advance(payment)

    posting = posting_of(payment)
    assert (posting.status, lines(posting)) == ("confirmed", [("", 10000)])
    assert [str(each) for each in in_the_erp(ground, posting)] == ["100.00 USD"]
    assert allocations(payment) == [(invoice.number, 10000, "released")]
    assert (payment.on_account_minor, adds_up(payment)) == (10000, True)
    assert invoice.number in posting.remark
    assert "100.00 USD is on the customer's account" in posting.remark


@pytest.mark.failure("F08")
def test_an_invoice_that_was_closed_does_not_hold_up_the_others_of_the_payment(
    ground: Ground,
) -> None:
    closed, open_ = ground.bill("100.00"), ground.bill("40.00")
    payment = ground.pay((closed, "100.00"), (open_, "40.00"))
    ground.on_page(payment)
    ground.world.clerk("cancel-invoice", invoice=closed.number)

    payment = ground.advance(payment)

    assert lines(posting_of(payment)) == [(open_.number, 4000), ("", 10000)]
    assert ground.read(open_.erp_id).erp_status == "paid"
    assert adds_up(payment)


@pytest.mark.failure("F07")
def test_of_an_invoice_with_less_open_the_payment_takes_what_is_open(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "80.00"))
    ground.on_page(payment)
    ground.world.clerk("post-payment", invoice=invoice.number, amount="50.00")

    payment = ground.advance(payment)

    posting = posting_of(payment)
    assert lines(posting) == [(invoice.number, 5000), ("", 3000)]
    assert allocations(payment) == [
        (invoice.number, 8000, "released"),
        (invoice.number, 5000, "reflected"),
    ]
    assert (payment.on_account_minor, adds_up(payment)) == (3000, True)
    assert "80.00 USD was paid, 50.00 USD was open" in posting.remark


@pytest.mark.failure("F45")
def test_credit_that_a_clerk_applied_first_leaves_the_rest_on_account(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    ground.on_page(payment)
    memo = ground.world.clerk("credit-memo", customer="C-10482", amount="30.00")
    ground.world.clerk("apply-credit", credit=memo["number"], invoice=invoice.number)

    payment = ground.advance(payment)

    assert lines(posting_of(payment)) == [(invoice.number, 7000), ("", 3000)]
    assert ground.read(invoice.erp_id).erp_status == "paid"
    assert adds_up(payment)


def test_what_stands_in_anothers_place_has_its_own_number_and_points_at_the_same_money(
    ground: Ground,
) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    ground.on_page(payment)
    ground.world.clerk("cancel-invoice", invoice=invoice.number)

    payment = ground.advance(payment)

    (old,) = replaced(payment)
    new = posting_of(payment)
    assert (old.document_number, new.document_number) == (payment.number, f"{payment.number}-2")
    assert (old.amount, old.ordinal, new.ordinal) == (new.amount, 1, 2)
    assert old.next_at is None
    assert in_the_erp(ground, old) == []


def test_the_mirror_shows_with_the_same_step_that_nothing_is_open(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    ground.on_page(payment)
    ground.world.clerk("cancel-invoice", invoice=invoice.number)
    # After it is replaced the ERP is gone: only what that step wrote is there.
    ground.world.erp_fault("POST .*customerPaymentJournals", "status", status=503, times=9)

    payment = ground.advance(payment)

    with reading():
        assert Invoice.objects.get(pk=invoice.pk).open_minor == 0
    assert posting_of(payment).status != ErpPosting.Status.CONFIRMED


def test_a_posting_of_which_something_was_sent_is_never_replaced_by_itself(
    ground: Ground,
) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    ground.on_page(payment)
    ground.world.erp_fault("POST .*Microsoft.NAV.post", "drop_before")
    ground.advance(payment)
    ground.world.clerk("cancel-invoice", invoice=invoice.number)
    with writing():
        ErpPosting.objects.filter(source_id=payment.pk).update(lease_until=None)

    payment = ground.advance(payment)

    posting = posting_of(payment)
    assert (posting.status, posting.ordinal) == ("rejected", 1)
    assert allocations(payment) == [(invoice.number, 10000, "consumed")]


def test_a_payment_that_fits_is_sent_as_it_is_and_carries_no_remark(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = captured(ground, ground.pay((invoice, "60.00")))

    payment = ground.advance(payment)

    posting = posting_of(payment)
    assert (posting.status, posting.remark, replaced(payment)) == ("confirmed", "", [])
    assert allocations(payment) == [(invoice.number, 6000, "reflected")]


@pytest.mark.failure("F08")
def test_what_the_erp_could_not_apply_is_said_although_it_says_nothing(ground: Ground) -> None:
    """A clerk books between our look and our post; the ERP leaves the rest open without a word."""
    invoice = ground.bill("100.00")
    payment = captured(ground, ground.pay((invoice, "100.00")))
    ground.world.erp_fault(
        "POST .*Microsoft.NAV.post", "clerk", act="post-payment",
        given={"invoice": invoice.number, "amount": "60.00"},
    )  # fmt: skip

    payment = ground.advance(payment)

    posting = posting_of(payment)
    assert posting.status == "confirmed"
    assert posting.remark.startswith("60.00 USD of it is on the customer's account")
    assert [str(each) for each in in_the_erp(ground, posting)] == ["100.00 USD"]
