"""Success: the ledger, the ERP's posting and the receipt, together or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError

from demo.visitor import Unexpected
from quittance.core import clock
from quittance.core.money import Money
from quittance.gateways.base import PaymentState
from quittance.ledger import accounts
from quittance.ledger.record import record
from quittance.notifications.models import Message
from quittance.payments.cancel import CannotCancel, cancel_payment
from quittance.payments.capture import apply_answer
from quittance.payments.checkout import start_payment
from quittance.payments.models import Payment
from quittance.posting.models import ErpPosting
from quittance.posting.queue import PostingLine, PostingOrder, enqueue_posting
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from tests.ground import CARD, DECLINED, EVENTS, SLOW_CARD, Ground, pay_on_page
from tests.payments.people import new_user, with_user
from tests.payments.rows import (
    answer_for,
    attempt_of,
    balance,
    in_flight,
    ledger_keys,
    make_older,
    statuses,
    traces,
)


def captured(payment: Payment) -> Payment:
    """Say that the gateway has the money, and nothing else."""
    attempt = attempt_of(payment)
    with writing():
        return apply_answer(attempt.pk, answer_for(attempt, PaymentState.SUCCEEDED))


def test_success_brings_ledger_posting_and_receipt_at_once(ground: Ground) -> None:
    order = with_user(ground.order((ground.bill("100.00"), "100.00")), new_user())
    payment = start_payment(order, key="k")

    captured(payment)

    assert statuses(payment) == ("succeeded", "succeeded", ["consumed"])
    assert traces(payment) == (1, 1, 1)


def test_the_ledger_holds_what_came_and_for_whom(ground: Ground) -> None:
    captured(ground.pay((ground.bill("100.00"), "75.00")))

    assert balance(accounts.gateway_clearing(ground.gateway_account_id)) == {
        "USD": Money(7500, "USD")
    }
    assert balance(accounts.unposted_receipts(ground.legal_entity_id)) == {
        "USD": Money(-7500, "USD")
    }


def test_the_postings_lines_are_the_allocations_and_sum_to_the_payment(ground: Ground) -> None:
    first, second = ground.bill("100.00"), ground.bill("33.33")
    payment = ground.pay((first, "12.34"), (second, "33.33"))
    captured(payment)

    with reading():
        posting = ErpPosting.objects.get(source_id=payment.pk)
        lines = list(
            posting.lines.order_by("line_number").values_list("line_number", "amount_minor")
        )
        paid = dict(posting.lines.values_list("invoice_number", "amount_minor"))

    assert [number for number, _ in lines] == [10000, 20000]
    assert paid == {first.number: 1234, second.number: 3333}
    assert posting.amount == payment.amount
    assert posting.document_number == payment.number


@pytest.mark.failure("F14")
def test_when_the_ledger_refuses_nothing_is_half_done(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    with writing():
        record(
            f"captured:{payment.pk}", "in the way", {"a": Money(1, "USD"), "b": Money(-1, "USD")}
        )
    before = statuses(payment)

    with pytest.raises(IntegrityError):
        captured(payment)

    assert statuses(payment) == before
    assert traces(payment) == (1, 0, 0)


def test_when_the_posting_is_refused_nothing_is_half_done(ground: Ground) -> None:
    order = with_user(ground.order((ground.bill("100.00"), "100.00")), new_user())
    payment = start_payment(order, key="k")
    in_the_way = _in_the_way(ground, payment)
    with writing():
        enqueue_posting(in_the_way)
    before = statuses(payment)

    with pytest.raises(IntegrityError):
        captured(payment)

    assert statuses(payment) == before
    assert traces(payment) == (0, 0, 0)


@pytest.mark.failure("F22")
def test_success_told_again_and_again_is_one_success(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    for _ in range(3):
        captured(payment)

    assert traces(payment)[:2] == (1, 1)


@pytest.mark.failure("F23")
@pytest.mark.parametrize(
    "late",
    [PaymentState.OPEN, PaymentState.PROCESSING, PaymentState.FAILED, PaymentState.CANCELLED],
)
def test_old_news_after_a_success_change_nothing(ground: Ground, late: PaymentState) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    captured(payment)
    attempt = attempt_of(payment)

    with writing():
        apply_answer(attempt.pk, answer_for(attempt, late))

    assert statuses(payment) == ("succeeded", "succeeded", ["consumed"])


@pytest.mark.failure("F20", "F23")
def test_a_wrong_answer_that_comes_after_the_success_changes_nothing(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    captured(payment)
    attempt = attempt_of(payment)
    altered = replace(
        answer_for(attempt, PaymentState.SUCCEEDED), amount=Money(10100, attempt.currency)
    )

    with writing():
        apply_answer(attempt.pk, altered)

    attempt = attempt_of(payment)
    assert (attempt.problem, attempt.came) == ("", Money(10000, "USD"))


@pytest.mark.failure("F23")
def test_an_open_answer_after_processing_is_old_news(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    attempt = attempt_of(payment)
    with writing():
        apply_answer(attempt.pk, answer_for(attempt, PaymentState.PROCESSING))
        apply_answer(attempt.pk, answer_for(attempt, PaymentState.OPEN))

    assert statuses(payment)[1] == "processing"


@pytest.mark.parametrize("end", [PaymentState.FAILED, PaymentState.CANCELLED])
def test_what_the_gateway_ended_frees_the_invoice(ground: Ground, end: PaymentState) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    attempt = attempt_of(payment)

    with writing():
        apply_answer(attempt.pk, answer_for(attempt, end))

    assert statuses(payment) == (end.value, end.value, ["released"])
    assert in_flight(invoice) == 0


@pytest.mark.failure("F11", "F21")
def test_a_late_success_after_a_cancel_goes_back_once(ground: Ground) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    cancel_payment(payment.pk)
    object_ = attempt_of(payment).gateway_object
    ground.world.client.post(
        f"{ground.world.gateway.control_url}/payments/{object_}/late_success", json={}
    ).raise_for_status()

    ground.advance(payment)
    ground.advance(payment)

    assert statuses(payment) == ("cancelled", "surplus", ["released"])
    assert ledger_keys() == ["reversed", "surplus"]
    assert balance(accounts.surplus(ground.gateway_account_id)) == {"USD": Money(0, "USD")}
    assert attempt_of(payment).problem == ""
    assert ground.read(invoice.erp_id).open_minor == 10000


def test_a_declined_card_leaves_the_payment_open_and_another_one_pays_it_once(
    ground: Ground,
) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    ground.on_page(payment, DECLINED)
    ground.advance(payment)
    after_decline = statuses(payment)

    ground.on_page(payment, CARD)
    ground.advance(payment)

    assert after_decline == ("in_flight", "open", ["reserved"])
    assert ground.again(payment).status == "succeeded"
    assert len(ground.world.gateway_ledger(attempt_of(payment).reference)) == 1
    assert ground.read(invoice.erp_id).erp_status == "paid"


def test_a_bank_that_takes_its_time_is_waited_for(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    ground.on_page(payment, SLOW_CARD)
    ground.advance(payment)
    before = ground.again(payment).status

    _until_settled(ground, payment)

    assert before in {"in_flight", "succeeded"}
    assert payment.status == "succeeded"


@pytest.mark.failure("F11")
def test_a_cancel_while_the_payer_pays_ends_as_the_gateway_says(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    ground.on_page(payment)

    ended = cancel_payment(payment.pk)

    assert ended.status == "succeeded"
    assert traces(payment)[:2] == (1, 1)


def test_a_buyer_cancels_their_own_payment(ground: Ground) -> None:
    invoice = ground.bill("100.00")

    with narrowed_to([ground.account().pk]):
        payment = ground.pay((invoice, "100.00"))
        ended = cancel_payment(payment.pk)

    assert ended.status == "cancelled"
    assert in_flight(invoice) == 0


def test_a_buyers_cancel_that_comes_too_late_captures_in_full(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    ground.on_page(payment)

    with narrowed_to([ground.account().pk]):
        ended = cancel_payment(payment.pk)

    assert ended.status == "succeeded"
    assert traces(payment)[:2] == (1, 1)


def test_another_customers_payment_cannot_be_cancelled(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))

    with narrowed_to([ground.account(EVENTS).pk]), pytest.raises(Payment.DoesNotExist):
        cancel_payment(payment.pk)

    assert ground.again(payment).status == "in_flight"


@pytest.mark.failure("F11")
def test_a_cancelled_payment_cannot_be_paid_any_more(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    url = attempt_of(payment).redirect_url
    cancel_payment(payment.pk)

    with pytest.raises(Unexpected):  # there is no form on the page
        pay_on_page(url, CARD)

    ground.advance(payment)
    assert statuses(payment) == ("cancelled", "cancelled", ["released"])


def test_what_is_over_cannot_be_cancelled(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    cancel_payment(payment.pk)

    with pytest.raises(CannotCancel):
        cancel_payment(payment.pk)


@pytest.mark.failure("F11")
def test_an_open_payment_older_than_an_hour_is_cancelled_at_the_gateway_first(
    ground: Ground,
) -> None:
    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    url = attempt_of(payment).redirect_url
    make_older(payment, minutes=61)

    ground.advance(payment)

    assert statuses(payment) == ("cancelled", "cancelled", ["released"])
    with pytest.raises(Unexpected):
        pay_on_page(url, CARD)


@pytest.mark.failure("F11")
def test_an_old_payment_that_was_paid_in_the_last_second_is_captured(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    make_older(payment, minutes=61)
    ground.on_page(payment)

    ground.advance(payment)

    assert ground.again(payment).status == "succeeded"


def test_a_payment_that_the_bank_has_is_not_cancelled_for_its_age(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"), method="bank_debit")
    object_ = attempt_of(payment).gateway_object
    ground.world.client.post(
        f"{ground.world.gateway.control_url}/payments/{object_}/pay",
        json={"number": "000555555559"},
    ).raise_for_status()
    make_older(payment, minutes=61)

    ground.advance(payment)

    assert statuses(payment) == ("in_flight", "processing", ["reserved"])


@pytest.mark.failure("F24")
def test_an_open_payment_is_looked_at_every_fifteen_minutes_at_least(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    with writing():  # it was looked at many times
        Payment.objects.filter(pk=payment.pk).update(failures=7)

    ground.advance(payment)

    assert payment.next_at is not None
    assert payment.next_at < clock.now() + timedelta(minutes=15)


@pytest.mark.failure("F24")
def test_what_still_does_not_fit_is_looked_at_more_seldom(ground: Ground) -> None:
    payment = ground.pay((ground.bill("100.00"), "100.00"))
    looks = []
    with writing():  # it was looked at many times
        Payment.objects.filter(pk=payment.pk).update(failures=7)
    for _ in range(2):
        ground.world.gateway_fault("GET /v1/payments/*", "alter", changes={"amount_minor": 9000})
        ground.advance(payment)
        looks.append(payment.next_at)

    assert attempt_of(payment).problem
    assert looks[0] < clock.now() + timedelta(minutes=15)
    assert looks[1] > clock.now() + timedelta(hours=4)


@pytest.mark.failure("F57")
def test_a_receipt_is_written_once_for_a_payment_with_a_payer(ground: Ground) -> None:
    user = new_user()
    order = with_user(ground.order((ground.bill("100.00"), "100.00")), user)
    payment = start_payment(order, key="k")
    for _ in range(2):
        captured(payment)

    with reading():
        (message,) = Message.objects.all()
    assert (message.to, message.kind) == (user.email, "receipt")
    assert message.facts["amount_minor"] == 10000


def _until_settled(ground: Ground, payment: Payment) -> None:
    import time

    for _ in range(50):
        if ground.advance(payment).status == "succeeded":
            return
        time.sleep(0.1)


def _in_the_way(ground: Ground, payment: Payment) -> PostingOrder:
    account = ground.account()
    return PostingOrder(
        source_kind="test",
        source_id=account.pk,
        legal_entity_id=ground.legal_entity_id,
        customer_account_id=account.pk,
        customer_erp_id=account.erp_id,
        document_number=payment.number,
        external_reference="",
        posting_date=clock.today("UTC"),
        description="in the way",
        lines=[PostingLine(amount=Money(1, "USD"), invoice_erp_id="x", invoice_number="INV-X")],
    )
