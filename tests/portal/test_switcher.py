"""Who may act for several accounts goes from one to the next, and sees all of them together."""

from __future__ import annotations

import re

from quittance.core import clock
from quittance.receivables.models import Contact, CustomerAccount
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading, writing
from tests.ground import ALPINE, EVENTS, HARBORLINE
from tests.portal.doors import PASSWORD, Door
from tests.portal.mirrored import put_credit, put_invoice


def text_of(content: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", content.decode()))


def test_the_choice_is_remembered_by_the_browser_after_the_next_sign_in(door: Door) -> None:
    client = door.signed_in(HARBORLINE, EVENTS)
    two = door.ground.account(EVENTS)
    client.post("/account", {"account": str(two.pk), "then": "/invoices"})
    client.post("/sign-out")

    client.post("/sign-in", {"email": "dana@example.test", "password": PASSWORD})
    page = client.get("/invoices").content.decode()

    assert re.search(rf'value="{two.pk}" aria-current="true"', page)


def test_a_remembered_account_that_is_no_longer_theirs_is_not_shown(door: Door) -> None:
    client = door.signed_in(HARBORLINE, EVENTS)
    two = door.ground.account(EVENTS)
    put_invoice(two, 4_711_00, number="SECRET")
    client.post("/account", {"account": str(two.pk)})
    with writing():
        Contact.objects.filter(customer_account=two).delete()

    assert "SECRET" not in client.get("/invoices").content.decode()
    client.cookies["account"] = str(door.ground.account(ALPINE).pk)
    assert client.get("/invoices").status_code == 200
    assert "Alpine" not in client.get("/").content.decode()


def test_all_accounts_are_summed_by_currency_and_no_others(door: Door) -> None:
    own, second = (door.ground.account(each) for each in (HARBORLINE, EVENTS))
    put_invoice(own, 100_00, late=3)
    put_invoice(second, 50_00)
    put_invoice(second, 7_00, currency="EUR")
    put_credit(second, 20_00)
    put_invoice(door.ground.account(ALPINE), 999_00)
    client = door.signed_in(HARBORLINE, EVENTS)

    said = text_of(client.get("/accounts").content)

    assert "USD 150.00" in said
    assert "USD 130.00" in said
    assert "EUR 7.00" in said
    assert "999" not in said


def test_companies_that_sell_are_named_where_there_are_several(door: Door) -> None:
    one = door.signed_in(HARBORLINE, EVENTS)
    before = text_of(one.get("/").content)
    with writing():
        other = LegalEntity.objects.create(name="Northwind Iberia", zone="UTC", currency="EUR")
        bought = CustomerAccount.objects.create(
            legal_entity=other,
            erp_id="es-1",
            number="ES-1",
            name="Harborline España",
            currency="EUR",
            changed_at=clock.now(),
            synced_at=clock.now(),
        )
        contact = Contact.objects.first()
        assert contact is not None
        Contact.objects.create(user_id=contact.user_id, customer_account=bought)
    with reading():
        first = LegalEntity.objects.get(pk=door.ground.legal_entity_id).name

    after = text_of(one.get("/").content)

    assert f"{HARBORLINE} · {first}" not in before
    assert f"{HARBORLINE} · {first}" in after
    assert "ES-1 · Northwind Iberia" in after
