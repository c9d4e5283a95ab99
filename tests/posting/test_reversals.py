"""Money went back: a person takes the payment back in the ERP, and we see that they did."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from quittance.core import clock
from quittance.core.money import Money
from quittance.ledger import accounts
from quittance.payments.models import Payment, Reversal
from quittance.payments.owed import free_to_pay
from quittance.payments.repair import handle_posting
from quittance.payments.reversal_postings import advance_reversal
from quittance.payments.reversals import fail
from quittance.payments.settle import advance_payment
from quittance.payments.watching import wake_what_is_done_by_hand
from quittance.posting.models import ErpPosting
from quittance.posting.transitions import claim
from quittance.receivables.models import Invoice
from quittance.receivables.pull import pull_changes
from quittance.tenancy.rows import reading, writing
from tests.ground import HARBORLINE, Ground
from tests.payments.backwards import moved, refund
from tests.payments.rows import balance
from tests.posting.dying import dies
from tests.posting.rows import captured, in_the_erp, lines, postings_of, replaced


def _reversal_posting(payment: Payment) -> ErpPosting:
    (found,) = [each for each in postings_of(payment) if each.source_kind == "reversal"]
    return found


def _refunded(ground: Ground, payment: Payment, minor: int, **facts: Any) -> Reversal:
    made = refund(payment, minor, **facts)
    ground.advance(payment)
    return made


def _clerk_refunds(ground: Ground, posting: ErpPosting, amount: str = "") -> None:
    """Do as the steps say."""
    facts = {"customer": HARBORLINE, "amount": amount or str(posting.amount.decimal)}
    facts |= {"document": posting.document_number, "date": str(posting.posting_date)}
    owed_again = [invoice for invoice, _ in lines(posting) if invoice]
    for invoice in owed_again:
        ground.world.clerk("unapply", document=posting.reverses, invoice=invoice)
    if owed_again:
        facts["applies_to"] = posting.reverses
    ground.world.clerk("refund", **facts)


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


@pytest.mark.failure("F33")
def test_a_dispute_that_was_won_is_posted_again_once_it_was_taken_back(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = ground.paid((invoice, "100.00"))
    moved(payment, "dispute", 10000, reopens=True)
    ground.advance(payment)
    won = moved(payment, "dispute_won", 10000, reopens=False)
    ground.advance(payment)
    _, taken, again = postings_of(payment)
    early = (taken.status, again.status)

    _clerk_refunds(ground, taken)
    ground.advance(payment)

    _, taken, again = postings_of(payment)
    assert early == ("by_hand", "queued")
    assert (taken.status, again.status) == ("confirmed", "confirmed")
    assert (again.document_number, lines(again)) == (won.number, [(invoice.number, 10000)])
    assert [str(each) for each in in_the_erp(ground, again)] == ["100.00 USD"]
    assert ground.read(invoice.erp_id).erp_status == "paid"
    assert balance(accounts.posted_receipts(ground.legal_entity_id)) == {
        "USD": Money(-10000, "USD")
    }
    assert balance(accounts.unposted_reversals(ground.legal_entity_id)) == {"USD": Money(0, "USD")}


@pytest.mark.failure("F14", "F33")
def test_a_won_dispute_that_a_dead_worker_had_taken_is_looked_at_again(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))
    moved(payment, "dispute", 10000, reopens=True)
    ground.advance(payment)
    moved(payment, "dispute_won", 10000, reopens=False)
    ground.advance(payment)
    first, taken, again = postings_of(payment)
    with writing():  # so that nothing else asks for a look
        ErpPosting.objects.filter(pk=first.pk).update(tidied_at=clock.now(), next_at=None)
    _clerk_refunds(ground, taken)
    assert claim(again)  # and dies

    look = ground.advance(payment).next_at  # while the claim holds
    with writing():
        ErpPosting.objects.filter(pk=again.pk).update(lease_until=clock.now())
    ground.advance(payment)

    assert look is not None
    assert postings_of(payment)[-1].status == "confirmed"


@pytest.mark.failure("F33")
def test_a_dispute_that_was_won_before_anybody_took_it_back_is_closed_by_a_person(
    ground: Ground,
) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))
    moved(payment, "dispute", 10000, reopens=False)
    ground.advance(payment)
    moved(payment, "dispute_won", 10000, reopens=False)
    _, taken, _ = postings_of(payment)

    handle_posting(taken.pk, note="Won before we took it back.")
    ground.advance(payment)

    _, _, again = postings_of(payment)
    assert again.status == ErpPosting.Status.BY_HAND
    assert "Won before we took it back." in again.steps[0]
    assert in_the_erp(ground, again) == []
    handle_posting(again.pk, note="Nothing was taken, so nothing is posted.")
    ground.advance(payment)
    assert balance(accounts.posted_receipts(ground.legal_entity_id)) == {
        "USD": Money(-10000, "USD")
    }
    assert balance(accounts.unposted_reversals(ground.legal_entity_id)) == {"USD": Money(0, "USD")}


@pytest.mark.failure("F33")
@pytest.mark.parametrize("booked", [False, True])
def test_a_dispute_that_is_lost_names_the_invoices_that_are_owed_again(
    ground: Ground, booked: bool
) -> None:
    invoice = ground.bill("100.00")
    payment = ground.paid((invoice, "100.00"))
    reversal = moved(payment, "dispute", 10000, reopens=False)
    ground.advance(payment)
    if booked:
        _clerk_refunds(ground, _reversal_posting(payment))
        ground.advance(payment)
    with writing():
        Reversal.objects.filter(pk=reversal.pk).update(reopens=True)

    ground.advance(payment)

    posting = _reversal_posting(payment)
    words = posting.remark if booked else posting.steps[-1]
    assert posting.status == ("confirmed" if booked else "by_hand")
    assert f"these invoices are owed again: {invoice.number} (100.00 USD)" in words


@pytest.mark.failure("F34")
def test_a_debit_that_the_bank_took_back_is_owed_again_when_the_erp_says_so(
    ground: Ground,
) -> None:
    invoice = ground.bill("100.00")
    payment = ground.paid((invoice, "100.00"))
    moved(payment, "return", 10000, reopens=True, code="R01")
    ground.advance(payment)
    posting = _reversal_posting(payment)
    assert any("R01" in step for step in posting.steps)

    _clerk_refunds(ground, posting)
    ground.advance(payment)

    with reading():
        assert Invoice.objects.get(pk=invoice.pk).open_minor == 10000
        owed = free_to_pay([invoice.pk])[invoice.pk]
    assert (owed.free, owed.in_flight_minor) == (Money(10000, "USD"), 0)


def test_a_refund_that_the_payers_bank_sent_back_is_not_to_be_posted(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))
    made = _refunded(ground, payment, 10000)
    with writing():
        fail(Reversal.objects.select_related("attempt", "payment").get(pk=made.pk), cause="closed")

    ground.advance(payment)

    (step,) = _reversal_posting(payment).steps
    assert step.startswith(f"The money of {made.number} came back to us")


def test_when_the_ledger_moves_what_is_done_by_hand_is_looked_for_at_once(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))
    _refunded(ground, payment, 10000)
    pull_changes(ground.legal_entity_id)
    wake_what_is_done_by_hand()
    later = clock.now() + timedelta(hours=6)
    with writing():
        Payment.objects.filter(pk=payment.pk).update(next_at=later)
    pull_changes(ground.legal_entity_id)
    quiet = (wake_what_is_done_by_hand(), ground.again(payment).next_at)

    _clerk_refunds(ground, _reversal_posting(payment))
    pull_changes(ground.legal_entity_id)

    assert quiet == (0, later)
    assert wake_what_is_done_by_hand() == 1
    next_at = ground.again(payment).next_at
    assert next_at is not None
    assert next_at <= clock.now()


@pytest.mark.slow
@pytest.mark.failure("F14", "F33")
def test_a_worker_killed_while_it_sees_what_was_done_leaves_nothing_to_ask(ground: Ground) -> None:
    at, died = 0, True
    while died:
        at += 1
        payment = ground.paid((ground.bill("10.00"), "10.00"))
        _refunded(ground, payment, 1000)
        _clerk_refunds(ground, _reversal_posting(payment))

        died = dies(lambda payment=payment: advance_payment(payment.pk), at=at)  # type: ignore[misc]
        with writing():
            ErpPosting.objects.exclude(lease_until=None).update(lease_until=clock.now())
        ground.advance(payment)

        posting = _reversal_posting(payment)
        assert (posting.status, posting.next_at) == ("confirmed", None), at
    assert at > 5, "the road has fewer boundaries than it should: is the watch in place?"


@pytest.mark.failure("F33", "F49")
def test_a_worker_that_comes_after_it_was_seen_changes_nothing(ground: Ground) -> None:
    payment = ground.paid((ground.bill("10.00"), "10.00"))
    _refunded(ground, payment, 1000)
    stale = _reversal_posting(payment)  # what a worker that sleeps here knows of it
    _clerk_refunds(ground, stale)
    ground.advance(payment)

    advance_reversal(payment, stale)

    posting = _reversal_posting(payment)
    assert (posting.status, posting.next_at) == ("confirmed", None)
    assert posting.lease_until is None
