"""A kept method is charged once: its object is ours before money moves; each step goes on."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from quittance.core.errors import Refused
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.gateways.base import Agreement
from quittance.gateways.charges import StartedBy
from quittance.notifications.models import Message
from quittance.payments.checkout import redirect_url, start_payment
from quittance.payments.models import Payment
from quittance.payments.orders import IdempotencyConflict
from quittance.payments.recording import record_order
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from quittance.wallet.charging import MethodNotUsable
from quittance.wallet.models import KeptMethod
from tests.ground import CARD, EVENTS, Ground
from tests.payments.backwards import at_gateway, with_payment
from tests.payments.kept import (
    ASKS,
    DECLINES,
    LOST_DONE,
    LOST_UNDONE,
    charge,
    consent,
    kept,
    order_with,
    payer_of,
    record_of,
)
from tests.payments.people import new_user, with_user
from tests.payments.rows import attempt_of, make_older, payments_of, statuses, traces
from tests.payments.together import all_at_once
from tests.posting.dying import dies

PREPARE, TAKE = "POST /v1/charges", "POST /v1/payments/*/charge"
SELLER = StartedBy.SELLER


def taken(ground: Ground, payment: Payment) -> list[int]:
    """What the gateway's own books say came with a payment."""
    return [each["gross_minor"] for each in ground.world.gateway_ledger(f"{payment.pk}:1")]


def prepared(ground: Ground, payment: Payment) -> int:
    """How many objects the gateway has for a payment."""
    found = ground.world.client.get(
        f"{ground.world.gateway.url}/v1/payments", params={"reference": f"{payment.pk}:1"},
        headers={"Authorization": "Bearer sk_sandbox_demo"},
    )  # fmt: skip
    return len(found.json()["data"])


def test_a_click_charges_the_kept_method_and_leads_nowhere(ground: Ground) -> None:
    method = kept(ground)

    payment = charge(ground, method)

    assert statuses(payment) == ("succeeded", "succeeded", ["consumed"])
    assert (taken(ground, payment), traces(payment)[:2]) == ([10000], (1, 1))
    assert (payment.method_label, redirect_url(payment)) == ("Visa ••4242", "")
    attempt = attempt_of(payment)
    assert (attempt.kept_method_id, attempt.started_by) == (method.pk, "payer")


def test_a_buyers_own_scope_is_enough(ground: Ground) -> None:
    method, invoice = kept(ground), ground.bill("100.00")

    with narrowed_to([ground.account().pk]):
        payment = charge(ground, method, invoice)

    assert statuses(payment) == ("succeeded", "succeeded", ["consumed"])


@pytest.mark.failure("F01")
def test_two_clicks_charge_once(ground: Ground) -> None:
    method, invoice = kept(ground), ground.bill("100.00")

    all_at_once(*[partial(charge, ground, method, invoice, key="click")] * 4)

    (payment,) = payments_of(invoice)
    assert ground.advance(payment).status == "succeeded"
    assert taken(ground, payment) == [10000]


@pytest.mark.failure("F15")
@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "malformed_json"])
def test_a_preparation_whose_answer_was_lost_is_found_and_charged_once(
    ground: Ground, fault: str
) -> None:
    method = kept(ground)
    ground.world.gateway_fault(PREPARE, fault)

    payment = charge(ground, method)
    was = statuses(payment)
    make_older(payment, seconds=30)
    ground.advance(payment)

    assert was == ("in_flight", "unknown", ["reserved"])
    if fault == "drop_before":
        assert statuses(payment) == ("failed", "failed", ["released"])
        assert taken(ground, payment) == []
    else:
        assert ground.again(payment).status == "succeeded"
        assert (taken(ground, payment), prepared(ground, payment)) == ([10000], 1)


@pytest.mark.failure("F15")
@pytest.mark.parametrize("number", [LOST_UNDONE, LOST_DONE])
def test_a_charge_whose_answer_was_lost_is_looked_up_and_taken_once(
    ground: Ground, number: str
) -> None:
    payment = charge(ground, kept(ground, number))
    was = statuses(payment)

    ground.advance(payment)

    assert was == ("in_flight", "unknown", ["reserved"])
    assert ground.again(payment).status == "succeeded"
    assert taken(ground, payment) == [10000]


@pytest.mark.failure("F13", "F14")
@pytest.mark.parametrize("at", range(1, 7))  # intent, sent, prepare, word and id, charge, answer
def test_a_click_killed_at_any_boundary_charges_once(ground: Ground, at: int) -> None:
    method, invoice = kept(ground), ground.bill("100.00")

    died = dies(lambda: charge(ground, method, invoice, key="click"), at=at)
    if payments_of(invoice):  # what it had under way surely came or surely not
        make_older(payments_of(invoice)[0], seconds=100)
        ground.advance(payments_of(invoice)[0])
    payment = charge(ground, method, invoice, key="click")  # the payer presses again
    ground.advance(payment)

    assert died
    status = ground.again(payment).status
    assert status == ("failed" if at == 3 else "succeeded")  # sent, and surely never arrived
    assert taken(ground, payment) == ([] if at == 3 else [10000])


@pytest.mark.failure("F14")
def test_no_money_moves_before_the_objects_id_is_ours(ground: Ground) -> None:
    method, invoice = kept(ground), ground.bill("100.00")

    dies(lambda: charge(ground, method, invoice), at=5)  # when the next step would be the charge

    (payment,) = payments_of(invoice)
    assert (prepared(ground, payment), taken(ground, payment)) == (1, [])
    assert attempt_of(payment).gateway_object is not None
    assert attempt_of(payment).word_at is not None


def test_a_decline_is_an_answer(ground: Ground) -> None:
    payment = charge(ground, kept(ground, DECLINES))

    assert statuses(payment) == ("failed", "failed", ["released"])
    assert payment.reason == "declined"


def test_a_payer_who_is_there_answers_his_bank(ground: Ground) -> None:
    payment = charge(ground, kept(ground, ASKS))
    was, address = statuses(payment), redirect_url(payment)

    with_payment(ground, payment, "pay", number=ASKS, authenticate="approve")
    ground.advance(payment)

    assert was == ("in_flight", "open", ["reserved"])
    assert address.startswith("http")
    assert ground.again(payment).status == "succeeded"
    assert taken(ground, payment) == [10000]


@pytest.mark.failure("F30")
def test_a_charge_of_ours_that_needs_the_payer_is_over_and_he_is_asked(ground: Ground) -> None:
    method = kept(ground, ASKS)
    with reading():
        user = KeptMethod.objects.select_related("saved_by").get(pk=method.pk).saved_by
    order = order_with(ground, method, ground.bill("100.00"), by=SELLER)
    ours = replace(with_user(order, user), origin=Payment.Origin.AUTOPAY)

    payment = start_payment(ours, key="autopay:1")

    assert statuses(payment) == ("failed", "failed", ["released"])
    assert payment.reason == "authentication_required"
    assert taken(ground, payment) == []
    with reading():
        assert Message.objects.get(key=f"not_charged:{payment.pk}").kind == "not_charged"


def test_a_method_that_is_gone_at_the_gateway_is_said_so(ground: Ground) -> None:
    method = kept(ground)
    at_gateway(ground, f"saved_methods/{method.gateway_method}/close")

    payment = charge(ground, method)

    assert (payment.status, payment.reason) == ("failed", "method_gone")
    assert taken(ground, payment) == []


def test_what_the_gateway_refuses_to_prepare_is_over_and_nothing_is_taken(ground: Ground) -> None:
    method, invoice = kept(ground), ground.bill("100.00")
    ground.world.gateway_fault(PREPARE, "status", status=422)

    with pytest.raises(Refused):
        charge(ground, method, invoice)

    (payment,) = payments_of(invoice)
    assert statuses(payment) == ("failed", "failed", ["released"])


@pytest.mark.failure("F30")
def test_who_was_not_there_when_his_charge_was_refused_is_told(ground: Ground) -> None:
    method, invoice = kept(ground), ground.bill("100.00")
    order = with_user(order_with(ground, method, invoice, by=SELLER), new_user())
    ground.world.gateway_fault(PREPARE, "status", status=422)

    with narrowed_to([ground.account().pk]), pytest.raises(Refused):
        start_payment(replace(order, origin=Payment.Origin.AUTOPAY), key="autopay:2")

    (payment,) = payments_of(invoice)
    with reading():
        assert Message.objects.get(key=f"not_charged:{payment.pk}").kind == "not_charged"


def test_what_the_gateway_refuses_to_take_is_closed_there_too(ground: Ground) -> None:
    method = kept(ground)
    ground.world.gateway_fault(TAKE, "status", status=422)

    payment = charge(ground, method)
    ground.advance(payment)

    assert statuses(payment) == ("failed", "failed", ["released"])
    assert (payment.reason, taken(ground, payment)) == ("gateway_fault", [])


@pytest.mark.failure("F16")
def test_a_gateway_that_cannot_be_reached_for_the_charge_is_told_later(ground: Ground) -> None:
    method = kept(ground)
    ground.world.gateway_fault(TAKE, "status", status=429)

    payment = charge(ground, method)
    was = statuses(payment)
    ground.advance(payment)

    assert was == ("in_flight", "open", ["reserved"])
    assert ground.again(payment).status == "succeeded"
    assert taken(ground, payment) == [10000]


@pytest.mark.failure("F20")
def test_a_preparation_of_another_amount_is_never_charged(ground: Ground) -> None:
    method = kept(ground)
    ground.world.gateway_fault(PREPARE, "alter", changes={"amount_minor": 9999})
    ground.world.gateway_fault("GET /v1/payments*", "alter", changes={"amount_minor": 9999})

    payment = charge(ground, method)
    ground.advance(payment)

    assert ground.again(payment).status == "in_flight"
    assert (taken(ground, payment), attempt_of(payment).problem != "") == ([], True)


@pytest.mark.parametrize(("by", "ends"), [(StartedBy.PAYER, "cancelled"), (SELLER, "succeeded")])
def test_what_was_never_begun_is_begun_only_where_no_payer_waited(
    ground: Ground, by: StartedBy, ends: str
) -> None:
    order = order_with(ground, kept(ground), ground.bill("100.00"), by=by)
    with writing():
        payment, _ = record_order(order, key=str(new_id()))
    make_older(payment, minutes=3)

    ground.advance(payment)
    ground.advance(payment)

    assert ground.again(payment).status == ends


def test_another_customers_method_is_not_charged(ground: Ground) -> None:
    method, invoice = kept(ground), ground.bill("100.00", customer=EVENTS)

    with pytest.raises(MethodNotUsable):
        charge(ground, method, invoice)

    assert payments_of(invoice) == []


def test_who_saved_it_for_his_own_clicks_is_never_charged_without_one(ground: Ground) -> None:
    method = kept(ground, agreement=Agreement.ON_CLICK)

    with pytest.raises(MethodNotUsable, match="himself"):
        charge(ground, method, by=SELLER)

    assert charge(ground, method).status == "succeeded"


def test_one_key_is_one_method(ground: Ground) -> None:
    first, second, invoice = kept(ground), kept(ground), ground.bill("100.00")
    charge(ground, first, invoice, key="click")

    with pytest.raises(IdempotencyConflict):
        charge(ground, second, invoice, key="click")


def test_who_saves_while_he_pays_has_the_method_afterwards_once(ground: Ground) -> None:
    said = consent()
    record = record_of(ground, said)
    order = replace(
        ground.order((ground.bill("100.00"), "100.00")),
        save=said, payer=payer_of(ground), consent_id=record.pk,
    )  # fmt: skip
    payment = start_payment(order, key="save")
    ground.on_page(payment)
    ground.world.gateway_fault("GET /v1/payments/*", "drop_before", times=1)

    for _ in range(4):  # the first answer breaks
        ground.advance(payment)

    assert ground.again(payment).status == "succeeded"
    with reading():
        (method,) = KeptMethod.objects.filter(consent=record)
    assert (method.status, method.label) == ("active", "Visa ••4242")
    assert attempt_of(payment).method_kept_at is not None
    assert charge(ground, method).amount == Money(10000, "USD")


def test_who_does_not_save_is_asked_about_no_method(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))

    assert attempt_of(payment).asked_with is None
    assert attempt_of(payment).method_kept_at is None
    assert CARD[-4:] in payment.method_label
