"""A bank's file is kept once, of our own account only; what a clerk decides is booked once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError

from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.money import Money
from quittance.payments.models import Payment
from quittance.payments.orders import Suspended
from quittance.posting.models import ErpPosting
from quittance.receivables.models import CustomerAccount
from quittance.reconciliation.checking import check
from quittance.reconciliation.models import GatewayMovement
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading, writing
from quittance.transfers import deciding
from quittance.transfers.accounts import CannotBeRight, Told, keep_account, problems_of
from quittance.transfers.announce import NotOpen, cancel
from quittance.transfers.booking import CannotBeBooked, object_of
from quittance.transfers.closing import LAPSES_AFTER, close_what_is_over
from quittance.transfers.matching import match, match_waiting
from quittance.transfers.models import Announcement, BankEntry, BankStatement
from quittance.transfers.statements import BookedElsewhere, NotOurs, keep_by_hand
from quittance.transfers.transitions import DecidedMeanwhile
from tests.ground import Ground
from tests.transfers.bank import (
    IBAN,
    Came,
    again,
    announced,
    bank_account,
    entries,
    keep,
    read,
    statement,
)

A, E = Announcement.Status, BankEntry.Status


def only() -> BankEntry:
    """The one movement that there is."""
    (entry,) = entries()
    return entry


def test_a_file_of_another_account_is_refused_whole(ground: Ground) -> None:
    bank_account(ground)

    for facts in ({"account": IBAN}, {"account": ""}, {"currency": "EUR"}):
        with pytest.raises(NotOurs, match="not in the list"):
            keep(statement(Came("1.00"), **facts))

    with reading():
        assert not BankStatement.objects.exists()


def test_where_the_erp_books_the_account_no_statement_is_read_here(ground: Ground) -> None:
    account = bank_account(ground, booked_by="erp")

    with pytest.raises(BookedElsewhere):
        keep(statement(Came("1.00")))
    with pytest.raises(BookedElsewhere):
        keep_by_hand(account.pk, amount=Money(1, "USD"), booked=clock.now().date(), payer="",
                     text="")  # fmt: skip


def test_what_waits_is_booked_by_nobody_here_once_the_erp_books_the_account(
    ground: Ground,
) -> None:
    account = bank_account(ground)
    told = announced(ground, ground.bill("90.00"))
    keep(statement(Came("90.00", reference=told.reference)))
    parts = {"owner": "N", "bank_name": "B", "number": account.number, "currency": "USD",
             "bank_code": account.bank_code, "booked_by": "erp"}  # fmt: skip
    keep_account(ground.legal_entity_id, Told(**parts), account_id=account.pk)

    assert match_waiting() == 0

    assert "The ERP books this account now" in only().why
    with reading():
        assert not Payment.objects.exists()


def test_a_movement_that_breaks_our_own_rules_is_parked_and_the_next_one_goes_on(
    ground: Ground,
) -> None:
    account = bank_account(ground)
    first, second = announced(ground, ground.bill("90.00")), announced(ground, ground.bill("8.00"))
    keep(statement(Came("90.00", reference=first.reference), Came("8.00", text=second.reference)))
    bad = max(entries(), key=lambda entry: entry.amount_minor)
    with writing():  # its place in the books is taken
        GatewayMovement.objects.create(
            gateway_account_id=account.gateway_account_id, movement_id=object_of(bad),
            kind="charge", gross_minor=1, fee_minor=0, currency="USD", happened_at=clock.now(),
            read_at=clock.now(),
        )  # fmt: skip

    assert match_waiting() == 1

    assert "fault on our side" in again(bad).why
    assert again(first).status == A.ANNOUNCED
    assert again(second).status == A.MATCHED


def test_money_in_another_currency_or_that_went_away_waits_for_a_person(ground: Ground) -> None:
    bank_account(ground)
    told = announced(ground, ground.bill("90.00"))

    read(
        Came("90.00", reference=told.reference, currency="EUR"),
        Came("90.00", reference=told.reference, sign="DBIT", reversal=True),
    )

    foreign, gone = sorted(entries(), key=lambda entry: -entry.amount_minor)
    assert "another currency" in foreign.why
    assert "sent back by a bank" in gone.why
    for entry in (foreign, gone):
        assert entry.status == E.WAITING
        with pytest.raises(CannotBeBooked):
            deciding.book_for(entry.pk, told.pk, {})
    with reading():
        assert not Payment.objects.exists()


def test_money_that_goes_back_names_the_payment_that_it_was(ground: Ground) -> None:
    bank_account(ground)
    told = announced(ground, ground.bill("90.00"))
    read(Came("90.00", reference=told.reference))
    read(Came("90.00", reference=told.reference, sign="DBIT", reversal=True, day="2026-11-21"))

    came, went = entries()
    assert came.payment is not None
    assert came.payment.number in went.why
    assert "Take that back in the ERP" in went.why


def test_what_came_too_much_lies_on_the_account_and_everything_adds_up(ground: Ground) -> None:
    bank_account(ground)
    invoice = ground.bill("90.00")
    told = announced(ground, invoice)
    read(Came("100.00", reference=told.reference))

    payment = deciding.book_for(only().pk, told.pk, {invoice.pk: 9000})
    payment = ground.advance(payment)

    assert (payment.amount_minor, payment.on_account_minor) == (10000, 1000)
    with reading():
        posting = ErpPosting.objects.get(source_id=payment.pk)
        assert (posting.amount_minor, posting.status) == (10000, ErpPosting.Status.CONFIRMED)
    assert ground.read(invoice.erp_id).open_minor == 0
    assert again(told).status == A.MATCHED
    assert list(check(older_than=timedelta())) == []


def test_money_of_a_customer_without_an_announcement_lies_on_their_account(ground: Ground) -> None:
    bank_account(ground)
    read(Came("40.00", text="hello"))

    payment = ground.advance(deciding.book_on_account(only().pk, "C-10482"))

    assert (payment.on_account_minor, payment.method) == (4000, "bank_transfer")
    with reading():
        assert ErpPosting.objects.get().status == ErpPosting.Status.CONFIRMED
    with pytest.raises(DecidedMeanwhile):
        deciding.book_on_account(only().pk, "C-10482")
    with pytest.raises(deciding.NoSuchCustomer):
        deciding.book_on_account(only().pk, "C-1")


def test_money_is_not_booked_for_a_customer_of_books_that_were_left(ground: Ground) -> None:
    bank_account(ground)
    invoice = ground.bill("40.00")
    told = announced(ground, invoice)
    read(Came("40.00", text="hello"))
    with writing():
        CustomerAccount.objects.filter(number="C-10482").update(gone_at=clock.now())

    with pytest.raises(deciding.NoSuchCustomer):
        deciding.book_on_account(only().pk, "C-10482")
    with pytest.raises(CannotBeBooked, match="not one of the legal entity"):
        deciding.book_for(only().pk, told.pk, {invoice.pk: 4000})


def test_amounts_that_do_not_add_up_are_refused(ground: Ground) -> None:
    bank_account(ground)
    invoices = [ground.bill("90.00"), ground.bill("20.00")]
    told = announced(ground, *invoices)
    read(Came("100.00", reference=told.reference))

    for shares, words in (([9000, 2000], "allocated"), ([0], "above zero"), ([-5], "above zero")):
        wanted = {each.pk: minor for each, minor in zip(invoices, shares, strict=False)}
        with pytest.raises(CannotBeBooked, match=words):
            deciding.book_for(only().pk, told.pk, wanted)
    with pytest.raises(RuleBroken, match="not one of this transfer"):
        deciding.book_for(only().pk, told.pk, {told.pk: 500})


def test_what_is_set_aside_needs_a_note_and_can_come_back(ground: Ground) -> None:
    bank_account(ground)
    read(Came("40.00"))
    entry = only()

    with pytest.raises(deciding.NoteMissing):
        deciding.set_aside(entry.pk, note=" ")
    deciding.set_aside(entry.pk, note="interest of the bank")
    assert not match(entry.pk)
    assert again(entry).status == E.SET_ASIDE

    told = announced(ground, ground.bill("40.00"))
    deciding.put_back(entry.pk)
    match_waiting()
    assert again(entry).announcement_id == told.pk


def test_a_movement_that_a_clerk_typed_is_matched_and_its_twin_in_a_file_waits(
    ground: Ground,
) -> None:
    account = bank_account(ground)
    told = announced(ground, ground.bill("40.00"))
    typed: dict[str, Any] = {
        "amount": Money(4000, "USD"), "booked": clock.now().date(), "payer": "Harborline",
        "text": told.reference,
    }  # fmt: skip
    entry = keep_by_hand(account.pk, **typed)
    with pytest.raises(RuleBroken, match="in the list already"):
        keep_by_hand(account.pk, **typed)

    assert match(entry.pk)
    read(Came("40.00", text=told.reference, day=clock.now().date().isoformat()))

    twin = entries()[-1]
    assert (twin.status, twin.payment) == (E.WAITING, None)
    assert "twice" in twin.why


def test_a_transfer_that_was_taken_back_waits_for_no_money_but_money_may_come(
    ground: Ground,
) -> None:
    bank_account(ground)
    invoice = ground.bill("40.00")
    told = announced(ground, invoice)
    assert again(cancel(told.pk)).status == A.CANCELLED
    assert cancel(told.pk).status == A.CANCELLED, "twice is once"

    read(Came("40.00", reference=told.reference))
    entry = only()
    assert "does not wait for money any more" in entry.why
    deciding.book_for(entry.pk, told.pk, {invoice.pk: 4000})

    assert again(told).status == A.MATCHED
    with pytest.raises(NotOpen):
        cancel(told.pk)


@pytest.mark.failure("F58")
def test_a_suspended_portal_takes_no_announcement_and_books_what_comes_for_an_earlier_one(
    ground: Ground,
) -> None:
    bank_account(ground)
    told, late = announced(ground, ground.bill("40.00")), ground.bill("7.00")
    with writing():
        Organization.objects.filter(pk=ground.organization_id).update(suspended_at=clock.now())

    with pytest.raises(Suspended):
        announced(ground, late)
    read(Came("40.00", reference=told.reference))

    assert only().status == E.MATCHED
    assert again(told).status == A.MATCHED


def test_a_transfer_that_never_comes_lapses(ground: Ground) -> None:
    bank_account(ground)
    told = announced(ground, ground.bill("40.00"))
    with writing():
        Announcement.objects.filter(pk=told.pk).update(
            created_at=clock.now() - LAPSES_AFTER - timedelta(hours=1)
        )

    assert close_what_is_over() == 1
    assert again(told).status == A.LAPSED


def test_what_the_bank_has_told_stays_in_the_database(ground: Ground) -> None:
    bank_account(ground)
    keep(statement(Came("40.00")))
    entry = only()

    for change in ({"amount_minor": 1}, {"status": E.MATCHED}):
        with pytest.raises((DatabaseError, IntegrityError)), writing():
            BankEntry.objects.filter(pk=entry.pk).update(**change)


def test_a_bank_account_that_cannot_be_right_is_told_field_by_field(ground: Ground) -> None:
    wrong = Told.typed(
        {"owner": " ", "iban": "DE00 3704 0044 0532 0130 00", "bic": "x", "currency": "eu",
         "booked_by": "erp"}
    )  # fmt: skip
    assert {field for field, _words in problems_of(wrong)} == {
        "owner", "bank_name", "iban", "bic", "currency",
    }  # fmt: skip
    first = bank_account(ground)
    with pytest.raises(CannotBeRight, match="Switch it off first"):
        bank_account(ground, number="42")
    told = Told(owner="N", bank_name="B", number="42", currency="USD", bank_code="026009593")
    with pytest.raises(CannotBeRight, match="payers have it"):
        keep_account(ground.legal_entity_id, told, account_id=first.pk)
    with pytest.raises(CannotBeRight, match="in the list already"):
        bank_account(ground)
