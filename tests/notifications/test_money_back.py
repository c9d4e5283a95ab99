"""The mails about money that goes back: how much, of which payment, and what the payer does."""

from __future__ import annotations

from uuid import UUID

import pytest

from quittance.notifications.words import write
from quittance.tenancy.rows import reading

FACTS = {"number": "P-1", "amount_minor": 12345, "currency": "USD", "why": "the account is closed."}


@pytest.mark.parametrize("kind", ["surplus", "refunded", "returned"])
def test_a_mail_about_money_that_goes_back_says_number_and_amount(
    organization: UUID, kind: str
) -> None:
    with reading():
        words = write(kind, FACTS)

    assert "123.45 USD" in words.subject
    assert "P-1" in words.text
    assert "123.45 USD" in words.text


def test_a_payer_whose_bank_returned_a_payment_is_told_why(organization: UUID) -> None:
    with reading():
        words = write("returned", FACTS)

    assert "the account is closed." in words.text
    assert "owed again" in words.text
