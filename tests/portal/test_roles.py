"""What a person may do for a customer account is what the role says, and pages show no more."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from quittance.core.money import Money
from quittance.payments.models import Payment
from quittance.tenancy.rows import reading
from tests.ground import ALPINE, HARBORLINE
from tests.payments.people import new_user
from tests.portal.doors import Door, begin_checkout, confirm
from tests.portal.roles import as_role, set_role

MISSING = "00000000-0000-7000-8000-000000000000"
PAYING = ["/remittance", f"/checkout/{MISSING}/amounts", f"/checkout/{MISSING}/review",
          f"/payments/{MISSING}/onward", f"/checkout/{MISSING}/transfer"]  # fmt: skip
KEEPING = ["/wallet/add", "/wallet/agree?kind=card", f"/wallet/{MISSING}",
           f"/wallet/savings/{MISSING}/verify", f"/wallet/{MISSING}/remove"]  # fmt: skip
DISPUTING = [f"/invoices/{MISSING}/dispute"]


def payments(user: str) -> int:
    with reading():
        return Payment.objects.filter(user__email=user).count()


def begin(client: Client, invoice: Any) -> str:
    """Press Pay on the page of one invoice; return the address of the basket."""
    answer = client.post("/invoices/pick", {"only": [str(invoice.pk)]})
    return str(answer["Location"]).removesuffix("/amounts")


@pytest.mark.parametrize("address", PAYING + KEEPING + DISPUTING)
def test_who_may_only_look_is_refused_with_a_sentence(address: str, door: Door) -> None:
    answer = as_role(door, "view").get(address)

    text = answer.content.decode()
    assert answer.status_code == 403
    assert "You may" in text
    assert "Nothing was" in text


@pytest.mark.parametrize("address", KEEPING)
def test_who_pays_within_a_limit_keeps_nothing_to_pay_with(address: str, door: Door) -> None:
    assert as_role(door, "pay_within").get(address).status_code == 403


def test_the_refusal_names_who_can_change_the_role(door: Door) -> None:
    as_role(door, "administer", email="head@example.test")

    text = as_role(door, "view").get("/wallet/add").content.decode()

    assert "Who can change your role: A administer." in text


@pytest.mark.parametrize("role", ["view", "pay_within", "pay", "approve", "administer"])
def test_every_role_sees_invoices_payments_and_what_is_kept(role: str, door: Door) -> None:
    client = as_role(door, role)

    for address in ["/", "/invoices", "/payments", "/wallet", "/statement", "/profile"]:
        assert client.get(address).status_code == 200, address


def test_pages_show_no_button_that_the_role_may_not_press(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    viewer, payer = as_role(door, "view"), as_role(door, "pay")

    def offers(client: Client) -> set[str]:
        shown = "".join(
            client.get(each).content.decode()
            for each in ["/", "/invoices", f"/invoices/{invoice.pk}", "/wallet"]
        )
        words = {'name="pay"', "/remittance", "/wallet/add", "/dispute"}
        return {each for each in words if each in shown}

    assert offers(viewer) == set()
    assert offers(payer) == {'name="pay"', "/remittance", "/wallet/add", "/dispute"}


def test_ticking_invoices_and_pressing_pay_begins_no_checkout_for_who_only_looks(
    door: Door,
) -> None:
    from quittance.payments.models import Basket

    invoice = door.ground.bill("250.00")
    answer = as_role(door, "view").post("/invoices/pick", {"only": [str(invoice.pk)]})

    assert answer.status_code == 403
    with reading():
        assert not Basket.objects.filter(items__invoice=invoice).exists()


def test_a_role_that_was_taken_counts_at_the_next_click(door: Door) -> None:
    from quittance.identity.models import User

    client = as_role(door, "pay", email="soon@example.test")
    basket = begin_checkout(client, door.ground.bill("250.00"))
    with reading():
        user_id = User.objects.get(email="soon@example.test").pk

    set_role(user_id, "view")

    assert client.get(f"{basket}/amounts").status_code == 403
    assert client.post(f"{basket}/pay", {"version": "1", "seal": "x"}).status_code == 403
    assert payments("soon@example.test") == 0


def test_a_payment_above_the_limit_is_refused_and_one_at_it_is_not(door: Door) -> None:
    limit = Money(25_000, "USD")
    client = as_role(door, "pay_within", limit=limit)
    above = confirm(client, begin(client, door.ground.bill("250.01")))
    at = confirm(client, begin(client, door.ground.bill("250.00")))

    assert above.status_code == 409
    assert "your limit for" in above.content.decode()
    assert "Nothing was charged" in above.content.decode()
    assert at.status_code == 303
    assert payments("pay_within@example.test") == 1


def test_a_limit_in_one_currency_allows_nothing_in_another(door: Door) -> None:
    client = as_role(door, "pay_within", limit=Money(10**9, "EUR"))

    answer = confirm(client, begin_checkout(client, door.ground.bill("10.00")))

    assert answer.status_code == 409
    assert "Your limit for" in answer.content.decode()


def test_a_basket_of_two_accounts_needs_the_role_for_both(door: Door) -> None:
    from quittance.identity.models import User

    client = as_role(door, "pay", HARBORLINE, ALPINE, email="both@example.test")
    one, two = door.ground.bill("30.00"), door.ground.bill("40.00", customer=ALPINE)
    with reading():
        user_id = User.objects.get(email="both@example.test").pk
    set_role(user_id, "view", number=ALPINE)

    def picked(*invoices: Any) -> int:
        ids = [str(each.pk) for each in invoices]
        return client.post("/invoices/pick", {"only": ids}).status_code

    assert picked(one) == 303
    assert picked(two) == 403
    assert picked(one, two) == 403
    assert client.get(f"/invoices/{two.pk}/dispute").status_code == 403
    assert client.get(f"/invoices/{one.pk}/dispute").status_code == 200


def test_an_act_refuses_whoever_called_it(door: Door) -> None:
    from dataclasses import replace

    from quittance.payments.checkout import start_payment
    from quittance.receivables.people import MayNot

    order = replace(door.ground.order((door.ground.bill("20.00"), "20.00")), user_id=new_user().pk)

    with pytest.raises(MayNot, match="not pay it"):
        start_payment(order, key="nobody-1")
