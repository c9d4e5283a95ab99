"""The clocks of two machines differ: an invoice is still charged once."""

from __future__ import annotations

import datetime as dt

import pytest

from quittance.core import clock
from quittance.payments.models import Allocation, Payment
from quittance.receivables.models import Invoice
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.portal.doors import Door


def read_by_a_machine_ahead(
    ground: Ground, invoice: Invoice, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    true = clock.now
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", lambda: true() + dt.timedelta(seconds=seconds))
        ground.read(invoice.erp_id)


def answer_to_paying_it_again(door: Door, invoice: Invoice) -> int:
    chosen = {"invoice": [str(invoice.pk)], "shown": [], "pay": ""}
    return door.buyer().post("/invoices/pick", chosen).status_code


def payments() -> list[tuple[str, int]]:
    with reading():
        return list(Payment.objects.values_list("status", "amount_minor"))


def allocations(payment: Payment) -> list[str]:
    with reading():
        return list(Allocation.objects.filter(payment=payment).values_list("status", flat=True))


@pytest.mark.failure("F55")
@pytest.mark.parametrize("ahead", [5, 30])
def test_an_invoice_is_charged_once_though_the_clock_of_one_machine_is_ahead(
    door: Door, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    ground = door.ground
    invoice = ground.bill("100.00")
    first = ground.pay((invoice, "100.00"))
    ground.on_page(first)
    read_by_a_machine_ahead(ground, invoice, monkeypatch, ahead)
    first = ground.advance(first)  # by a machine whose clock is right

    assert answer_to_paying_it_again(door, invoice) == 409
    assert payments() == [("succeeded", 10000)]
    assert allocations(first) == ["reflected"]
    with reading():
        assert Invoice.objects.get(pk=invoice.pk).open_minor == 0


@pytest.mark.failure("F55")
def test_what_the_mirror_does_not_show_frees_no_invoice(door: Door) -> None:
    ground = door.ground
    invoice = ground.bill("100.00")
    first = ground.pay((invoice, "100.00"))
    ground.on_page(first)
    ahead = clock.now() + dt.timedelta(minutes=10)  # the database's own clock was put back
    with writing():
        Invoice.objects.filter(pk=invoice.pk).update(synced_at=ahead)
    first = ground.advance(first)

    assert answer_to_paying_it_again(door, invoice) == 409
    assert payments() == [("succeeded", 10000)]
    assert allocations(first) == ["consumed"]  # still counted: the mirror says it is open
    assert first.next_at is not None

    with writing():
        Invoice.objects.filter(pk=invoice.pk).update(synced_at=clock.now())
    first = ground.advance(first)

    assert allocations(first) == ["reflected"]
