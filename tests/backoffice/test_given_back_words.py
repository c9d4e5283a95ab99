"""What the back office says of invoices whose money a bank gave back."""

from __future__ import annotations

import pytest

from quittance.backoffice.payments.returns import reversal_of
from quittance.core.ids import new_id
from quittance.payments.models import Reversal

K = Reversal.Kind


@pytest.mark.parametrize(
    ("kind", "words"),
    [(K.RETURN, "The invoices stay paid"), (K.DISPUTE, "The invoices are owed again")],
)
def test_a_return_that_was_given_back_owes_nothing_and_a_lost_dispute_won_in_part_does(
    kind: K, words: str
) -> None:
    facts = {
        "currency": "USD", "status": Reversal.Status.SUCCEEDED, "gateway_object": "dp_1",
        "origin": "outside", "note": "told", "organization_id": new_id(),
    }  # fmt: skip
    taken = Reversal(kind=kind, reopens=True, amount_minor=10000, **facts)
    back = Reversal(kind=K.DISPUTE_WON, amount_minor=4000, **facts)

    assert words in reversal_of(taken, [taken, back])["facts"]
