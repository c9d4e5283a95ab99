"""A box in the network sends requests once more, later: the ERP still has the money once."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import httpx
import pytest

from quittance.connections import open as opened
from quittance.connections.open import erp_for
from quittance.payments.models import Payment
from quittance.posting.models import ErpPosting
from quittance.tenancy.rows import reading
from tests.ground import Ground


def heard(ground: Ground) -> list[httpx.Request]:
    """From now on every request to the ERP is kept."""
    requests: list[httpx.Request] = []
    erp_for(ground.legal_entity_id, seconds=60.0)
    for _, client in opened._opened.values():
        client.event_hooks = {"request": [requests.append]}
    return requests


def send_again(ground: Ground, requests: Sequence[httpx.Request]) -> list[int]:
    """Send the lines and then the posts among these once more, as they were; return the answers."""
    writes = [each for each in requests if each.method == "POST"]
    lines = [each for each in writes if each.url.path.endswith("customerPayments")]
    posts = [each for each in writes if each.url.path.endswith("Microsoft.NAV.post")]
    copies = [
        httpx.Request(each.method, each.url, headers=each.headers, content=each.content)
        for each in [*lines, *posts]
    ]
    return [ground.world.client.send(each).status_code for each in copies]


def booked(ground: Ground, payment: Payment) -> list[Decimal]:
    """What the ERP has under the payment's number."""
    entries = ground.world.erp_ledger(payment.number)
    return sorted(Decimal(each["amount"]) for each in entries)


@pytest.mark.failure("F38", "F40")
def test_a_line_and_a_post_that_come_again_after_the_post_book_nothing_twice(
    ground: Ground,
) -> None:
    payment = ground.pay((ground.bill("250.00"), "100.00"), (ground.bill("99.99"), "40.01"))
    ground.on_page(payment)
    requests = heard(ground)
    payment = ground.advance(payment)

    answers = send_again(ground, requests)

    # A post leaves an empty line behind, so the first number is taken; the second line is not.
    assert answers == [400, 201, 409]
    assert booked(ground, payment) == [-100, Decimal("-40.01")]


@pytest.mark.failure("F38", "F40")
def test_they_book_nothing_twice_when_the_answer_to_the_post_was_lost(ground: Ground) -> None:
    payment = ground.pay((ground.bill("250.00"), "100.00"), (ground.bill("99.99"), "40.01"))
    ground.on_page(payment)
    requests = heard(ground)
    ground.world.erp_fault("POST .*Microsoft.NAV.post", "drop_after")
    payment = ground.advance(payment)
    payment = ground.advance(payment)  # the look that finds it
    with reading():
        assert ErpPosting.objects.get(source_id=payment.pk).status == "confirmed"

    answers = send_again(ground, requests)

    assert answers == [400, 201, 409]
    assert booked(ground, payment) == [-100, Decimal("-40.01")]
