"""Money went back: a person takes the payment back in the ERP, and we see that they did."""

from __future__ import annotations

from typing import Any

import pytest

from quittance.core.money import Money
from quittance.ledger import accounts
from quittance.payments.models import Payment, Reversal
from quittance.posting.models import ErpPosting
from tests.ground import HARBORLINE, Ground
from tests.payments.backwards import refund
from tests.payments.rows import balance
from tests.posting.rows import captured, lines, postings_of, replaced


def _reversal_posting(payment: Payment) -> ErpPosting:
    (found,) = [each for each in postings_of(payment) if each.source_kind == "reversal"]
    return found


def _refunded(ground: Ground, payment: Payment, minor: int, **facts: Any) -> Reversal:
    made = refund(payment, minor, **facts)
    ground.advance(payment)
    return made


def _clerk_refunds(ground: Ground, posting: ErpPosting, amount: str = "") -> None:
    """Do as the steps say."""
    document = posting.document_number
    for invoice, _ in lines(posting):
        if invoice:
            ground.world.clerk("unapply", document=posting.reverses, invoice=invoice)
    ground.world.clerk(
        "refund", customer=HARBORLINE, amount=amount or str(posting.amount.decimal),
        document=document, date=str(posting.posting_date), applies_to=posting.reverses,
    )  # fmt: skip


@pytest.mark.failure("F33")
def test_a_refund_gives_a_person_the_steps_in_the_erps_own_words(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = ground.paid((invoice, "100.00"))

    made = _refunded(ground, payment, 4000)

    posting = _reversal_posting(payment)
    assert (posting.status, posting.document_number) == ("by_hand", made.number)
    assert (posting.reverses, posting.amount) == (payment.number, Money(4000, "USD"))
    assert lines(posting) == [(invoice.number, 4000)]
    assert any("Unapply" in step for step in posting.steps)
    assert any(made.number in step and "40.00 USD" in step for step in posting.steps)
    assert posting.next_at is not None


def test_what_the_clerk_took_back_is_seen_and_the_invoice_is_owed_again(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = ground.paid((invoice, "100.00"))
    _refunded(ground, payment, 10000)
    books = balance(accounts.posted_receipts(ground.legal_entity_id))

    _clerk_refunds(ground, _reversal_posting(payment))
    ground.advance(payment)

    posting = _reversal_posting(payment)
    assert (posting.status, posting.next_at) == ("confirmed", None)
    assert posting.erp_entries
    assert ground.read(invoice.erp_id).open_minor == 10000
    assert books == {"USD": Money(-10000, "USD")}
    assert balance(accounts.posted_receipts(ground.legal_entity_id)) == {"USD": Money(0, "USD")}
    assert balance(accounts.unposted_reversals(ground.legal_entity_id)) == {"USD": Money(0, "USD")}


def test_reverse_transaction_in_the_erp_is_seen_as_well(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = ground.paid((invoice, "100.00"))
    _refunded(ground, payment, 10000)

    ground.world.clerk("reverse-payment", document=payment.number)
    ground.advance(payment)

    assert _reversal_posting(payment).status == ErpPosting.Status.CONFIRMED
    assert ground.read(invoice.erp_id).open_minor == 10000


def test_until_it_is_done_it_is_looked_for_again_and_again(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))
    _refunded(ground, payment, 10000)

    ground.advance(payment)

    posting = _reversal_posting(payment)
    assert posting.status == ErpPosting.Status.BY_HAND
    assert posting.failures == 2
    assert ground.again(payment).next_at is not None


def test_a_refund_goes_back_from_the_invoices_that_are_due_last(ground: Ground) -> None:
    first, second = ground.bill("30.00"), ground.bill("70.00")
    payment = ground.paid((first, "30.00"), (second, "70.00"))

    _refunded(ground, payment, 8000)

    found = dict(lines(_reversal_posting(payment)))
    assert sum(found.values()) == 8000
    assert sorted(found.values()) in ([1000, 7000], [3000, 5000])


def test_a_second_refund_takes_what_the_first_left(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = ground.paid((invoice, "100.00"))
    _refunded(ground, payment, 4000)

    _refunded(ground, payment, 6000)

    both = [each for each in postings_of(payment) if each.source_kind == "reversal"]
    assert [lines(each) for each in both] == [[(invoice.number, 4000)], [(invoice.number, 6000)]]
    assert all(each.status == "by_hand" for each in both)


def test_a_refund_of_goodwill_opens_no_invoice_again(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))

    _refunded(ground, payment, 4000, reopens=False)

    assert lines(_reversal_posting(payment)) == [("", 4000)]


def test_a_refund_waits_until_the_payment_itself_is_in_the_erp(ground: Ground) -> None:
    payment = captured(ground, ground.pay((ground.bill("100.00"), "100.00")))
    ground.world.erp_fault("GET .*generalLedgerEntries", "status", status=503, times=9)

    _refunded(ground, payment, 10000)
    waiting = _reversal_posting(payment)
    ground.world.client.delete(f"{ground.world.erp.control_url}/faults").raise_for_status()
    ground.advance(payment)

    assert (waiting.status, waiting.steps) == ("queued", [])
    assert _reversal_posting(payment).status == ErpPosting.Status.BY_HAND


def test_a_refund_follows_a_payment_that_came_to_be_posted_otherwise(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = captured(ground, ground.pay((invoice, "100.00")))
    ground.world.erp_fault("GET .*generalLedgerEntries", "status", status=503)
    _refunded(ground, payment, 10000)
    ground.world.clerk("cancel-invoice", invoice=invoice.number)

    ground.advance(payment)

    back = _reversal_posting(payment)
    (paid,) = [each for each in postings_of(payment) if each.source_kind == "payment"]
    assert (back.reverses, back.status) == (paid.document_number, "by_hand")
    assert (paid.document_number, lines(back)) == (f"{payment.number}-2", [("", 10000)])
    assert len(replaced(payment)) == 1


def test_the_refund_of_a_payment_that_the_erp_refuses_says_so(ground: Ground) -> None:
    ground.world.clerk("posting-range", **{"from": "2026-01-01", "to": "2026-01-31"})
    try:
        payment = ground.paid((ground.bill("100.00"), "100.00"))
        _refunded(ground, payment, 10000)
    finally:
        ground.world.clerk("posting-range")

    (step,) = _reversal_posting(payment).steps
    assert "is not in the ERP" in step


def test_something_else_under_the_refunds_number_is_shown_to_a_person(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))
    _refunded(ground, payment, 10000)

    _clerk_refunds(ground, _reversal_posting(payment), amount="99.00")
    ground.advance(payment)

    posting = _reversal_posting(payment)
    assert posting.status == ErpPosting.Status.BY_HAND
    assert "-99.00 USD" in posting.remark
