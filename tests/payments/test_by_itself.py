"""Charges that nobody clicks, looked at in the gateway's own books and in the ERP's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from uuid import uuid4

import pytest

from quittance.gateways.charges import StartedBy
from quittance.payments.checkout import start_payment
from quittance.payments.models import Payment
from quittance.payments.orders import (
    AmountNotOwed,
    NotItsTurn,
    PaymentOrder,
    autopay_key,
    instalment_key,
)
from quittance.receivables.models import Invoice
from quittance.wallet.models import KeptMethod
from tests.ground import Ground
from tests.payments.kept import LOST_DONE, kept
from tests.payments.rows import payments_of
from tests.payments.together import all_at_once

DUE = date(2026, 3, 31)
ORIGIN = Payment.Origin


def charge_of(
    ground: Ground, method: KeptMethod, invoice: Invoice, amount: str, origin: Payment.Origin
) -> PaymentOrder:
    """What the seller starts by himself, with a method that the payer keeps for it."""
    order: PaymentOrder = ground.order((invoice, amount))
    return replace(
        order, origin=origin, kept_method_id=method.pk, started_by=StartedBy.SELLER
    )  # fmt: skip


def taken(ground: Ground, invoice: Invoice) -> list[int]:
    """What the gateway's own books say was taken for an invoice, in the order of the payments."""
    found = sorted(payments_of(invoice), key=lambda each: each.created_at)
    charges = [ground.world.gateway_ledger(f"{each.pk}:1") for each in found]
    return [line["gross_minor"] for lines in charges for line in lines]


def posted(ground: Ground, invoice: Invoice) -> list[str]:
    """What the ERP's own ledger has of the payments of an invoice."""
    numbers = sorted(each.number for each in payments_of(invoice))
    return [line["amount"] for number in numbers for line in ground.world.erp_ledger(number)]


@pytest.mark.failure("F05")
def test_an_autopay_run_that_happens_twice_takes_and_posts_the_money_once(ground: Ground) -> None:
    invoice, method = ground.bill("100.00"), kept(ground)
    order = charge_of(ground, method, invoice, "100.00", ORIGIN.AUTOPAY)
    run = partial(start_payment, order, key=autopay_key(uuid4(), invoice.pk, DUE))

    first = all_at_once(*[run] * 4)
    (payment,) = payments_of(invoice)
    ground.advance(payment)
    run()  # and once more when all is over
    ground.advance(payment)

    assert {getattr(each, "pk", each) for each in first} == {payment.pk}
    assert taken(ground, invoice) == [10000]
    assert posted(ground, invoice) == ["-100"]


@pytest.mark.failure("F05")
def test_an_autopay_run_whose_answer_was_lost_is_not_charged_again_by_run_or_person(
    ground: Ground,
) -> None:
    invoice, method = ground.bill("100.00"), kept(ground, LOST_DONE)
    order = charge_of(ground, method, invoice, "100.00", ORIGIN.AUTOPAY)
    run = partial(start_payment, order, key=autopay_key(uuid4(), invoice.pk, DUE))
    payment = run()
    before = payment.is_over

    again = run()
    with pytest.raises(AmountNotOwed):
        ground.pay((invoice, "100.00"))
    payment = ground.advance(payment)

    assert not before
    assert again.pk == payment.pk
    assert payment.status == "succeeded"
    assert taken(ground, invoice) == [10000]


@pytest.mark.failure("F06")
def test_an_instalment_of_unknown_outcome_keeps_the_next_one_waiting_and_each_is_taken_once(
    ground: Ground,
) -> None:
    invoice, plan, method = ground.bill("100.00"), uuid4(), kept(ground, LOST_DONE)
    order = charge_of(ground, method, invoice, "25.00", ORIGIN.INSTALMENT)
    first = partial(start_payment, order, key=instalment_key(plan, 1))
    after = replace(order, after=instalment_key(plan, 1))
    second = partial(start_payment, after, key=instalment_key(plan, 2))

    payment = first()
    unknown = payment.is_over
    with pytest.raises(NotItsTurn):
        second()
    first()
    payment = ground.advance(payment)
    got = all_at_once(*[second] * 3)
    ground.advance(max(payments_of(invoice), key=lambda each: each.created_at))

    assert (unknown, payment.status) == (False, "succeeded")
    assert len({getattr(each, "pk", each) for each in got}) == 1
    assert taken(ground, invoice) == [2500, 2500]
    assert ground.read(invoice.erp_id).open_minor == 5000
