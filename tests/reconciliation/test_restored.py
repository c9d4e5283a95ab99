"""Our database is restored to a moment before a payment: the payment is found and is one again."""

from __future__ import annotations

import os
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest

from quittance.core.money import Money
from quittance.payments.models import Payment
from quittance.reconciliation.books import read_books
from quittance.reconciliation.checking import NOW, check
from quittance.reconciliation.findings import look_and_keep
from quittance.reconciliation.rows import Kind
from quittance.reconciliation.unknown import adopt_unknown, refund_unknown
from quittance.tenancy.rows import reading
from tests.conftest import DATABASE
from tests.ground import Ground
from tests.payments.backwards import money
from tests.payments.rows import attempt_of
from tests.reconciliation.rows import captured, gateway_balance, queue

pytestmark = pytest.mark.failure("F53")
# Whatever a payment has written; what was there before it stays, as in an older backup.
_WRITTEN = (
    "payments_allocation", "payments_gatewayattempt", "payments_paymentaccount",
    "payments_payment", "posting_erppostingline", "posting_erpposting", "ledger_ledgerentry",
    "ledger_ledgertransaction", "notifications_message", "payments_gatewaymessage",
)  # fmt: skip


def restored(organization_id: UUID) -> None:
    """Give an organization's database back as it was before anything was paid."""
    address = urlsplit(os.environ["QUITTANCE_TEST_ADMIN"])._replace(path=f"/{DATABASE}").geturl()
    with psycopg.connect(address) as admin:
        admin.execute("SET LOCAL session_replication_role = replica")
        for table in _WRITTEN:
            admin.execute(
                f"DELETE FROM {table} WHERE organization_id = %s".encode(), [organization_id]
            )


def lost(ground: Ground) -> tuple[Payment, str]:
    """A payment that was captured, and of which our database knows nothing any more."""
    payment = captured(ground, "100.00")
    object_ = attempt_of(payment).gateway_object or ""
    restored(ground.organization_id)
    read_books(ground.gateway_account_id)
    look_and_keep(older_than=NOW)
    with reading():
        assert not Payment.objects.exists()
    return payment, object_


def test_a_capture_of_before_is_found_with_its_amount_and_kept_apart(ground: Ground) -> None:
    _, object_ = lost(ground)

    (row,) = [each for each in queue() if each.kind == Kind.UNKNOWN_MONEY]

    assert row.amount == Money(10000, "USD")
    assert object_ in row.sentence
    assert money(ground)["quarantine"] == -10000


def test_when_it_is_booked_for_its_customer_it_is_the_payment_that_it_was_and_posted_once(
    ground: Ground,
) -> None:
    before, object_ = lost(ground)
    (row,) = [each for each in queue() if each.kind == Kind.UNKNOWN_MONEY]

    payment = adopt_unknown(row.subject_id, customer_account_id=ground.account().pk)
    payment = ground.advance(payment)
    again = adopt_unknown(row.subject_id, customer_account_id=ground.account().pk)

    assert (payment.pk, again.pk) == (before.pk, before.pk)
    assert attempt_of(payment).gateway_object == object_
    assert payment.status == "succeeded"
    assert [each["amount"] for each in ground.world.erp_ledger(payment.number)] == ["-100"]
    left = money(ground)
    assert (left["posted"], "quarantine" in left) == (-10000, False)
    assert [each.sentence for each in check(older_than=NOW)] == []


def test_when_it_is_given_back_nothing_of_it_is_left_in_any_book(ground: Ground) -> None:
    lost(ground)
    (row,) = [each for each in queue() if each.kind == Kind.UNKNOWN_MONEY]

    refund_unknown(row.subject_id)
    read_books(ground.gateway_account_id)
    look_and_keep(older_than=NOW)

    held = gateway_balance(ground)["USD"].minor  # the fee stays with the gateway
    assert money(ground).get("gateway", 0) == held
    assert "quarantine" not in money(ground)
    assert [each.sentence for each in check(older_than=NOW)] == []
