"""Money on account is spent once: it pays an invoice as credit, or it goes back, never both."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

import pytest

from quittance.core.money import Money
from quittance.payments.checkout import start_payment
from quittance.payments.credits import CreditNotFree, credits_to_use
from quittance.payments.models import Payment, Reversal
from quittance.payments.refunds import AmountNotRefundable, refund_payment, refundable
from quittance.posting.models import ErpPosting
from quittance.receivables.models import Credit, Invoice
from quittance.reconciliation.books import read_books
from quittance.reconciliation.unknown import adopt_unknown
from quittance.tenancy.rows import reading
from tests.ground import Ground
from tests.payments.checkouts import paying_with
from tests.payments.together import all_at_once
from tests.reconciliation.rows import desk
from tests.reconciliation.test_unknown import charged_elsewhere, found


def on_account(ground: Ground) -> tuple[Payment, str]:
    """42.00 that a clerk booked on account and the ERP confirmed; and its id at the gateway."""
    charge = charged_elsewhere(ground)
    payment = adopt_unknown(found(ground).subject_id, customer_account_id=ground.account().pk)
    return ground.advance(payment), charge["id"]


def give_back(payment: Payment, minor: int = 4200) -> Reversal:
    return refund_payment(
        payment.pk, Money(minor, "USD"), key=str(uuid.uuid4()), reopens=True, note="asked for it"
    )


def credit_of_money(payment: Payment) -> Credit:
    """What the mirror knows of the money as credit."""
    with reading():
        posting = ErpPosting.objects.get(source_id=payment.pk)
        return Credit.objects.get(number=posting.document_number)


def pay_with_it(ground: Ground, invoice: Invoice, credit: Credit, minor: int = 4200) -> Payment:
    order = paying_with(ground.order((invoice, "0.00")), (credit, minor))
    return start_payment(order, key=str(uuid.uuid4()))


def free(credit: Credit) -> int:
    with reading():
        rows = credits_to_use([credit.customer_account_id], credit.currency)
    return next((each.free.minor for each in rows if each.credit == credit), 0)


def left_of(payment: Payment) -> int:
    with reading():
        return refundable(payment).minor


@pytest.mark.failure("F35", "F45")
def test_money_that_went_back_is_no_credit_to_pay_with(ground: Ground) -> None:
    payment, _ = on_account(ground)
    assert give_back(payment).status == "succeeded"
    ground.advance(payment)
    invoice = ground.bill("42.00")  # reads the customer's credit from the ERP, too
    credit = credit_of_money(payment)
    with reading():
        assert ErpPosting.objects.get(source_kind="reversal").status == "by_hand"
    assert credit.open_minor == 4200  # the ERP does not know better yet

    with pytest.raises(CreditNotFree):
        pay_with_it(ground, invoice, credit)

    assert free(credit) == 0


@pytest.mark.failure("F35")
def test_money_that_is_on_its_way_back_is_no_credit_to_pay_with(ground: Ground) -> None:
    payment, _ = on_account(ground)
    ground.world.gateway_fault("POST /v1/refunds", "drop_after")
    assert give_back(payment, 1200).status == "unknown"
    invoice = ground.bill("42.00")
    credit = credit_of_money(payment)

    with pytest.raises(CreditNotFree, match=r"30\.00 USD"):
        pay_with_it(ground, invoice, credit, 3001)

    assert pay_with_it(ground, invoice, credit, 3000).status == "succeeded"


@pytest.mark.failure("F33", "F35")
def test_disputed_money_is_no_credit_to_pay_with(ground: Ground) -> None:
    payment, gateway_object = on_account(ground)
    desk(ground, f"/payments/{gateway_object}/dispute")
    ground.advance(payment)
    with reading():
        assert Reversal.objects.get().kind == "dispute"
    invoice = ground.bill("42.00")

    with pytest.raises(CreditNotFree):
        pay_with_it(ground, invoice, credit_of_money(payment))


@pytest.mark.failure("F35")
def test_money_with_which_an_invoice_is_paid_does_not_go_back(ground: Ground) -> None:
    payment, _ = on_account(ground)
    invoice = ground.bill("42.00")
    second = pay_with_it(ground, invoice, credit_of_money(payment), 4000)
    ground.advance(second)
    assert second.status == "succeeded"

    with pytest.raises(AmountNotRefundable, match=r"40\.00 USD of it is used as credit"):
        give_back(payment)

    assert left_of(payment) == 200
    assert give_back(payment, 200).status == "succeeded"


@pytest.mark.failure("F35")
def test_money_that_came_back_to_us_is_credit_again(ground: Ground) -> None:
    payment, _ = on_account(ground)
    reversal = give_back(payment)
    ground.advance(payment)
    desk(ground, f"/refunds/{reversal.gateway_object}/fail", code="account_closed")
    read_books(ground.gateway_account_id)
    invoice = ground.bill("42.00")
    credit = credit_of_money(payment)
    with reading():
        reversal.refresh_from_db()
    assert reversal.status == "failed"

    assert pay_with_it(ground, invoice, credit).status == "succeeded"


@pytest.mark.failure("F03", "F35")
def test_money_that_is_sent_back_and_used_at_once_goes_one_way(ground: Ground) -> None:
    payment, _ = on_account(ground)
    invoice = ground.bill("42.00")
    credit = credit_of_money(payment)

    deeds: list[Callable[[], object]] = [
        partial(give_back, payment), partial(pay_with_it, ground, invoice, credit),
    ]  # fmt: skip
    got = all_at_once(*deeds)

    refused = [each for each in got if isinstance(each, AmountNotRefundable | CreditNotFree)]
    done = [each for each in got if isinstance(each, Reversal | Payment)]
    assert (len(refused), len(done)) == (1, 1), got
