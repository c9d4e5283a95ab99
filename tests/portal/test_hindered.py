"""An invoice that is owed and cannot be paid here says why, and cannot be chosen."""

from __future__ import annotations

import re
from typing import Any

import pytest

from quittance.connections.models import ErpConnection, PostingRule
from quittance.core import clock
from quittance.receivables.models import Credit, CustomerAccount, Invoice
from quittance.tenancy.rows import writing
from tests.portal.doors import Door


def changed(model: Any, pk: object, **facts: Any) -> None:
    with writing():
        model.objects.filter(pk=pk).update(**facts)


def words(content: bytes) -> str:
    """What a person reads."""
    return " ".join(re.sub(r"<[^>]+>", " ", content.decode()).replace("&#39;", "'").split())


@pytest.mark.parametrize(
    ("of_invoice", "of_account", "why"),
    [
        ({"currency": "EUR"}, {}, "is in EUR, and the seller books your payments in USD"),
        ({"hindrance": "disputed"}, {}, "marked this invoice as disputed"),
        ({}, {"blocked": True}, "take no payment for this account"),
    ],
)
def test_it_says_why_and_is_not_to_be_chosen(
    door: Door, of_invoice: dict[str, Any], of_account: dict[str, Any], why: str
) -> None:
    invoice = door.ground.bill("100.00")
    other = door.ground.bill("50.00")
    changed(Invoice, invoice.pk, **of_invoice)
    changed(CustomerAccount, invoice.customer_account_id, **of_account)
    client = door.buyer()
    both = [str(invoice.pk), str(other.pk)]
    client.post("/invoices/pick", {"shown": both, "invoice": both})

    page = client.get("/invoices").content
    detail = client.get(f"/invoices/{invoice.pk}").content
    alone = client.post("/invoices/pick", {"only": str(invoice.pk), "pay": "USD"})

    box = re.search(rf'<input[^>]*value="{invoice.pk}"[^>]*>', page.decode())
    assert box is not None
    assert "disabled" in box[0]
    assert "cannot be paid here" in words(page)
    assert why in words(detail)
    assert "Pay $100.00" not in words(detail)
    assert alone.status_code == 409
    offered = re.search(r"Pay (\$|USD )50\.00", words(page))
    assert bool(offered) == (not of_account)


def test_an_invoice_that_nothing_hinders_says_nothing(door: Door) -> None:
    invoice = door.ground.bill("100.00")
    client = door.buyer()

    detail = words(client.get(f"/invoices/{invoice.pk}").content)

    assert "cannot be paid here" not in detail
    assert "Pay $100.00" in detail


def test_a_currency_with_a_bank_account_of_its_own_can_be_paid(door: Door) -> None:
    invoice = door.ground.bill("100.00")
    changed(Invoice, invoice.pk, currency="EUR")
    with writing():
        PostingRule.objects.create(
            legal_entity_id=door.ground.legal_entity_id, currency="EUR", account="2920",
            journal="EURO", bank_account="EURO", checked_at=clock.now(),
        )  # fmt: skip
    client = door.buyer()

    detail = words(client.get(f"/invoices/{invoice.pk}").content)

    assert "cannot be paid here" not in detail
    assert re.search(r"Pay (€|EUR )100\.00", detail)


def test_a_bank_account_in_the_local_currency_helps_no_customer_of_another(door: Door) -> None:
    invoice = door.ground.bill("100.00")
    changed(CustomerAccount, invoice.customer_account_id, pays_only="EUR")
    with writing():
        PostingRule.objects.create(
            legal_entity_id=door.ground.legal_entity_id, currency="USD", account="2920",
            journal="LOCAL", bank_account="OPERATING", checked_at=clock.now(),
        )  # fmt: skip

    detail = words(door.buyer().get(f"/invoices/{invoice.pk}").content)

    assert "is in USD, and the seller books your payments in EUR" in detail


def test_what_cannot_be_paid_is_not_counted_among_what_may_be_chosen_at_once(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quittance.portal.invoices.listing.PAGE", 1)
    free, other, disputed, foreign = (door.ground.bill(f"{n}0.00") for n in range(1, 5))
    changed(Invoice, disputed.pk, hindrance="disputed")
    changed(Invoice, foreign.pk, currency="EUR")
    client = door.buyer()

    page = words(client.get("/invoices?sort=open").content)
    client.post("/invoices/pick", {"all": "1"})

    assert "Select all 2 matching invoices" in page
    kept = client.session["picks"][str(free.customer_account_id)]
    assert set(kept) == {str(free.pk), str(other.pk)}


@pytest.mark.parametrize(("known", "told"), [([], False), ([True], False), ([False], True)])
def test_where_the_books_show_no_credit_the_pages_say_what_the_balance_is_drawn_from(
    door: Door, known: list[bool], told: bool
) -> None:
    invoice = door.ground.bill("100.00")
    found = [{"name": "customerLedger", "title": "", "can": can, "sentence": ""} for can in known]
    with writing():
        ErpConnection.objects.update(capabilities=found)
        Credit.objects.update(open_minor=0)
    client = door.buyer()

    detail = words(client.get(f"/invoices/{invoice.pk}").content)
    picked = client.post("/invoices/pick", {"only": str(invoice.pk)})
    amounts = words(client.get(picked["Location"]).content)

    assert ("drawn from invoices alone" in detail) is told
    assert ("drawn from invoices alone" in amounts) is told
