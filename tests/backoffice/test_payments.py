"""The AR team sees every payment with all that hangs on it, and can retry what was rejected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern

from quittance.backoffice.urls import urlpatterns
from quittance.payments.models import Payment
from tests.portal.doors import Door

MISSING = "00000000-0000-7000-8000-000000000000"


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def knock(client: Client, pattern: URLPattern) -> Any:
    where = "/office/" + str(pattern.pattern).replace("<slug:number>", "P-0000-0000-0").replace(
        "<uuid:posting_id>", MISSING
    )
    return client.post(where) if pattern.name in {"retry", "settle"} else client.get(where)


@contextmanager
def blocked(door: Door) -> Iterator[None]:
    """While this lasts, the ERP refuses payments of Harborline."""
    door.ground.world.clerk("block-customer", customer="C-10482", blocked="All")
    try:
        yield
    finally:
        door.ground.world.clerk("block-customer", customer="C-10482", blocked=" ")


def rejected(door: Door) -> Any:
    payment = door.ground.pay((door.ground.bill("250.00"), "250.00"))
    door.ground.on_page(payment)
    with blocked(door):
        return door.ground.advance(payment)


def test_every_view_says_which_permission_it_needs() -> None:
    assert [each.name for each in urlpatterns if not getattr(each.callback, "access", "")] == []


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda each: each.name)
def test_strangers_sign_in_first_and_buyers_find_nothing(pattern: URLPattern, door: Door) -> None:
    assert knock(door.client(), pattern)["Location"].startswith("/sign-in")
    assert knock(door.buyer(), pattern).status_code == 404


def test_the_list_finds_a_payment_by_its_number_and_its_customers(door: Door) -> None:
    one = door.ground.paid((door.ground.bill("250.00"), "250.00"))
    two = door.ground.pay((door.ground.bill("80.00", customer="C-20077"), "80.00"))
    client = door.clerk()

    everything = words(client.get("/office/payments"))
    by_number = words(client.get(f"/office/payments?q={one.number.lower()}"))
    by_customer = words(client.get("/office/payments?q=C-20077"))
    under_way = words(client.get("/office/payments?tab=under_way"))

    assert one.number in everything
    assert two.number in everything
    assert two.number not in by_number
    assert one.number not in by_customer
    assert one.number not in under_way
    assert two.number in under_way


def test_a_payment_shows_the_gateway_the_erp_the_ledger_and_what_happened(door: Door) -> None:
    invoice = door.ground.bill("250.00")
    payment = door.ground.paid((invoice, "100.00"))

    page = words(door.clerk().get(f"/office/payments/{payment.number}"))

    for expected in (
        invoice.number, "Partly settled", f"Posted as {payment.number}", "Visa ••4242",
        "ERP: Posted and read back", "Payment: Started", "captured $100.00", "captured −$100.00",
        "pay_",
    ):  # fmt: skip
        assert expected in page


def test_a_rejected_posting_is_shown_in_the_erps_own_words(door: Door) -> None:
    payment = rejected(door)
    client = door.clerk()

    waiting = words(client.get("/office/exceptions"))
    page = words(client.get(f"/office/payments/{payment.number}"))

    assert payment.number in waiting
    assert "locked" in waiting
    assert "The ERP rejected" in page
    assert "Retry" in page


def jobs_of(payment: Payment) -> list[object]:
    """The jobs that wait for a worker to go on with the payment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM procrastinate_jobs WHERE status = 'todo' AND args->>'payment_id' = %s",
            [str(payment.pk)],
        )
        return cursor.fetchall()


def test_a_retry_posts_it_once_the_cause_is_mended(door: Door) -> None:
    payment = rejected(door)
    client = door.clerk()
    retry = re.search(
        r'action="(/office/postings/[^"]*/retry)"',
        client.get("/office/exceptions").content.decode(),
    )
    assert retry

    answer = client.post(retry[1])
    assert jobs_of(payment), "nobody would post it"
    door.ground.advance(payment)
    again = client.post(retry[1])

    assert answer["Location"] == f"/office/payments/{payment.number}"
    assert f"Posted as {payment.number}" in words(client.get(answer["Location"]))
    assert "Posting retried" in words(client.get(answer["Location"]))
    assert again.status_code == 409
    assert "Nothing waits for you" in words(client.get("/office/exceptions"))


def test_a_remark_stands_among_the_exceptions_until_somebody_has_seen_to_it(door: Door) -> None:
    invoice = door.ground.bill("100.00")
    payment = door.ground.pay((invoice, "100.00"))
    door.ground.on_page(payment)
    door.ground.world.clerk("post-payment", invoice=invoice.number, amount="50.00")
    door.ground.advance(payment)
    client = door.clerk()
    listed = client.get("/office/exceptions")
    settle = re.search(r'action="(/office/postings/[^"]*/settle)"', listed.content.decode())
    assert settle

    answer = client.post(settle[1])

    assert "50.00 USD was open" in words(listed)
    assert answer["Location"] == "/office/exceptions"
    assert "Nothing waits for you" in words(client.get("/office/exceptions"))
    assert client.post(settle[1]).status_code == 409


def test_an_auditor_sees_a_rejection_but_cannot_retry_it(door: Door) -> None:
    rejected(door)
    client = door.signed_in(email="audit@example.test", role="auditor")

    page = client.get("/office/exceptions")

    assert "Retry" not in words(page)
    assert client.post(f"/office/postings/{MISSING}/retry").status_code == 404


def test_another_organizations_payment_is_as_if_it_never_was(door: Door) -> None:
    client = door.clerk()

    assert client.get("/office/payments/P-0000-0000-0").status_code == 404
