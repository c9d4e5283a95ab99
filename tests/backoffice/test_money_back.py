"""What goes back, as the AR team sees it: surplus money, returned debits, disputes, limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from quittance.core.money import Money
from quittance.payments.cancel import cancel_payment
from quittance.payments.checkout import start_payment
from quittance.payments.models import Payment
from quittance.payments.orders import OrderLine
from quittance.posting.models import ErpPosting
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import writing
from tests.backoffice.office import action, fields, rejected, words
from tests.ground import HARBORLINE
from tests.payments.backwards import (
    REFUND,
    at_gateway,
    charged,
    debited,
    refunds_at_gateway,
    with_payment,
)
from tests.payments.rows import attempt_of
from tests.portal.doors import Door
from tests.posting.rows import captured


def surplus(door: Door) -> Payment:
    """Money that came after its payment had ended, and that the gateway did not send back."""
    payment = door.ground.pay((door.ground.bill("100.00"), "100.00"))
    cancel_payment(payment.pk)
    with_payment(door.ground, payment, "late_success")
    door.ground.world.gateway_fault(REFUND, "status", status=400)
    return door.ground.advance(payment)


@pytest.mark.parametrize("sort", ["largest", "oldest"])
def test_late_money_stands_above_what_is_larger_and_older(door: Door, sort: str) -> None:
    rejected(door, "900.00")
    payment = surplus(door)

    page = door.clerk().get(f"/office/exceptions?sort={sort}").content.decode()

    late = page.index(f"/office/exceptions/attempt/{attempt_of(payment).pk}")
    assert late < page.index("/office/exceptions/posting/")


@pytest.mark.failure("F21")
def test_surplus_money_is_sent_back_from_the_queue_once(door: Door) -> None:
    payment = surplus(door)
    client = door.clerk()
    page = client.get(f"/office/exceptions/attempt/{attempt_of(payment).pk}")
    back, said = action(page, "send-back"), fields(page, "send-back") | {"note": "Paid twice"}

    first, second = client.post(back, said), client.post(back, said)

    assert "came after payment" in words(page)
    assert "$100.00 came after" in words(page)
    assert first["Location"] == "/office/exceptions?done=sent_back"
    assert second.status_code in {303, 409}
    assert refunds_at_gateway(door.ground, payment) == [10_000]
    assert "Nothing waits for you" in words(client.get("/office/exceptions?kind=surplus"))
    assert "Paid twice" in words(client.get(f"/office/payments/{payment.number}"))


def test_a_gateway_that_refuses_says_so_and_the_money_waits_on(door: Door) -> None:
    payment = surplus(door)
    client = door.clerk()
    page = client.get(f"/office/exceptions/attempt/{attempt_of(payment).pk}")
    door.ground.world.gateway_fault(REFUND, "status", status=400)

    client.post(action(page, "send-back"), fields(page, "send-back"))

    assert refunds_at_gateway(door.ground, payment) == []
    assert "Paid too much" in words(client.get("/office/exceptions"))


def test_a_returned_debit_stands_under_returned_and_nowhere_else(door: Door) -> None:
    payment, kept = debited(door.ground), charged(door.ground, "80.00")
    with_payment(door.ground, payment, "return", code="R01")
    door.ground.advance(payment)
    client = door.clerk()

    tabs = {
        tab: words(client.get(f"/office/payments?tab={tab}"))
        for tab in ("returned", "disputed", "refunded")
    }

    assert payment.number in tabs["returned"]
    assert "Returned by the bank" in tabs["returned"]
    assert kept.number not in tabs["returned"]
    assert payment.number not in tabs["disputed"] + tabs["refunded"]


def test_a_disputed_payment_stands_under_disputed_until_it_is_over_and_after(door: Door) -> None:
    payment, kept = charged(door.ground), charged(door.ground, "80.00")
    dispute = with_payment(door.ground, payment, "dispute")
    door.ground.advance(payment)
    client = door.clerk()

    open_ = words(client.get("/office/payments?tab=disputed"))
    at_gateway(door.ground, f"disputes/{dispute['id']}/win")
    door.ground.advance(payment)
    closed = words(client.get("/office/payments?tab=disputed"))

    assert payment.number in open_
    assert kept.number not in open_
    assert "$100.00" in open_
    assert payment.number in closed
    assert payment.number not in words(client.get("/office/payments?tab=returned"))


def test_a_discount_that_the_erp_did_not_grant_is_told_to_clerk_and_payer(door: Door) -> None:
    ground = door.ground
    made = ground.world.clerk("invoice", customer=HARBORLINE, amount="1000.00", terms="2%10N30")
    invoice = ground.read(made["id"])
    line = OrderLine(invoice.pk, Money(98_000, "USD"), discount_minor=2_000)
    order = replace(ground.order((invoice, "1.00")), lines=[line])
    payment = captured(ground, start_payment(order, key=str(uuid4())))
    assert invoice.discount_until is not None
    with writing():  # a bank debit that took its time
        ErpPosting.objects.filter(source_id=payment.pk).update(
            posting_date=invoice.discount_until + timedelta(days=1)
        )
    ground.advance(payment)

    clerk = words(door.clerk().get(f"/office/payments/{payment.number}"))
    payer = words(door.buyer().get(f"/payments/{payment.pk}"))

    assert f"did not grant the discount on {invoice.number}" in clerk
    assert "$20.00 is owed still" in clerk
    assert f"discount on {invoice.number} was not granted" in payer
    assert "$20.00 of it is still to be paid" in payer


def test_a_discount_that_was_granted_is_no_matter(door: Door) -> None:
    payment = charged(door.ground)

    assert "grant" not in words(door.clerk().get(f"/office/payments/{payment.number}"))


@pytest.mark.parametrize(
    ("limit", "currency", "expected"),
    [
        (5_000, "USD", "You may refund up to $50.00"),
        (50_000, "EUR", "which is in another currency"),
        (50_000, "", "which is in another currency"),
    ],
)
def test_above_the_limit_or_in_another_currency_a_clerk_asks_a_manager(
    limit: int, currency: str, expected: str, door: Door
) -> None:
    payment = charged(door.ground)
    with writing():
        Organization.objects.filter(pk=door.ground.organization_id).update(
            two_persons_above_minor=limit, two_persons_currency=currency
        )
    client = door.clerk()
    form = client.get(f"/office/payments/{payment.number}/refund")

    answer = client.post(
        action(form, "refund/check"), fields(form, "refund/check") | {"note": "Paid twice"}
    )

    assert answer.status_code == 422
    assert expected in words(answer)
    assert "Ask a manager" in words(answer)
