"""Unknown money is booked for the customer that the clerk means, and for no namesake's number."""

from __future__ import annotations

import pytest

from quittance.core import clock
from quittance.core.ids import new_id
from quittance.payments.models import Payment
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading, writing
from tests.backoffice.office import action, words
from tests.backoffice.test_books import read, unknown_charge
from tests.portal.doors import Door

SAID = {"customer": "c-10482", "note": "They called"}


def another_company(number: str) -> LegalEntity:
    """A second set of books, with a customer of this number in it."""
    now = clock.now()
    with writing():
        west = LegalEntity.objects.create(name="Northwind West", zone="UTC", currency="USD")
        CustomerAccount.objects.create(
            legal_entity=west, erp_id=str(new_id()), erp_etag="x", number=number,
            name="Somebody else", currency="USD", changed_at=now, synced_at=now,
        )  # fmt: skip
    return west


def booked_for() -> list[str]:
    with reading():
        return list(Payment.objects.values_list("customer_account__name", flat=True))


@pytest.mark.failure("F53", "F60")
def test_a_number_of_two_companies_is_taken_for_neither_until_one_is_chosen(
    quiet_door: Door,
) -> None:
    west = another_company("C-10482")
    unknown_charge(quiet_door)
    read(quiet_door)
    client = quiet_door.clerk()
    page = client.get("/office/exceptions")
    book = action(page, "book")

    unclear = client.post(book, SAID)
    before = booked_for()
    answer = client.post(book, SAID | {"company": str(west.pk)})

    assert "Northwind West" in words(page)
    assert unclear.status_code == 409
    assert "Choose the company" in words(unclear)
    assert 'value="c-10482"' in unclear.content.decode()
    assert "They called" in words(unclear)
    assert before == []
    assert answer["Location"] == "/office/exceptions?done=adopted"
    assert booked_for() == ["Somebody else"]


def test_a_number_that_the_chosen_company_does_not_have_is_nobodys(quiet_door: Door) -> None:
    west = another_company("C-77777")
    unknown_charge(quiet_door)
    read(quiet_door)
    client = quiet_door.clerk()
    book = action(client.get("/office/exceptions"), "book")

    wrong = client.post(book, SAID | {"company": str(west.pk)})
    before = booked_for()
    client.post(book, SAID)

    assert wrong.status_code == 409
    assert "No customer has this number" in words(wrong)
    assert before == []
    assert len(booked_for()) == 1
