"""The AR team sees every payment with all that hangs on it, and can retry what was rejected."""

from __future__ import annotations

from tests.backoffice.office import words
from tests.portal.doors import Door


def test_the_list_finds_a_payment_by_its_number_and_its_customers(door: Door) -> None:
    one = door.ground.paid((door.ground.bill("250.00"), "250.00"))
    two = door.ground.pay((door.ground.bill("80.00", customer="C-20077"), "80.00"))
    client = door.clerk()

    everything = words(client.get("/office/payments"))
    by_number = words(client.get(f"/office/payments?q={one.number.lower()}"))
    by_customer = words(client.get("/office/payments?q=C-20077"))
    under_way = words(client.get("/office/payments?tab=under_way"))

    assert one.number in everything
    assert two.number in everything
    assert two.number not in by_number
    assert one.number not in by_customer
    assert one.number not in under_way
    assert two.number in under_way


def test_a_payment_shows_the_gateway_the_erp_the_ledger_and_what_happened(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    payment = door.ground.paid((invoice, "100.00"))

    page = words(door.clerk().get(f"/office/payments/{payment.number}"))

    for expected in (
        invoice.number, "Partly settled", f"Posted as {payment.number}", "Visa ••4242",
        "ERP: Posted and read back", "Payment: Started", "captured $100.00", "captured −$100.00",
        "pay_",
    ):  # fmt: skip
        assert expected in page


def test_another_organizations_payment_is_as_if_it_never_was(door: Door) -> None:
    client = door.clerk()

    assert client.get("/office/payments/P-0000-0000-0").status_code == 404
