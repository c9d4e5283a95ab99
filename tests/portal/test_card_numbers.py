"""No form takes the number of a card, whichever of its fields it stands in."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from quittance.ui.typed import typed_of
from tests.portal.doors import Door

CARD = "4012 8888 8888 1881"


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/profile/you", "name"), ("/invoices/0/dispute", "words"), ("/sign-in", "email"),
        ("/remittance/read", "text"), ("/language", "then"),
    ],
)  # fmt: skip
def test_a_form_with_a_card_is_refused_and_says_what_to_do(
    door: Door, address: str, field: str
) -> None:
    address = address.replace("/0/", f"/{door.ground.bill('10.00').pk}/")

    answer = door.buyer().post(address, {field: f"my card is {CARD}"})

    assert answer.status_code == 422
    text = answer.content.decode()
    assert "This holds the number of a card" in text
    assert "take the number out" in text
    assert "1881" not in text


def test_a_card_beside_a_file_is_refused_too(door: Door) -> None:
    invoice = door.ground.bill("10.00").pk
    sent = {"words": CARD, "files": SimpleUploadedFile("a.pdf", b"%PDF-1.4")}

    assert door.buyer().post(f"/invoices/{invoice}/dispute", sent).status_code == 422


def test_in_the_back_office_it_is_refused_as_well(door: Door) -> None:
    client = door.clerk()

    assert client.post("/office/links/keep", {"note": CARD}).status_code == 422
    assert typed_of(client.session) is None


def test_what_is_no_card_goes_on_to_its_form(door: Door) -> None:
    answer = door.client().post("/theme", {"theme": "dark", "then": "/4012888888881882"})

    assert answer.status_code == 302
