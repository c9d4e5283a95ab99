"""The AR team at the bank: reads statements, decides what waits, keeps the seller's accounts."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from quittance.payments.models import Payment
from quittance.tenancy.rows import reading
from quittance.transfers.models import Announcement, BankAccount, BankEntry
from tests.backoffice.office import two_persons_above, words
from tests.portal.doors import Door
from tests.transfers.bank import NUMBER, Came, announced, bank_account, entries, read, statement

PARTS = {
    "owner": "Northwind Traders", "bank_name": "First Bank", "currency": "EUR", "bic": "",
    "iban": "DE02 1203 0000 0000 2020 51", "booked_by": "portal",
}  # fmt: skip


def send(client: Any, content: bytes) -> Any:
    """Choose a file and press the button."""
    return client.post(
        "/office/bank/read", {"file": SimpleUploadedFile("camt.xml", content)}, follow=True
    )


def test_a_clerk_reads_a_statement_and_what_fits_is_booked(door: Door) -> None:
    bank_account(door.ground)
    told = announced(door.ground, door.ground.bill("90.00"))
    client = door.clerk()
    assert told.number in words(client.get("/office/bank"))

    file = statement(Came("90.00", text=told.reference), Came("7.00", text="?"))
    page = send(client, file)

    assert "What fits exactly is booked" in words(page)
    assert "Nothing that was announced fits it." in words(page)
    assert "Bank 1 waiting" in words(client.get("/office/payments"))
    with reading():
        payment = Payment.objects.get()
    assert payment.number in words(page)
    assert "Nothing in this file is new" in words(send(client, file))
    assert "declares entities" in words(send(client, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"))
    assert "Choose a file" in words(client.post("/office/bank/read", {}))
    assert "Bank transfer" in words(client.get("/office/payments"))
    assert client.get("/office/books").status_code == 200
    assert "at your bank" in words(client.get(f"/office/payments/{payment.number}/refund"))
    assert f"First Bank ••{NUMBER[-4:]}" not in words(client.get("/office/connections"))


def test_a_clerk_books_another_amount_and_the_rest_lies_on_account(door: Door) -> None:
    bank_account(door.ground)
    invoice = door.ground.bill("90.00")
    told = announced(door.ground, invoice)
    read(Came("95.00", text=told.number))
    (entry,) = entries()
    client, where = door.clerk(), f"/office/bank/entries/{entry.pk}"
    field = f"amount-{invoice.pk}"
    page = client.get(where)
    assert f'name="{field}"' in page.content.decode()
    assert "$95.00 came, $90.00 was announced" in words(page)

    wrong = client.post(f"{where}/book", {"transfer": told.number, field: "9o"})
    assert wrong.status_code == 422
    much = client.post(f"{where}/book", {"transfer": told.number, field: "96"})
    assert much.status_code == 409
    done = client.post(f"{where}/book", {"transfer": told.number, field: "90.00"}, follow=True)

    assert "Booked." in words(done)
    with reading():
        payment = Payment.objects.get()
    assert (payment.amount_minor, payment.on_account_minor) == (9500, 500)
    again = client.post(f"{where}/book", {"transfer": told.number, field: "90.00"})
    assert again.status_code == 409
    assert "decided this meanwhile" in words(again)


def test_more_than_one_person_may_decide_needs_a_manager(door: Door) -> None:
    bank_account(door.ground)
    read(Came("95.00"))
    (entry,) = entries()
    two_persons_above(door, 9000)
    where = f"/office/bank/entries/{entry.pk}"

    refused = door.clerk().post(f"{where}/on-account", {"customer": "C-10482"})
    assert refused.status_code == 409
    assert "Ask a manager" in words(refused)
    manager = door.signed_in(email="mo@example.test", role="manager")
    answer = manager.post(f"{where}/on-account", {"customer": "C-10482"}, follow=True)

    assert "Booked." in words(answer)


def test_what_is_set_aside_says_why_and_comes_back(door: Door) -> None:
    bank_account(door.ground)
    read(Came("5.00", text="interest"))
    (entry,) = entries()
    client, where = door.clerk(), f"/office/bank/entries/{entry.pk}"

    assert client.post(f"{where}/set-aside", {"note": ""}).status_code == 422
    client.post(f"{where}/set-aside", {"note": "interest"})
    assert "interest" in words(client.get("/office/bank"))
    back = client.post(f"{where}/look-again", follow=True)

    assert "It still waits" in words(back)
    with reading():
        assert BankEntry.objects.get().status == BankEntry.Status.WAITING


def test_a_movement_that_is_typed_is_matched_at_once(door: Door) -> None:
    account = bank_account(door.ground)
    told = announced(door.ground, door.ground.bill("90.00"))
    client = door.clerk()
    typed = {"account": str(account.pk), "amount": "90.00", "booked": "2026-11-20",
             "payer": "Harborline", "text": told.reference}  # fmt: skip

    for wrong in ({"amount": "-3"}, {"amount": "x"}, {"booked": "soon"}):
        assert client.post("/office/bank/type", {**typed, **wrong}).status_code == 422
    client.post("/office/bank/type", typed)

    with reading():
        assert Announcement.objects.get().status == Announcement.Status.MATCHED


def test_a_manager_keeps_the_bank_accounts(door: Door) -> None:
    manager = door.signed_in(email="mo@example.test", role="manager")
    parts = {**PARTS, "legal_entity": str(door.ground.legal_entity_id)}
    assert manager.get("/office/bank/accounts/new").status_code == 200

    wrong = manager.post("/office/bank/accounts/keep", {**parts, "iban": "DE00"})
    assert wrong.status_code == 422
    assert "check digits" in words(wrong)
    assert manager.post("/office/bank/accounts/keep", parts).status_code == 303
    with reading():
        row = BankAccount.objects.get()
    where = f"/office/bank/accounts/{row.pk}"
    assert "DE02120300000000202051" in manager.get(where).content.decode()
    fixed = manager.post(f"{where}/change", {**parts, "currency": "USD"})
    assert "payers have it" in words(fixed)
    manager.post(f"{where}/change", {**parts, "bank_name": "Second Bank"})

    with reading():
        row.refresh_from_db()
    assert (row.bank_name, row.is_active) == ("Second Bank", False)
    assert door.clerk().get(where).status_code == 404
