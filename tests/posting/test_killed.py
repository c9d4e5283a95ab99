"""A process may be killed at any moment of the road: the payment is taken once and posted once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from quittance.core import clock
from quittance.payments.checkout import redirect_url, start_payment
from quittance.payments.models import GatewayAttempt, Payment
from quittance.payments.settle import advance_payment
from quittance.posting.models import ErpPosting
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.posting.dying import dies
from tests.posting.rows import adds_up, in_the_erp, lines, posting_of, replaced

MOST_BOUNDARIES = 100
LANES = 2  # so that two test workers share the boundaries


@pytest.mark.slow
@pytest.mark.failure("F37", "F38", "F40")
@pytest.mark.parametrize("lane", range(LANES))
def test_a_worker_killed_at_any_boundary_still_posts_exactly_once(
    ground: Ground, lane: int
) -> None:
    def attempt(at: int) -> bool:
        whole, part = ground.bill("250.00"), ground.bill("99.99")
        payment = ground.pay((whole, "250.00"), (part, "40.01"))
        ground.on_page(payment)

        died = dies(lambda: advance_payment(payment.pk), at=at)
        _let_time_pass(payment)
        payment = ground.advance(payment)

        _posted_once(ground, payment, whole, part, at)
        return died

    _at_every_boundary(attempt, lane, at_least=35)


@pytest.mark.slow
@pytest.mark.failure("F08", "F37")
@pytest.mark.parametrize("lane", range(LANES))
def test_a_worker_killed_while_an_invoice_was_closed_books_the_money_once(
    ground: Ground, lane: int
) -> None:
    def attempt(at: int) -> bool:
        gone, part = ground.bill("250.00"), ground.bill("99.99")
        payment = ground.pay((gone, "250.00"), (part, "40.01"))
        ground.on_page(payment)
        ground.world.clerk("cancel-invoice", invoice=gone.number)

        died = dies(lambda: advance_payment(payment.pk), at=at)
        _let_time_pass(payment)
        payment = ground.advance(payment)

        posting = posting_of(payment)
        assert lines(posting) == [(part.number, 4001), ("", 25000)], at
        assert [each.minor for each in in_the_erp(ground, posting)] == [4001, 25000], at
        assert [in_the_erp(ground, each) for each in replaced(payment)] == [[]], at
        assert (payment.on_account_minor, adds_up(payment)) == (25000, True), at
        return died

    _at_every_boundary(attempt, lane, at_least=40)


@pytest.mark.slow
@pytest.mark.failure("F13", "F14")
@pytest.mark.parametrize("lane", range(LANES))
def test_a_click_killed_at_any_boundary_charges_at_most_once(ground: Ground, lane: int) -> None:
    def attempt(at: int) -> bool:
        whole, part = ground.bill("250.00"), ground.bill("99.99")
        order, key = ground.order((whole, "250.00"), (part, "40.01")), str(uuid.uuid4())

        died = dies(lambda: start_payment(order, key=key), at=at)
        payment = start_payment(order, key=key)  # the buyer clicks again
        _let_time_pass(payment)
        payment = ground.advance(payment)
        if payment.status == Payment.Status.FAILED:  # it never reached the gateway: a new click
            assert ground.world.gateway_ledger(f"{payment.pk}:1") == []
            payment = start_payment(order, key=str(uuid.uuid4()))
        assert redirect_url(payment), at
        ground.on_page(payment)
        payment = ground.advance(payment)

        _posted_once(ground, payment, whole, part, at)
        return died

    _at_every_boundary(attempt, lane, at_least=4)


@pytest.mark.failure("F38")
def test_a_repeat_after_a_death_begins_the_horizon_anew(ground: Ground) -> None:
    payment = ground.pay((ground.bill("250.00"), "250.00"))
    ground.on_page(payment)
    ground.world.erp_fault("GET .*generalLedgerEntries", "status", status=503)
    ground.advance(payment)  # captured, and nothing sent to the ERP yet
    long_ago = clock.now() - timedelta(minutes=30)
    with writing():  # a worker died half an hour ago, just after it had said that it sends
        ErpPosting.objects.filter(source_id=payment.pk).update(
            status=ErpPosting.Status.SENDING, last_sent_at=long_ago, lease_until=None
        )
    ground.world.erp_fault("POST .*customerPaymentJournals", "error_after", status=500)

    ground.advance(payment)

    with reading():
        posting = ErpPosting.objects.get(source_id=payment.pk)
    assert posting.status == ErpPosting.Status.UNKNOWN
    assert posting.last_sent_at is not None
    assert posting.last_sent_at > long_ago + timedelta(minutes=29)


def _at_every_boundary(attempt: Callable[[int], bool], lane: int, *, at_least: int) -> None:
    at = lane + 1
    while attempt(at):
        at += LANES
        assert at < MOST_BOUNDARIES
    assert at > at_least, "the road has fewer boundaries than it should: is the watch in place?"


def _let_time_pass(payment: Payment) -> None:
    """What the dead process had claimed is free again, and no call of it is under way any more."""
    with writing():
        ErpPosting.objects.update(lease_until=None)
        GatewayAttempt.objects.filter(payment=payment).update(
            sent_at=clock.now() - timedelta(minutes=30)
        )


def _posted_once(ground: Ground, payment: Payment, whole: Invoice, part: Invoice, at: int) -> None:
    charges = ground.world.gateway_ledger(f"{payment.pk}:1")
    assert [charge["gross_minor"] for charge in charges] == [29001], at
    entries = ground.world.erp_ledger(payment.number)
    posted = sorted(
        Decimal(entry["amount"]) for entry in entries if entry["documentType"] == "Payment"
    )
    assert posted == [Decimal("-250.00"), Decimal("-40.01")], (at, entries)
    assert ground.read(whole.erp_id).erp_status == "paid", at
    assert ground.read(part.erp_id).open_minor == 5998, at
    with reading():
        assert set(payment.allocations.values_list("status", flat=True)) == {"reflected"}, at
