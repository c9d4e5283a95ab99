"""Credit that a payer used: a person applies it, and we see it in the ERP's open amounts."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from django.db import connection

from quittance.core.money import Money
from quittance.payments.checkout import start_payment
from quittance.payments.models import CreditUse, Payment
from quittance.payments.orders import OrderLine
from quittance.payments.parts import Use
from quittance.payments.repair import retry_posting
from quittance.posting.models import ErpPosting
from quittance.receivables.models import Credit, Invoice
from quittance.tenancy.rows import reading, writing
from tests.ground import HARBORLINE, Ground
from tests.payments.backwards import refund
from tests.posting.rows import adds_up, allocations, captured, posting_of, postings_of


def _credit(ground: Ground, amount: str) -> Credit:
    number = ground.world.clerk("credit-memo", customer=HARBORLINE, amount=amount)["number"]
    ground.bill("1.00")  # reading anything of the customer reads their credit
    with reading():
        return Credit.objects.get(number=number)


def _paid_with(ground: Ground, invoice: Invoice, money: int, *uses: tuple[Credit, int]) -> Payment:
    line = OrderLine(
        invoice.pk, Money(money, "USD"), uses=[Use(credit.pk, minor) for credit, minor in uses]
    )
    order = replace(ground.order((invoice, "1.00")), lines=[line])
    if not money:
        order = replace(order, gateway_account_id=None)
    payment = start_payment(order, key=str(uuid.uuid4()))
    if money:
        ground.on_page(payment)
    return ground.advance(payment)


def _application(payment: Payment) -> ErpPosting:
    (found,) = [each for each in postings_of(payment) if each.source_kind == "application"]
    return found


def _uses(payment: Payment) -> list[tuple[int, str]]:
    with reading():
        found = CreditUse.objects.filter(payment_id=payment.pk)
        return list(found.values_list("amount_minor", "status"))


def test_a_payment_that_credit_pays_wholly_is_an_application_and_nothing_else(
    ground: Ground,
) -> None:
    credit, invoice = _credit(ground, "40.00"), ground.bill("40.00")

    payment = _paid_with(ground, invoice, 0, (credit, 4000))

    posting = posting_of(payment)
    assert (posting.source_kind, posting.status) == ("application", "by_hand")
    assert posting.document_number == payment.number
    steps = " ".join(posting.steps)
    assert credit.number in steps
    assert f"{invoice.number}: 40.00 USD" in steps


def test_money_is_posted_first_and_the_steps_name_what_is_open_then(ground: Ground) -> None:
    credit, invoice = _credit(ground, "40.00"), ground.bill("100.00")

    payment = _paid_with(ground, invoice, 6000, (credit, 4000))

    money, application = postings_of(payment)
    assert (money.status, money.amount) == ("confirmed", Money(6000, "USD"))
    assert (application.status, application.document_number) == (
        "by_hand", f"{payment.number}-2",
    )  # fmt: skip
    assert application.facts["opens"]["invoices"] == {invoice.erp_id: 4000}
    assert allocations(payment) == [(invoice.number, 6000, "consumed")]


def test_applied_credit_is_seen_in_the_open_amounts_and_reflected(ground: Ground) -> None:
    credit, invoice = _credit(ground, "50.00"), ground.bill("100.00")
    payment = _paid_with(ground, invoice, 6000, (credit, 4000))

    ground.world.clerk("apply-credit", credit=credit.number, invoice=invoice.number, amount="40.00")
    ground.advance(payment)

    assert _application(payment).status == ErpPosting.Status.CONFIRMED
    assert _uses(payment) == [(4000, "reflected")]
    assert allocations(payment) == [(invoice.number, 6000, "reflected")]
    assert adds_up(payment)
    with reading():
        credit.refresh_from_db()
        assert credit.open_minor == 1000
        assert Invoice.objects.get(pk=invoice.pk).erp_status == "paid"


@pytest.mark.parametrize("half", ["credit", "invoice"])
def test_half_of_it_is_not_taken_for_the_whole(ground: Ground, half: str) -> None:
    credit, invoice, other = _credit(ground, "40.00"), ground.bill("40.00"), ground.bill("90.00")
    payment = _paid_with(ground, invoice, 0, (credit, 4000))

    if half == "credit":
        ground.world.clerk("apply-credit", credit=credit.number, invoice=other.number)
    else:
        ground.world.clerk("post-payment", invoice=invoice.number)
    ground.advance(payment)

    assert _application(payment).status == ErpPosting.Status.BY_HAND
    assert _uses(payment) == [(4000, "consumed")]


def test_credit_that_somebody_used_before_the_steps_were_given_is_told_to_the_ar_team(
    ground: Ground,
) -> None:
    credit, invoice, other = _credit(ground, "40.00"), ground.bill("40.00"), ground.bill("90.00")
    line = OrderLine(invoice.pk, Money(0, "USD"), uses=[Use(credit.pk, 4000)])
    order = replace(ground.order((invoice, "1.00")), lines=[line], gateway_account_id=None)
    payment = start_payment(order, key=str(uuid.uuid4()))
    ground.world.clerk("apply-credit", credit=credit.number, invoice=other.number)

    ground.advance(payment)

    remark = _application(payment).remark
    assert f"{credit.number}: 40.00 USD was to be applied, 0.00 USD is open." in remark


def test_credit_is_seen_applied_also_when_the_money_beside_it_has_gone_back(ground: Ground) -> None:
    credit, invoice = _credit(ground, "40.00"), ground.bill("100.00")
    payment = _paid_with(ground, invoice, 6000, (credit, 4000))
    refund(payment, 6000)
    ground.advance(payment)

    ground.world.clerk("reverse-payment", document=payment.number)
    ground.world.clerk("apply-credit", credit=credit.number, invoice=invoice.number, amount="40.00")
    ground.advance(payment)
    ground.advance(payment)

    assert {each.source_kind: each.status for each in postings_of(payment)} == {
        "payment": "confirmed", "application": "confirmed", "reversal": "confirmed",
    }  # fmt: skip
    assert _uses(payment) == [(4000, "reflected")]


def test_steps_that_an_older_release_gave_are_seen_done(ground: Ground) -> None:
    credit, invoice = _credit(ground, "40.00"), ground.bill("40.00")
    payment = _paid_with(ground, invoice, 0, (credit, 4000))
    facts = _application(payment).facts
    del facts["opens"]["taken_back"]
    with writing():
        ErpPosting.objects.filter(source_id=payment.pk).update(facts=facts)

    ground.world.clerk("apply-credit", credit=credit.number, invoice=invoice.number, amount="40.00")
    ground.advance(payment)

    assert _application(payment).status == ErpPosting.Status.CONFIRMED


def test_credit_waits_for_money_that_is_not_booked_yet(ground: Ground) -> None:
    credit, invoice = _credit(ground, "40.00"), ground.bill("100.00")
    line = OrderLine(invoice.pk, Money(6000, "USD"), uses=[Use(credit.pk, 4000)])
    order = replace(ground.order((invoice, "1.00")), lines=[line])
    payment = captured(ground, start_payment(order, key=str(uuid.uuid4())))

    assert _application(payment).status == ErpPosting.Status.QUEUED
    ground.advance(payment)
    assert _application(payment).status == ErpPosting.Status.BY_HAND


def test_credit_that_is_applied_while_the_money_is_refused_is_shown_with_the_money(
    ground: Ground,
) -> None:
    credit, invoice = _credit(ground, "40.00"), ground.bill("100.00")
    ground.world.clerk("block-customer", customer=HARBORLINE, blocked="All")
    payment = _paid_with(ground, invoice, 6000, (credit, 4000))
    money, application = postings_of(payment)
    assert (money.status, application.status) == ("rejected", "by_hand")

    ground.world.clerk("block-customer", customer=HARBORLINE, blocked=" ")
    ground.world.clerk("apply-credit", credit=credit.number, invoice=invoice.number, amount="40.00")
    ground.advance(payment)

    assert _application(payment).status == ErpPosting.Status.CONFIRMED
    assert _broken("i1_parts_make_the_payment") == []

    retry_posting(money.pk)
    ground.advance(payment)

    assert _uses(payment) == [(4000, "reflected")]
    assert allocations(payment) == [(invoice.number, 6000, "reflected")]


def test_credit_goes_on_with_what_takes_the_place_of_money_that_does_not_fit(
    ground: Ground,
) -> None:
    credit, invoice = _credit(ground, "40.00"), ground.bill("100.00")
    line = OrderLine(invoice.pk, Money(6000, "USD"), uses=[Use(credit.pk, 4000)])
    order = replace(ground.order((invoice, "1.00")), lines=[line])
    payment = captured(ground, start_payment(order, key=str(uuid.uuid4())))
    ground.world.clerk("post-payment", invoice=invoice.number, amount="70.00")

    ground.advance(payment)

    assert allocations(payment) == [
        (invoice.number, 6000, "released"), (invoice.number, 3000, "consumed"),
    ]  # fmt: skip
    assert _broken("i1_parts_make_the_payment") == []


def _broken(invariant: str) -> list[object]:
    with reading(), connection.cursor() as cursor:
        cursor.execute(f"SELECT subject FROM invariant_{invariant}")
        return list(cursor.fetchall())
