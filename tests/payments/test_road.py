"""The road from a confirmed order to a posted payment, over real HTTP on every side."""

from __future__ import annotations

from quittance.core.money import Money
from quittance.ledger import accounts
from quittance.ledger.record import balances
from quittance.tenancy.rows import reading
from tests.ground import Ground


def test_a_paid_invoice_is_posted_once_and_shown_as_paid(ground: Ground) -> None:
    invoice = ground.bill("250.00")

    payment = ground.paid((invoice, "250.00"))

    assert payment.status == "succeeded"
    assert ground.read(invoice.erp_id).erp_status == "paid"


def test_the_ledger_says_that_the_erp_has_the_money(ground: Ground) -> None:
    invoice = ground.bill("250.00")

    ground.paid((invoice, "250.00"))

    with reading():
        assert balances(accounts.unposted_receipts(ground.legal_entity_id)) == {
            "USD": Money(0, "USD")
        }
        assert balances(accounts.posted_receipts(ground.legal_entity_id)) == {
            "USD": Money(-25000, "USD")
        }
