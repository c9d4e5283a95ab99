"""Refused money finds its place: other invoices, the account, or a booking by hand; never twice."""

from __future__ import annotations

from typing import Any

import pytest

from quittance.payments.models import Payment
from quittance.posting.models import Correction, ErpPosting
from quittance.tenancy.rows import reading
from tests.backoffice.office import (
    action,
    fields,
    posting_of,
    refused,
    rejected,
    two_persons_above,
    words,
)
from tests.portal.doors import Door


def page_of(client: Any, payment: Payment, way: str = "") -> Any:
    return client.get(f"/office/exceptions/posting/{posting_of(payment).pk}?way={way}")


def open_minor(door: Door, number: str) -> int:
    """What the ERP itself says is open of an invoice."""
    from quittance.receivables.models import Invoice

    with reading():
        erp_id = Invoice.objects.get(number=number).erp_id
    return door.ground.read(erp_id).open_minor


def test_refused_money_pays_another_invoice_and_the_erp_shows_it(door: Door) -> None:
    payment = refused(door)
    other = door.ground.bill("80.00")
    client = door.clerk()
    page = page_of(client, payment)
    said = dict.fromkeys(fields(page, "allocate"), "") | {
        "csrfmiddlewaretoken": "", f"to-{other.pk}": "80.00", "note": "Meant for the later one",
    }  # fmt: skip

    answer = client.post(action(page, "allocate"), said)
    door.ground.advance(payment)

    assert answer["Location"] == "/office/exceptions?done=allocated"
    assert open_minor(door, other.number) == 0
    shown = words(client.get(f"/office/payments/{payment.number}"))
    for expected in (other.number, "On account", "$170.00", "Meant for the later one", "Replaced"):
        assert expected in shown
    entries = door.ground.world.erp_ledger(posting_of(payment).document_number)
    assert entries, "the ERP knows nothing of it"


def test_refused_money_goes_on_account_and_its_invoice_is_open_again(door: Door) -> None:
    payment = refused(door)
    client = door.clerk()
    page = page_of(client, payment)

    answer = client.post(action(page, "on-account"), {"note": "The invoice is wrong"})
    door.ground.advance(payment)

    assert answer["Location"] == "/office/exceptions?done=on_account"
    with reading():
        payment.refresh_from_db()
        (allocation,) = payment.allocations.select_related("invoice")
    assert payment.on_account_minor == 25_000
    assert open_minor(door, allocation.invoice.number) == 25_000
    assert posting_of(payment).status == ErpPosting.Status.CONFIRMED


def test_more_than_came_cannot_be_applied(door: Door) -> None:
    payment = refused(door)
    other = door.ground.bill("80.00")
    client = door.clerk()
    page = page_of(client, payment)

    answer = client.post(
        action(page, "allocate"),
        fields(page, "allocate") | {f"to-{other.pk}": "80.00", "note": "x"},
    )

    assert answer.status_code == 422
    assert "These make $330.00, and $250.00 came" in words(answer)
    assert posting_of(payment).status == ErpPosting.Status.REJECTED


def test_more_than_an_invoice_has_open_is_said_beside_it(door: Door) -> None:
    payment = refused(door)
    other = door.ground.bill("80.00")
    client = door.clerk()

    answer = client.post(
        action(page_of(client, payment), "allocate"), {f"to-{other.pk}": "80.01", "note": "x"}
    )

    assert answer.status_code == 422
    assert f"Of {other.number} only $80.00 is free" in words(answer)
    assert fields(answer, "allocate")[f"to-{other.pk}"] == "80.01"


def test_what_was_just_sent_is_not_moved_yet(door: Door) -> None:
    payment = rejected(door)
    client = door.clerk()

    answer = client.post(action(page_of(client, payment), "on-account"), {"note": "Wrong invoice"})

    assert answer.status_code == 409
    assert "may still be under way in the ERP" in words(answer)
    assert "Wrong invoice" in words(answer)


def test_a_booking_by_hand_needs_a_note_and_stands_in_the_timeline(door: Door) -> None:
    payment = refused(door)
    client = door.clerk()
    booked = action(page_of(client, payment), "booked")

    silent, answer = client.post(booked, {"note": " "}), client.post(booked, {"note": "BANK-0042"})

    assert silent.status_code == 409
    assert "Say in a few words why" in words(silent)
    assert answer["Location"] == "/office/exceptions?done=booked"
    shown = words(client.get(f"/office/payments/{payment.number}"))
    assert "BANK-0042" in shown
    assert "Booked by hand" in shown
    assert "Posting handled" in shown


def test_what_was_not_booked_after_all_goes_to_the_erp_once(door: Door) -> None:
    payment = refused(door)
    client = door.clerk()
    client.post(action(page_of(client, payment), "booked"), {"note": "BANK-0042"})
    undo = action(client.get(f"/office/payments/{payment.number}"), "undo")

    answer, again = client.post(undo, {"note": "It was not"}), client.post(undo, {"note": "No"})
    door.ground.advance(payment)

    assert answer["Location"] == f"/office/payments/{payment.number}?done=undone"
    assert again.status_code == 409
    assert posting_of(payment).status == ErpPosting.Status.CONFIRMED
    assert "It was not" in words(client.get(f"/office/payments/{payment.number}"))


@pytest.mark.failure("F60")
def test_above_the_limit_a_second_person_confirms(door: Door) -> None:
    payment = refused(door)
    two_persons_above(door, 10_000)
    one, two = door.clerk(), door.signed_in(email="mo@example.test", role="clerk")
    page = page_of(one, payment)

    asked = one.post(action(page, "booked"), {"note": "BANK-0042"})
    own = one.get(asked["Location"])
    theirs = page_of(two, payment)
    with reading():
        correction = Correction.objects.get()
    selfish = one.post(f"/office/corrections/{correction.pk}/confirm")
    confirmed = two.post(action(theirs, "confirm"))

    assert "A second person confirms it" in words(own)
    assert "somebody else confirms it" in words(own)
    assert "BANK-0042" in words(theirs)
    assert selfish.status_code == 409
    assert "somebody else has to confirm" in words(selfish)
    assert confirmed["Location"] == f"/office/payments/{payment.number}?done=confirmed"
    assert posting_of(payment).status == ErpPosting.Status.HANDLED


def test_what_waits_for_a_second_person_can_be_withdrawn(door: Door) -> None:
    payment = refused(door)
    two_persons_above(door, 10_000)
    client = door.clerk()
    client.post(action(page_of(client, payment), "on-account"), {"note": "Wrong"})

    answer = client.post(action(page_of(client, payment), "withdraw"))

    assert answer["Location"].endswith("?done=withdrawn")
    assert posting_of(payment).status == ErpPosting.Status.REJECTED
    with reading():
        assert Correction.objects.get().outcome == Correction.Outcome.WITHDRAWN


def test_the_steps_of_a_reversal_stand_numbered_until_it_is_done(door: Door) -> None:
    from quittance.core.money import Money
    from quittance.payments.refunds import refund_payment

    payment = door.ground.paid((door.ground.bill("250.00"), "250.00"))
    refund_payment(payment.pk, Money(5_000, "USD"), key="k", reopens=True, note="Twice")
    door.ground.advance(payment)
    client = door.clerk()

    page = client.get("/office/exceptions")
    answer = client.post(action(page, "booked"), {"note": "Done as it says"})

    assert "To be booked by hand" in words(page)
    assert '<ol class="doing"><li>' in page.content.decode()
    assert payment.number in words(page)
    assert answer["Location"] == "/office/exceptions?done=booked"
    assert "Nothing waits for you" in words(client.get("/office/exceptions"))
