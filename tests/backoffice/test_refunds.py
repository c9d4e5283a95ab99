"""A refund: asked for on a page that says what will happen, and made once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from quittance.payments.models import Payment, Reversal
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading, writing
from tests.backoffice.office import action, fields, words
from tests.portal.doors import Door


def paid(door: Door, amount: str = "250.00") -> Payment:
    return door.ground.paid((door.ground.bill(amount), amount))


def confirmation(client: Client, payment: Payment, **typed: str) -> Any:
    """Fill the form in and read what will happen."""
    form = client.get(f"/office/payments/{payment.number}/refund")
    said = fields(form, "refund/check") | {"note": "Paid twice", **typed}
    return client.post(action(form, "refund/check"), said)


def at_the_gateway(door: Door, payment: Payment) -> list[dict[str, Any]]:
    """Every refund of the payment in the gateway's own books."""
    world = door.ground.world
    with reading():
        gateway_object = payment.attempts.get().gateway_object
    answer = world.client.get(
        f"{world.gateway.url}/v1/refunds?payment={gateway_object}",
        headers={"Authorization": "Bearer sk_sandbox_demo"},
    ).raise_for_status()
    refunds: list[dict[str, Any]] = answer.json()["data"]
    return refunds


def test_the_form_begins_with_all_that_can_go_back(door: Door) -> None:
    payment = paid(door)

    page = door.clerk().get(f"/office/payments/{payment.number}/refund")

    assert fields(page, "refund/check")["amount"] == "250.00"
    assert "At most $250.00 can still go back" in words(page)


def test_the_confirmation_says_what_will_happen_and_nothing_moves_before(door: Door) -> None:
    payment = paid(door)

    page = words(confirmation(door.clerk(), payment, amount="100", reopens="no"))

    for expected in (
        "Refund $100.00?", "back to Visa ••4242", "No invoice is owed again", "Paid twice",
        "Can go back after that $150.00",
    ):  # fmt: skip
        assert expected in page
    assert at_the_gateway(door, payment) == []


@pytest.mark.failure("F31")
def test_a_refund_from_the_page_is_one_at_the_gateway_however_often_it_is_sent(door: Door) -> None:
    payment = paid(door)
    client = door.clerk()
    page = confirmation(client, payment, amount="250.00")
    make, said = action(page, "refund/make"), fields(page, "refund/make")

    first, second = client.post(make, said), client.post(make, said)

    assert (
        first["Location"]
        == second["Location"]
        == f"/office/payments/{payment.number}?done=refunded"
    )
    assert [each["amount_minor"] for each in at_the_gateway(door, payment)] == [25_000]
    shown = words(client.get(first["Location"]))
    for expected in ("What went back", "−$250.00", "Gone back", "Refunded", "Paid twice"):
        assert expected in shown
    assert (
        f"/office/payments/{payment.number}/refund"
        not in client.get(f"/office/payments/{payment.number}").content.decode()
    )


def test_two_parts_go_back_and_the_ledger_shows_both(door: Door) -> None:
    payment = paid(door)
    client = door.clerk()
    for amount in ("100.00", "50.00"):
        page = confirmation(client, payment, amount=amount)
        client.post(action(page, "refund/make"), fields(page, "refund/make"))

    shown = words(client.get(f"/office/payments/{payment.number}"))

    assert sorted(each["amount_minor"] for each in at_the_gateway(door, payment)) == [5_000, 10_000]
    assert "Partly refunded" in shown
    assert "Can still go back $100.00" in shown
    assert "Gone back, not in the ERP" in shown


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"amount": "250.01"}, "Of this payment $250.00 can still go back"),
        ({"amount": "0"}, "above zero"),
        ({"amount": "many"}, "not an amount"),
        ({"note": " "}, "Write down why"),
    ],
    ids=["too much", "nothing", "no amount", "no reason"],
)
def test_a_form_that_is_wrong_comes_back_with_what_was_typed(
    typed: dict[str, str], expected: str, door: Door
) -> None:
    payment = paid(door)

    answer = confirmation(door.clerk(), payment, **typed)

    assert answer.status_code == 422
    assert expected in words(answer)
    assert fields(answer, "refund/check")["amount"] == typed.get("amount", "250.00")


def test_more_than_is_left_is_refused_at_the_last_step_too(door: Door) -> None:
    payment = paid(door)
    one, two = door.clerk(), door.signed_in(email="mo@example.test", role="clerk")
    pages = [confirmation(each, payment, amount="200.00") for each in (one, two)]

    answers = [
        client.post(action(page, "refund/make"), fields(page, "refund/make"))
        for client, page in zip((one, two), pages, strict=True)
    ]

    assert [each.status_code for each in answers] == [303, 409]
    assert "can still go back" in words(answers[1])
    assert len(at_the_gateway(door, payment)) == 1


def test_above_the_limit_only_a_manager_gives_money_back(door: Door) -> None:
    payment = paid(door)
    with writing():
        Organization.objects.filter(pk=door.ground.organization_id).update(
            two_persons_above_minor=10_000, two_persons_currency="USD"
        )
    manager = door.signed_in(email="mia@example.test", role="manager")

    refused = confirmation(door.clerk(), payment, amount="100.01")
    forced = door.client()
    forced.post("/sign-in", {"email": "priya@example.test", "password": "correct horse battery"})
    answer = forced.post(
        f"/office/payments/{payment.number}/refund/make",
        {"key": "k", "amount": "100.01", "note": "x", "reopens": "yes"},
    )
    allowed = confirmation(manager, payment, amount="100.01")

    assert "Ask a manager" in words(refused)
    assert answer.status_code == 422
    assert at_the_gateway(door, payment) == []
    assert "Refund $100.01?" in words(allowed)


def test_the_list_tells_what_was_refunded(door: Door) -> None:
    kept, refunded = paid(door, "80.00"), paid(door, "90.00")
    client = door.clerk()
    page = confirmation(client, refunded)
    client.post(action(page, "refund/make"), fields(page, "refund/make"))

    tab = words(client.get("/office/payments?tab=refunded"))

    assert refunded.number in tab
    assert kept.number not in tab
    for other in ("returned", "disputed"):
        assert refunded.number not in words(client.get(f"/office/payments?tab={other}"))


def test_who_asked_for_it_is_kept(door: Door) -> None:
    payment = paid(door)
    client = door.clerk()
    page = confirmation(client, payment)
    client.post(action(page, "refund/make"), fields(page, "refund/make"))

    with reading():
        reversal = Reversal.objects.select_related("user").get(payment=payment)

    assert reversal.user is not None
    assert reversal.user.email == "priya@example.test"
    assert reversal.note == "Paid twice"
    assert "Refund asked for" in words(client.get(f"/office/payments/{payment.number}"))


def test_a_payment_whose_money_never_came_has_no_refund(door: Door) -> None:
    payment = door.ground.pay((door.ground.bill("80.00"), "80.00"))

    assert door.clerk().get(f"/office/payments/{payment.number}/refund").status_code == 404
