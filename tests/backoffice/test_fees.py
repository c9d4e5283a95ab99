"""The page of fees: none unless somebody writes one, and what is written there is quoted."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from quittance.core import clock
from quittance.payments.models import FeeRule
from quittance.tenancy.rows import reading
from tests.backoffice.office import action, fields, words
from tests.portal.doors import Door, begin_checkout

PAGE = "/office/fees"
ZONE = "America/Los_Angeles"


def manager(door: Door) -> Client:
    return door.signed_in(email="mia@example.test", role="manager")


def methods(buyer: Client, basket: str) -> str:
    return words(buyer.get(f"{basket}/method"))


def test_a_fee_is_written_quoted_by_its_method_and_ended(door: Door) -> None:
    office, buyer = manager(door), door.buyer()
    none = words(office.get(PAGE))
    basket = begin_checkout(buyer, door.ground.bill("100.00"))
    before = methods(buyer, basket)
    form = fields(office.get(f"{PAGE}/new"), "fees/keep")
    typed = {"method": "card", "currency": "usd", "percent": "2.5 %", "fixed": "0.30"}

    kept = office.post(f"{PAGE}/keep", form | typed)
    listed = office.get(PAGE)
    quoted = methods(buyer, basket)
    yesterday = clock.today(ZONE) - timedelta(days=1)
    ended = office.post(action(listed, "end"), {"last_day": yesterday.isoformat()})

    assert "No fee: every way to pay costs the payer nothing on top" in none
    assert "fee" not in before.replace("No fee", "")
    assert kept["Location"] == f"{PAGE}?done=kept"
    assert "Card · USD 2.50 % + $0.30" in words(listed)
    assert "+ $2.80 fee" in quoted
    assert ended["Location"] == f"{PAGE}?done=ended"
    assert "+ $2.80 fee" not in methods(buyer, basket)
    with reading():
        assert not FeeRule.objects.exists()  # it began today, so it never counted


def test_ways_to_pay_have_their_names_in_form_and_list(door: Door) -> None:
    office = manager(door)
    new = office.get(f"{PAGE}/new")
    typed = {"method": "bank_debit", "currency": "USD", "percent": "1"}
    office.post(f"{PAGE}/keep", fields(new, "fees/keep") | typed)

    for page in (words(new), words(office.get(PAGE))):
        assert "Bank debit" in page
        assert "bank_debit" not in page


def test_what_overlaps_or_cannot_be_read_comes_back_as_it_was_typed(door: Door) -> None:
    office = manager(door)
    form = fields(office.get(f"{PAGE}/new"), "fees/keep")
    typed = {"method": "bank_debit", "currency": "USD", "percent": "2.5"}
    office.post(f"{PAGE}/keep", form | typed)

    again = office.post(f"{PAGE}/keep", form | typed | {"percent": "1"})
    unread = office.post(f"{PAGE}/keep", form | typed | {"percent": "2.555"})
    dated = office.post(f"{PAGE}/keep", form | typed | {"valid_from": "soon"})

    assert (again.status_code, unread.status_code, dated.status_code) == (422, 422, 422)
    assert "there is a fee for bank debit in USD already" in words(again)
    assert 'value="1"' in again.content.decode()
    assert "Write a percentage like 2.5" in words(unread)
    assert 'value="2.555"' in unread.content.decode()
    assert "Say from which day on" in words(dated)
    with reading():
        assert FeeRule.objects.count() == 1


def test_an_end_that_cannot_be_says_why_and_changes_nothing(door: Door) -> None:
    office = manager(door)
    form = fields(office.get(f"{PAGE}/new"), "fees/keep")
    office.post(f"{PAGE}/keep", form | {"method": "card", "currency": "USD", "percent": "1"})
    end = action(office.get(PAGE), "end")

    past = office.post(end, {"last_day": "2020-01-01"})
    unread = office.post(end, {"last_day": "soon"})

    assert (past.status_code, unread.status_code) == (409, 409)
    assert "Days that are over cannot be changed" in words(past)
    assert "Write a day as 2026-12-31" in words(unread)
    with reading():
        assert FeeRule.objects.get().valid_until is None


def test_only_who_may_connect_sees_and_changes_fees(door: Door) -> None:
    clerk = door.clerk()

    assert clerk.get(PAGE).status_code == 404
    assert clerk.post(f"{PAGE}/keep", {"method": "card", "percent": "1"}).status_code == 404
    with reading():
        assert not FeeRule.objects.exists()
