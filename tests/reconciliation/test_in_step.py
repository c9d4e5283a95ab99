"""What is not in step is mended by itself where that is safe, and the rest is found."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from quittance.core import clock
from quittance.core.money import Money
from quittance.payments.jobs import advance, sweep
from quittance.payments.models import GatewayMessage, Payment, Reversal
from quittance.posting.models import ErpPosting
from quittance.reconciliation.books import read_books
from quittance.reconciliation.catalogue import Sort
from quittance.reconciliation.checking import NOW, check, look
from quittance.reconciliation.exceptions import Kind
from quittance.reconciliation.findings import look_and_keep
from quittance.reconciliation.healing import heal
from quittance.reconciliation.jobs import look as look_job
from quittance.reconciliation.jobs import watch
from quittance.reconciliation.payouts import read_balance
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.payments.rows import attempt_of
from tests.reconciliation.rows import (
    captured,
    clearing,
    desk,
    gateway_balance,
    kinds,
    queue,
    some_message,
    waiting_jobs,
    woken,
)

SILENT = "s4_webhooks_silent"


def reversals(payment: Payment) -> list[tuple[str, str, int]]:
    """What went back of a payment."""
    with reading():
        rows = Reversal.objects.filter(payment=payment).order_by("created_at")
        return list(rows.values_list("kind", "status", "amount_minor"))


def earlier(payment: Payment, **age: float) -> None:
    """Let a payment have gone through earlier."""
    with writing():
        Payment.objects.filter(pk=payment.pk).update(succeeded_at=clock.now() - timedelta(**age))


@pytest.mark.failure("F32")
def test_a_refund_made_in_the_gateways_own_pages_is_found_in_its_books(ground: Ground) -> None:
    payment = captured(ground, "100.00")
    attempt = attempt_of(payment)
    desk(ground, f"/payments/{attempt.gateway_object}/refund", amount_minor=4000)

    read_books(ground.gateway_account_id)

    assert kinds() == ["charge", "refund"]
    assert reversals(payment) == [("refund", "succeeded", 4000)]
    with reading():
        reversal = Reversal.objects.get(payment=payment)
        assert ErpPosting.objects.filter(source_kind="reversal", source_id=reversal.pk).exists()
    assert clearing(ground) == gateway_balance(ground)
    assert check(sorts=[Sort.NEVER]) == []
    assert look("q3_reversals_are_the_gateways", older_than=NOW) == []


def test_a_returned_debit_is_shown_until_a_person_has_seen_it(ground: Ground) -> None:
    payment = captured(ground, "100.00", method="bank_debit")
    desk(ground, f"/payments/{attempt_of(payment).gateway_object}/return", code="R02")

    read_books(ground.gateway_account_id)
    look_and_keep()

    assert reversals(payment) == [("return", "succeeded", 10000)]
    (row,) = [each for each in queue() if each.kind == Kind.RETURNED]
    assert "R02" in row.sentence
    assert (row.amount, row.payment_number) == (Money(10000, "USD"), payment.number)


def test_what_could_not_be_handed_over_is_handed_over_again(ground: Ground) -> None:
    payment = captured(ground, "100.00")
    read_books(ground.gateway_account_id)
    desk(ground, f"/payments/{attempt_of(payment).gateway_object}/refund", amount_minor=4000)
    ground.world.gateway_fault("GET /v1/refunds/*", "status", status=503)

    read_books(ground.gateway_account_id)
    assert reversals(payment) == []
    (row,) = look("q3_reversals_are_the_gateways", older_than=NOW)
    assert row.amount == Money(4000, "USD")
    heal(older_than=NOW)

    assert reversals(payment) == [("refund", "succeeded", 4000)]
    assert look("q3_reversals_are_the_gateways", older_than=NOW) == []


def test_a_payment_that_stays_under_way_is_woken(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))

    heal()
    assert payment.pk not in woken(ground)
    heal(older_than=NOW)

    assert payment.pk in woken(ground)


def test_a_queued_posting_nobody_looks_at_is_posted_by_the_five_minute_look(
    ground: Ground,
) -> None:
    payment = captured(ground, "80.00")
    with writing(), connection.cursor() as cursor:
        Payment.objects.filter(pk=payment.pk).update(next_at=None)
        long_ago = clock.now() - timedelta(minutes=10)
        ErpPosting.objects.filter(source_id=payment.pk).update(next_at=None, created_at=long_ago)
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE args->>'payment_id' = %s", [str(payment.pk)]
        )
    sweep(0)
    assert payment.pk not in woken(ground)

    watch(300)
    look_job(**waiting_jobs("reconciliation.look", ground)[0])
    (job,) = waiting_jobs("payments.advance", ground)
    advance(**job)
    advance(**job)

    with reading():
        assert ErpPosting.objects.get(source_id=payment.pk).status == "confirmed"
    assert len(ground.world.erp_ledger(payment.number)) == 1


@pytest.mark.failure("F25")
def test_an_hour_without_a_message_while_payments_flow_is_told(ground: Ground) -> None:
    payment = captured(ground)
    earlier(payment, minutes=61)

    look_and_keep()

    (row,) = [each for each in queue() if each.kind == Kind.WEBHOOKS_SILENT]
    assert "1 payments went through at Gateway" in row.sentence

    with writing():
        account = ground.gateway_account_id
        GatewayMessage.objects.create(
            gateway_account_id=account, event_id="evt_1", gateway_object="pay_1", kind="x",
            done_at=clock.now(),
        )  # fmt: skip
    look_and_keep()
    assert not [each for each in queue() if each.kind == Kind.WEBHOOKS_SILENT]


@pytest.mark.failure("F25")
def test_a_quiet_night_is_no_silence(ground: Ground) -> None:
    some_message("pay_long_ago")
    assert look(SILENT) == []

    payment = captured(ground)
    earlier(payment, minutes=30)
    assert look(SILENT) == []


@pytest.mark.failure("F25")
def test_a_payment_of_which_a_message_told_is_no_silence(ground: Ground) -> None:
    payment = captured(ground)
    object_ = attempt_of(payment).gateway_object or ""
    some_message(object_)
    earlier(payment, minutes=61)

    assert look(SILENT) == []


def test_what_the_gateway_holds_is_compared_with_its_entries(ground: Ground) -> None:
    captured(ground)
    read_books(ground.gateway_account_id)
    assert read_balance(ground.gateway_account_id)
    assert look("q8_balance_is_the_gateways", older_than=NOW) == []


def test_a_balance_that_moved_meanwhile_is_not_compared(ground: Ground) -> None:
    captured(ground)
    read_books(ground.gateway_account_id)
    captured(ground)

    assert not read_balance(ground.gateway_account_id)


@pytest.mark.failure("F50")
def test_every_organization_is_looked_at_by_the_clock_and_twice_is_as_good(
    ground: Ground,
) -> None:
    captured(ground)
    read_books(ground.gateway_account_id)
    watch(0)
    watch(300)
    jobs = waiting_jobs("reconciliation.look", ground)
    assert len(jobs) == 1

    look_job(**jobs[0])
    look_job(**jobs[0])

    assert queue() == []
