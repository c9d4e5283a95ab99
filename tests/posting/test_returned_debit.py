"""A bank returns a debit days after it was posted: from the gateway's word to an open invoice."""

from __future__ import annotations

import pytest

from quittance.core.money import Money
from quittance.ledger import accounts
from quittance.payments.owed import free_to_pay
from quittance.posting.models import ErpPosting
from quittance.reconciliation.books import read_books
from quittance.tenancy.rows import reading
from tests.ground import Ground
from tests.payments.backwards import debited, money, reversals, with_payment
from tests.payments.rows import balance, in_flight
from tests.posting.test_reversals import _clerk_refunds


@pytest.mark.failure("F34")
def test_a_debit_that_was_posted_and_comes_back_is_owed_again_in_the_erp_and_here(
    ground: Ground,
) -> None:
    payment = debited(ground)
    with reading():
        invoice = payment.allocations.select_related("invoice").get().invoice
    posted = ground.read(invoice.erp_id)
    with_payment(ground, payment, "return", code="R01")

    read_books(ground.gateway_account_id)  # no webhook: the books say so
    payment = ground.advance(payment)
    with reading():
        posting = ErpPosting.objects.get(source_kind="reversal")
    waiting = money(ground)
    _clerk_refunds(ground, posting)
    ground.advance(payment)

    (back,) = reversals(payment)
    again = ground.read(invoice.erp_id)
    with reading():
        owed = free_to_pay([invoice.pk])[invoice.pk]
    assert (posted.open_minor, posted.erp_status) == (0, "paid")
    assert (back.kind, back.code, back.amount_minor) == ("return", "R01", 10000)
    assert waiting["reversals"] == 10000  # the ledger says that the ERP is not told yet
    assert (again.open_minor, again.erp_status) == (10000, "open")
    assert (owed.free, in_flight(invoice)) == (Money(10000, "USD"), 0)
    entity = ground.legal_entity_id
    assert balance(accounts.posted_receipts(entity))["USD"] == Money(0, "USD")
    assert balance(accounts.unposted_reversals(entity))["USD"] == Money(0, "USD")
    once_more = ground.paid((again, "100.00"))
    assert once_more.status == "succeeded"
