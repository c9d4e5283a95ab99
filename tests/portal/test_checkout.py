"""From chosen invoices to the payment page; bad input is told and loses nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quittance.payments.models import Payment
from quittance.tenancy.rows import reading
from tests.ground import HARBORLINE
from tests.portal.doors import Door, begin_checkout, confirm, fields_of


def test_a_confirmed_checkout_leads_to_the_gateways_page(door: Door) -> None:
    whole, part = door.ground.bill("250.00"), door.ground.bill("80.00")
    client = door.buyer()
    basket = begin_checkout(client, whole, part)

    answer = confirm(client, basket, **{str(part.pk): "30.00"})
    onward = client.get(answer["Location"]).content.decode()

    assert answer.status_code == 303
    assert f'content="0; url={door.ground.world.gateway.url}/pay/' in onward
    assert "You pay $280.00 there" in onward


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0", "Enter an amount above zero"),
        ("-5", "Enter an amount above zero"),
        ("250.01", "Enter an amount up to $250.00"),
        ("1e308", "Write an amount like"),
        ("NaN", "Write an amount like"),
        ("", "Write an amount like"),
        ("10.005", "2 decimals at most"),
        ("1,00", "Write an amount like"),
        ("٣", "Write an amount like"),
        ("9" * 40, "Write an amount like"),
        ("<b>1</b>", "Write an amount like"),
    ],
)
def test_a_wrong_amount_comes_back_with_what_was_typed(
    typed: str, sentence: str, door: Door
) -> None:
    from django.utils.html import escape

    invoice = door.ground.bill("250.00")
    client = door.buyer()
    basket = begin_checkout(client, invoice)
    fields = fields_of(client.get(f"{basket}/amounts").content)

    answer = client.post(f"{basket}/amounts", {**fields, f"amount-{invoice.pk}": typed})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert f'value="{escape(typed)}"' in page
    assert "data-focus" in page


def test_an_amount_for_a_strangers_invoice_is_ignored(door: Door) -> None:
    own, foreign = door.ground.bill("250.00"), door.ground.bill("90.00", customer="C-20077")
    client = door.buyer()
    basket = begin_checkout(client, own)
    fields = fields_of(client.get(f"{basket}/amounts").content)

    client.post(f"{basket}/amounts", {**fields, f"amount-{foreign.pk}": "90.00"})

    review = client.get(f"{basket}/method").content.decode()
    assert "$250.00" in review
    assert foreign.number not in review


def test_an_invoice_can_be_left_out_but_not_all_of_them(door: Door) -> None:
    one, two = door.ground.bill("250.00"), door.ground.bill("80.00")
    client = door.buyer()
    basket = begin_checkout(client, one, two)
    fields = fields_of(client.get(f"{basket}/amounts").content)

    none = client.post(f"{basket}/amounts", {**fields, "drop": [str(one.pk), str(two.pk)]})
    some = client.post(f"{basket}/amounts", {**fields, "drop": [str(one.pk)]})

    assert none.status_code == 422
    assert some.status_code == 303
    assert "$80.00" in client.get(some["Location"]).content.decode()


@pytest.mark.failure("F01")
def test_a_form_pressed_twice_is_one_payment(door: Door) -> None:
    from quittance.payments.models import Payment
    from quittance.tenancy.rows import reading

    client = door.buyer()
    basket = begin_checkout(client, door.ground.bill("250.00"))

    first = confirm(client, basket)
    second = client.post(f"{basket}/pay", {"version": "1"})

    with reading():
        assert Payment.objects.count() == 1
    assert first["Location"] == second["Location"]


@pytest.mark.failure("F01")
def test_a_checkout_that_was_paid_leads_to_its_payment(door: Door) -> None:
    client = door.buyer()
    basket = begin_checkout(client, door.ground.bill("250.00"))
    confirm(client, basket)

    for step in ("amounts", "method", "review"):
        assert "/payments/" in client.get(f"{basket}/{step}")["Location"]


def test_a_colleagues_checkout_is_paid_by_who_presses_pay(door: Door) -> None:
    basket = begin_checkout(door.buyer(), door.ground.bill("250.00"))
    colleague = door.signed_in(HARBORLINE, email="bo@example.test")

    answer = confirm(colleague, basket)

    payment_id = answer["Location"].split("/")[2]
    with reading():
        payer = Payment.objects.select_related("user").get(pk=payment_id).user
    assert payer is not None
    assert payer.email == "bo@example.test"


def test_an_expired_checkout_says_so(door: Door) -> None:
    from quittance.core import clock
    from quittance.payments.models import Basket
    from quittance.tenancy.rows import writing

    client = door.buyer()
    basket = begin_checkout(client, door.ground.bill("250.00"))
    with writing():
        Basket.objects.update(expires_at=clock.now() - timedelta(seconds=1))

    answer = client.post(f"{basket}/pay", {"version": "1"})

    assert answer.status_code == 409
    assert "Nothing was charged" in answer.content.decode()


@pytest.mark.failure("F01")
def test_a_page_that_another_window_overtook_is_told(door: Door) -> None:
    client = door.buyer()
    basket = begin_checkout(client, door.ground.bill("250.00"))
    old = fields_of(client.get(f"{basket}/amounts").content)
    client.post(f"{basket}/amounts", old)

    answer = client.post(f"{basket}/amounts", old)

    assert answer.status_code == 409
    assert "changed in another window" in answer.content.decode()


def test_a_version_that_is_no_number_is_no_page_of_ours(door: Door) -> None:
    client = door.buyer()
    basket = begin_checkout(client, door.ground.bill("250.00"))

    assert client.post(f"{basket}/method", {"method": "card", "version": "x"}).status_code == 404
    assert client.post(f"{basket}/pay").status_code == 404


def test_a_method_that_nobody_offers_comes_back(door: Door) -> None:
    client = door.buyer()
    basket = begin_checkout(client, door.ground.bill("250.00"))
    fields = fields_of(client.get(f"{basket}/method").content)

    answer = client.post(f"{basket}/method", {"version": fields["version"], "method": "gold"})

    assert answer.status_code == 422
    assert "Choose how to pay" in answer.content.decode()


@pytest.mark.failure("F07")
def test_an_invoice_that_changed_at_the_last_moment_is_shown_again(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    client = door.buyer()
    basket = begin_checkout(client, invoice)
    door.ground.paid((invoice, "200.00"))

    page = client.get(f"{basket}/amounts").content.decode()

    assert "The invoice has changed: $50.00 of it can be paid now" in page


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "The payment provider had a fault. Nothing was charged."),
        (503, "The amount stays reserved; do not pay it again."),
    ],
)
def test_while_the_gateway_is_broken_the_page_says_what_is_safe(
    status: int, sentence: str, door: Door
) -> None:
    client = door.buyer()
    basket = begin_checkout(client, door.ground.bill("250.00"))
    door.ground.world.gateway_fault("POST /v1/payments", "status", status=status)

    answer = confirm(client, basket)

    assert answer.status_code == 303
    assert sentence in client.get(answer["Location"]).content.decode()


@pytest.mark.failure("F07")
def test_an_invoice_that_the_erp_changed_is_not_paid_in_silence(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    client = door.buyer()
    basket = begin_checkout(client, invoice)
    door.ground.world.clerk("post-payment", invoice=invoice.number, amount="200.00")

    answer = confirm(client, basket)

    assert answer.status_code == 409
    assert "has changed" in answer.content.decode()
    assert "Nothing was charged" in answer.content.decode()


def test_a_body_that_is_too_large_is_refused_with_a_page(door: Door) -> None:
    answer = door.client().post("/sign-in", {"email": "x" * 2_000_000, "password": "x"})

    assert answer.status_code == 413
    assert "too much to send" in answer.content.decode()
