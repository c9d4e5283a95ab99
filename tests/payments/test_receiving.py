"""Money that came without being asked for is one payment, whatever of it pays an invoice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quittance.connections.offers import BANK_TRANSFER
from quittance.core import clock
from quittance.core.money import Money
from quittance.payments.models import Payment
from quittance.payments.orders import PaymentOrder, Suspended
from quittance.payments.receiving import Came, receive_money
from quittance.payments.recording import record_order
from quittance.payments.refunds import CannotRefundHere, refund_payment
from quittance.receivables.models import Invoice
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import writing
from tests.ground import Ground
from tests.payments.rows import attempt_of, statuses, traces

CAME = Came(object_id="bank:1", at=clock.now(), label="Bank transfer ••1234", cause="it came")


def order_of(ground: Ground, *lines: tuple[Invoice, str], rest: int = 0) -> PaymentOrder:
    """What somebody's bank sent: for these invoices, and a rest."""
    order: PaymentOrder = ground.order(
        *(lines or [(ground.bill("1.00"), "1.00")]), method=BANK_TRANSFER
    )
    return replace(order, lines=order.lines if lines else (), on_account_minor=rest)


def received(order: PaymentOrder) -> tuple[Payment, bool]:
    with writing():
        return receive_money(order, CAME, key="transfer:1")


def test_what_pays_no_invoice_lies_on_account_and_is_told_to_the_erp(ground: Ground) -> None:
    payment, is_new = received(order_of(ground, (ground.bill("100.00"), "60.00"), rest=1500))

    assert is_new
    assert statuses(payment) == ("succeeded", "succeeded", ["consumed"])
    assert (payment.amount_minor, payment.on_account_minor) == (7500, 1500)
    assert traces(payment)[:2] == (1, 1)


def test_money_for_no_invoice_at_all_is_received_once(ground: Ground) -> None:
    order = order_of(ground, rest=1500)

    first, _ = received(order)
    second, is_new = received(order)

    assert (second.pk, is_new) == (first.pk, False)
    assert statuses(first) == ("succeeded", "succeeded", [])
    assert attempt_of(first).gateway_object == CAME.object_id
    assert ground.advance(first).status == "succeeded"
    assert len(ground.world.erp_ledger(first.number)) == 1


@pytest.mark.failure("F58")
@pytest.mark.parametrize("rest", [0, 1500])
def test_money_that_is_here_is_received_also_while_the_portal_is_suspended(
    ground: Ground, rest: int
) -> None:
    lines = () if rest else ((ground.bill("100.00"), "60.00"),)
    order = order_of(ground, *lines, rest=rest)
    with writing():
        Organization.objects.update(suspended_at=clock.now())

    payment, is_new = received(order)

    assert is_new
    assert payment.status == "succeeded"
    with pytest.raises(Suspended), writing():
        record_order(order, key="a wish")


def test_a_transfer_is_sent_back_by_the_sellers_bank_and_not_from_here(ground: Ground) -> None:
    payment, _ = received(order_of(ground, rest=1500))

    with pytest.raises(CannotRefundHere, match="your own bank"):
        refund_payment(payment.pk, Money(500, "USD"), key="form", reopens=False)
