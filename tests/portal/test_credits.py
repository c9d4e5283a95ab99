"""Credits: what is left of each, where it came from, and what it was used for."""

from __future__ import annotations

import re
from datetime import date, timedelta

from quittance.payments.models import Allocation, CreditUse
from quittance.tenancy.rows import writing
from tests.ground import HARBORLINE
from tests.portal.doors import Door
from tests.portal.mirrored import put_credit
from tests.portal.test_access import MISSING
from tests.portal.test_overview import questions


def numbers(content: bytes) -> list[str]:
    return re.findall(r'class="id" href="[^"]*"><bdi>([^<]*)<', content.decode())


def test_open_ones_are_listed_first_and_used_up_ones_stay_to_be_seen(door: Door) -> None:
    own = door.ground.account(HARBORLINE)
    begin = date(2026, 1, 1)
    made = [put_credit(own, 1_000, issued_date=begin + timedelta(days=n)) for n in range(52)]
    used = put_credit(own, 0, total_minor=700, issued_date=begin - timedelta(days=1))
    client = door.buyer()

    first = client.get("/credits")
    onward = re.search(r'href="(/credits[^"]*)">Older', first.content.decode())
    assert onward
    second = client.get(onward[1].replace("&amp;", "&"))
    back = re.search(r'href="(/credits[^"]*)">Newer', second.content.decode())
    assert back

    newest = [each.number for each in reversed(made)]
    assert numbers(first.content) + numbers(second.content) == newest
    assert numbers(client.get(back[1].replace("&amp;", "&")).content) == newest[:50]
    assert used.number not in newest
    assert f">{used.number}<" in client.get(f"/credits/{used.pk}").content.decode()
    assert "Used up" in client.get(f"/credits/{used.pk}").content.decode()


def test_a_credit_says_what_it_was_used_for_here_and_elsewhere(door: Door) -> None:
    ground = door.ground
    invoice = ground.bill("250.00")
    payment = ground.pay((invoice, "100.00"))
    credit = put_credit(ground.account(HARBORLINE), 4_000, total_minor=10_000)
    facts = {
        "customer_account_id": credit.customer_account_id, "payment": payment, "credit": credit,
        "invoice": invoice, "currency": "USD", "open_seen_minor": 10_000,
        "in_flight_seen_minor": 0, "version_seen": 1,
    }  # fmt: skip
    with writing():
        use = CreditUse.objects.create(amount_minor=1_500, **facts)
        for status in (Allocation.Status.CONSUMED, Allocation.Status.REFLECTED):
            CreditUse.objects.filter(pk=use.pk).update(status=status)

    page = door.buyer().get(f"/credits/{credit.pk}").content.decode()

    assert f'href="/invoices/{invoice.pk}"' in page
    assert f'href="/payments/{payment.pk}"' in page
    assert "$15.00" in page
    assert "$45.00" in page  # applied by the seller: 100 less 40 that is left less 15
    assert '$40<span class="cents">.00</span>' in page


def test_a_use_that_the_books_may_show_already_is_told_once(door: Door) -> None:
    ground = door.ground
    invoice = ground.bill("250.00")
    payment = ground.pay((invoice, "100.00"))
    own = ground.account(HARBORLINE)
    shown, hidden = put_credit(own, 8_500, total_minor=10_000), put_credit(own, 10_000)
    with writing():
        for credit in (shown, hidden):
            use = CreditUse.objects.create(
                customer_account_id=own.pk, payment=payment, credit=credit, invoice=invoice,
                currency="USD", open_seen_minor=10_000, in_flight_seen_minor=0, version_seen=1,
                amount_minor=1_500,
            )  # fmt: skip
            CreditUse.objects.filter(pk=use.pk).update(status=Allocation.Status.CONSUMED)
    client = door.buyer()

    for credit in (shown, hidden):
        page = client.get(f"/credits/{credit.pk}").content.decode()
        assert f'href="/payments/{payment.pk}"' in page
        assert "$15.00" in page
        assert "Applied by" not in page


def test_no_more_is_being_used_than_is_left(door: Door) -> None:
    ground = door.ground
    invoice = ground.bill("250.00")
    payment = ground.pay((invoice, "100.00"))
    own = ground.account(HARBORLINE)
    credit = put_credit(own, 0, total_minor=1_500)
    with writing():
        CreditUse.objects.create(
            customer_account_id=own.pk, payment=payment, credit=credit, invoice=invoice,
            currency="USD", open_seen_minor=1_500, in_flight_seen_minor=0, version_seen=1,
            amount_minor=1_500,
        )  # fmt: skip
    client = door.buyer()

    page, list_ = client.get(f"/credits/{credit.pk}"), client.get("/credits?tab=all")

    assert f">{credit.number}<" in list_.content.decode()
    assert "being used" not in page.content.decode() + list_.content.decode()


def test_money_of_ours_that_pays_no_invoice_names_its_payment(door: Door) -> None:
    ground = door.ground
    payment = ground.paid((ground.bill("250.00"), "100.00"))
    own = ground.account(HARBORLINE)
    credit = put_credit(own, 2_500, kind="payment", number=payment.number)

    page = door.buyer().get(f"/credits/{credit.pk}").content.decode()

    assert f'href="/payments/{payment.pk}">{payment.number}<' in page


def test_a_strangers_credit_and_a_missing_one_get_the_same_answer(door: Door) -> None:
    credit = put_credit(door.ground.account(HARBORLINE), 1_000)
    client = door.stranger()

    foreign, missing = client.get(f"/credits/{credit.pk}"), client.get(f"/credits/{MISSING}")

    assert (foreign.status_code, foreign.content) == (404, missing.content)
    assert credit.number not in client.get("/credits?tab=all").content.decode()


def test_the_pages_ask_the_database_few_questions(door: Door) -> None:
    credit = put_credit(door.ground.account(HARBORLINE), 1_000, kind="payment")
    client = door.buyer()

    asked = {each: questions(client, each) for each in ("/credits", f"/credits/{credit.pk}")}

    assert {each: n for each, n in asked.items() if not 4 < n <= 8} == {}
