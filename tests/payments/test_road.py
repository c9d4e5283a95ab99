"""The road from a confirmed order to a posted payment, over real HTTP on every side."""

from __future__ import annotations

from tests.ground import Ground


def test_a_paid_invoice_is_posted_once_and_shown_as_paid(ground: Ground) -> None:
    invoice = ground.bill("250.00")

    payment = ground.paid((invoice, "250.00"))

    assert payment.status == "succeeded"
    assert ground.read(invoice.erp_id).erp_status == "paid"
