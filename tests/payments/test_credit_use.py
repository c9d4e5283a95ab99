"""A credit that a payer uses is reserved as an invoice is: never twice, never another's."""

from __future__ import annotations

import uuid
from dataclasses import replace
from functools import partial

import pytest
from django.db import IntegrityError

from quittance.core.money import CurrencyMismatch, Money
from quittance.notifications.models import Message
from quittance.notifications.words import write
from quittance.payments.cancel import cancel_payment
from quittance.payments.checkout import start_payment
from quittance.payments.credits import CreditNotFree, credits_to_use
from quittance.payments.models import CreditUse, GatewayAttempt, Payment, PaymentAccount
from quittance.payments.orders import AmountNotOwed, PaymentOrder
from quittance.posting.models import ErpPosting
from quittance.receivables.models import Credit, Invoice
from quittance.receivables.people import AboveLimit
from quittance.receivables.pull import refresh_invoices
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from tests.ground import EVENTS, Ground
from tests.payments.checkouts import credit_of, paying_with
from tests.payments.people import new_payer
from tests.payments.rows import in_flight, statuses
from tests.payments.together import all_at_once
from tests.portal.roles import set_role


def start(order: PaymentOrder) -> Payment:
    return start_payment(order, key=str(uuid.uuid4()))


def part_paid(ground: Ground, invoice: Invoice, money: str, credit: Credit, used: int) -> Payment:
    return start(paying_with(ground.order((invoice, money)), (credit, used)))


def free(credit: Credit) -> int:
    with reading():
        found = credits_to_use([credit.customer_account_id], credit.currency)
    return next((each.free.minor for each in found if each.credit == credit), 0)


def uses(payment: Payment) -> list[tuple[int, str]]:
    with reading():
        return list(payment.credit_uses.values_list("amount_minor", "status"))


def test_money_and_credit_settle_an_invoice_together(ground: Ground) -> None:
    credit, invoice = credit_of(ground, "40.00"), ground.bill("100.00")

    payment = part_paid(ground, invoice, "60.00", credit, 4000)

    assert payment.amount == Money(6000, "USD")
    assert (in_flight(invoice), free(credit)) == (10_000, 0)
    assert uses(payment) == [(4000, "reserved")]


def test_money_and_credit_together_are_never_more_than_is_open(ground: Ground) -> None:
    credit, invoice = credit_of(ground, "40.00"), ground.bill("100.00")

    with pytest.raises(AmountNotOwed, match=r"not 100\.01"):
        part_paid(ground, invoice, "60.01", credit, 4000)

    assert (in_flight(invoice), free(credit)) == (0, 4000)


@pytest.mark.failure("F03")
def test_ten_payers_of_one_credit_never_use_more_than_is_open(ground: Ground) -> None:
    credit = credit_of(ground, "100.00")
    invoices = [ground.bill("50.00") for _ in range(10)]

    got = all_at_once(
        *[partial(part_paid, ground, invoice, "20.00", credit, 3000) for invoice in invoices]
    )

    assert sorted(type(each).__name__ for each in got) == ["CreditNotFree"] * 7 + ["Payment"] * 3
    assert free(credit) == 1000


@pytest.mark.failure("F03")
def test_payers_and_readers_of_the_same_invoices_and_credits_make_no_deadlock(
    ground: Ground,
) -> None:
    a, b = ground.bill("100.00"), ground.bill("100.00")
    x, y = credit_of(ground, "50.00"), credit_of(ground, "50.00")
    there = paying_with(ground.order((a, "1.00"), (b, "1.00")), (x, 100), (y, 100))
    back = paying_with(ground.order((b, "1.00"), (a, "1.00")), (y, 100), (x, 100))
    read = partial(refresh_invoices, ground.legal_entity_id, [b.erp_id, a.erp_id], seconds=20)

    got = all_at_once(*[partial(start, there)] * 4, *[partial(start, back)] * 4, read, read)

    assert [each for each in got if isinstance(each, Exception)] == []
    assert (free(x), free(y)) == (4200, 4200)


def test_one_credit_pays_two_invoices_of_a_payment_up_to_what_is_free(ground: Ground) -> None:
    credit = credit_of(ground, "40.00")
    first, second = ground.bill("100.00"), ground.bill("100.00")
    order = ground.order((first, "70.00"), (second, "70.00"))
    one, two = (paying_with(replace(order, lines=[line]), (credit, 2500)) for line in order.lines)
    both = replace(order, lines=[*one.lines, *two.lines])

    with pytest.raises(CreditNotFree, match=r"40\.00 USD of credit .* can be used now"):
        start(both)

    assert free(credit) == 4000


def test_a_credit_of_another_account_is_never_used(ground: Ground) -> None:
    others, invoice = credit_of(ground, customer=EVENTS), ground.bill("100.00")

    with pytest.raises(CreditNotFree):
        part_paid(ground, invoice, "60.00", others, 4000)


def test_a_credit_in_another_currency_is_never_used(ground: Ground) -> None:
    credit, invoice = credit_of(ground), ground.bill("100.00")
    with writing():
        Credit.objects.filter(pk=credit.pk).update(currency="EUR")

    with pytest.raises(CurrencyMismatch):
        part_paid(ground, invoice, "60.00", credit, 4000)


def test_what_a_cancelled_payment_wanted_to_use_is_free_again(ground: Ground) -> None:
    credit, invoice = credit_of(ground), ground.bill("100.00")
    payment = part_paid(ground, invoice, "60.00", credit, 4000)

    cancel_payment(payment.pk)

    assert uses(payment) == [(4000, "released")]
    assert free(credit) == 4000


def test_the_database_refuses_a_use_beyond_what_was_open(ground: Ground) -> None:
    credit, invoice = credit_of(ground), ground.bill("100.00")
    payment = ground.pay((invoice, "10.00"))

    with pytest.raises(IntegrityError, match="credit_use_within"), writing():
        CreditUse.objects.create(
            payment=payment, credit=credit, invoice=invoice, amount_minor=4001, currency="USD",
            customer_account_id=invoice.customer_account_id, open_seen_minor=4000,
            in_flight_seen_minor=0, version_seen=1,
        )  # fmt: skip


def test_credits_that_pay_all_need_no_gateway(ground: Ground) -> None:
    credit, invoice = credit_of(ground, "100.00"), ground.bill("100.00")
    order = paying_with(ground.order((invoice, "0.00")), (credit, 10_000))

    payment = start(replace(order, gateway_account_id=None, method="credit"))

    with reading():
        assert not GatewayAttempt.objects.filter(payment=payment).exists()
        kinds = list(
            ErpPosting.objects.filter(source_id=payment.pk).values_list("source_kind", flat=True)
        )
    assert (payment.status, payment.amount_minor, payment.gateway_account) == ("succeeded", 0, None)
    assert uses(payment) == [(10_000, "consumed")]
    assert kinds == ["application"]
    assert (in_flight(invoice), free(credit)) == (10_000, 0)


@pytest.mark.failure("F57")
def test_who_pays_with_credits_alone_gets_one_mail_that_says_so(ground: Ground) -> None:
    credit, invoice = credit_of(ground, "100.00"), ground.bill("100.00")
    order = paying_with(ground.order((invoice, "0.00")), (credit, 10_000))
    user = new_payer(order.customer_account_id)
    order = replace(order, gateway_account_id=None, method="credit", user_id=user.pk)

    all_at_once(*[partial(start_payment, order, key="once")] * 3)

    with reading():
        (message,) = Message.objects.filter(to=user.email)
        words = write(message.kind, message.facts)
    assert "Your credits pay 100.00 USD" in words.subject
    assert "Nothing was charged" in words.text


def test_what_credits_pay_is_within_a_limit_of_any_currency(ground: Ground) -> None:
    credit, invoice = credit_of(ground, "100.00"), ground.bill("100.00")
    order = paying_with(ground.order((invoice, "0.00")), (credit, 10_000))
    order = replace(order, gateway_account_id=None, method="credit")
    user = new_payer(invoice.customer_account_id)
    with widened():
        set_role(user.pk, "pay_within", limit=Money(1, "EUR"))

    payment = start(replace(order, user_id=user.pk))

    assert payment.amount.minor == 0
    with pytest.raises(AboveLimit):
        start(replace(ground.order((ground.bill("10.00"), "10.00")), user_id=user.pk))


def test_a_payment_without_money_is_one_payment_however_often_it_is_sent(ground: Ground) -> None:
    credit, invoice = credit_of(ground, "100.00"), ground.bill("100.00")
    order = paying_with(ground.order((invoice, "0.00")), (credit, 10_000))
    order = replace(order, gateway_account_id=None, method="credit")

    got = all_at_once(*[partial(start_payment, order, key="once")] * 6)

    assert len({getattr(each, "pk", each) for each in got}) == 1
    with reading():
        assert CreditUse.objects.count() == 1


def test_a_payment_with_credits_is_confirmed_as_others_are(ground: Ground) -> None:
    credit, invoice = credit_of(ground), ground.bill("100.00")
    payment = part_paid(ground, invoice, "60.00", credit, 4000)
    ground.on_page(payment)
    payment = ground.advance(payment)

    assert statuses(payment)[:2] == ("succeeded", "succeeded")
    assert [entry["amount"] for entry in ground.world.erp_ledger(payment.number)] == ["-60"]
    with reading():
        assert PaymentAccount.objects.filter(payment=payment).count() == 1
