"""What came on the bank account is booked once, for the right invoices, or waits for a person."""

from __future__ import annotations

from quittance.core.money import Money
from quittance.payments.models import Allocation, Payment
from quittance.posting.models import ErpPosting
from quittance.receivables.models import Contact, Invoice
from quittance.reconciliation.compare import days_of_gateways
from quittance.tenancy.rows import reading, writing
from quittance.transfers.closing import close_what_is_over
from quittance.transfers.deciding import book_for, book_on_account
from quittance.transfers.jobs import look
from quittance.transfers.matching import match, match_waiting
from quittance.transfers.models import Announcement, BankEntry
from quittance.transfers.reference import grouped
from tests.ground import EVENTS, Ground
from tests.payments.together import all_at_once
from tests.transfers.bank import (
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


def test_a_transfer_is_booked_in_the_erp_for_the_invoices_that_were_announced(
    ground: Ground,
) -> None:
    bank_account(ground)
    first, second = ground.bill("250.00"), ground.bill("120.00", customer=EVENTS)
    told = announced(ground, first, second)
    with reading():
        assert not Allocation.objects.exists(), "an announcement reserves nothing"

    read(Came("370.00", text=f"Inv 1+2 {grouped(told.reference).lower()} thanks"))
    (entry,) = entries()
    assert entry.status == E.MATCHED, entry.why
    assert entry.payment is not None
    payment = ground.advance(entry.payment)

    assert again(told).status == A.MATCHED
    assert payment.status == Payment.Status.SUCCEEDED
    assert payment.amount == Money(37000, "USD")
    with reading():
        postings = list(ErpPosting.objects.filter(source_id=payment.pk).order_by("amount_minor"))
        assert [each.amount_minor for each in postings] == [12000, 25000], "one for each account"
        assert {each.status for each in postings} == {ErpPosting.Status.CONFIRMED}
        ids = [first.pk, second.pk]
        assert set(Invoice.objects.filter(pk__in=ids).values_list("open_minor", flat=True)) == {0}
        assert [day.difference.minor for day in days_of_gateways(entry.booked_date)] == [0]
    assert ground.world.erp_ledger(postings[0].document_number)


def test_a_file_that_is_read_twice_books_nothing_twice(ground: Ground) -> None:
    bank_account(ground)
    told = announced(ground, ground.bill("90.00"))
    came = Came("90.00", reference=told.reference, bank_reference="B-77")

    assert read(came).news == 1
    kept = read(came)

    assert (kept.lines, kept.news) == (1, 0)
    with reading():
        assert Payment.objects.count() == 1


def test_two_equal_movements_of_one_day_are_two_and_the_second_waits(ground: Ground) -> None:
    bank_account(ground)
    told = announced(ground, ground.bill("90.00"))
    came = Came("90.00", text=told.reference)

    read(came, came)
    read(came, came)

    first, second = entries()
    assert {first.status, second.status} == {E.MATCHED, E.WAITING}
    assert "twice" in first.why + second.why
    with reading():
        assert Payment.objects.count() == 1


def test_another_amount_is_a_suggestion(ground: Ground) -> None:
    bank_account(ground)
    told = announced(ground, ground.bill("90.00"))

    read(Came("89.00", reference=told.reference))

    (entry,) = entries()
    assert (entry.status, entry.announcement_id) == (E.WAITING, told.pk)
    assert entry.why == "89.00 USD came, 90.00 USD was announced."
    assert again(told).status == A.ANNOUNCED


def test_a_reference_that_was_cut_off_is_a_suggestion_and_one_without_its_head_is_found(
    ground: Ground,
) -> None:
    bank_account(ground)
    cut, headless = announced(ground, ground.bill("90.00")), announced(ground, ground.bill("70.00"))

    read(Came("90.00", text=cut.reference[:11]), Came("70.00", text=f"ZAHLUNG{headless.number}"))

    waits, booked = sorted(entries(), key=lambda entry: -entry.amount_minor)
    assert (waits.status, waits.announcement_id) == (E.WAITING, cut.pk)
    assert "end of its reference is missing" in waits.why
    assert (booked.status, booked.announcement_id) == (E.MATCHED, headless.pk)


def test_without_a_reference_amount_and_a_known_account_book_it(ground: Ground) -> None:
    bank_account(ground)
    before = announced(ground, ground.bill("90.00"))
    read(Came("90.00", reference=before.reference))
    told = announced(ground, ground.bill("75.00"))

    read(Came("75.00", text="thank you"))

    assert again(told).status == A.MATCHED


def test_without_a_reference_and_a_known_account_the_amount_is_only_a_suggestion(
    ground: Ground,
) -> None:
    bank_account(ground)
    invoice = ground.bill("90.00")
    told = announced(ground, invoice)

    read(Came("90.00", text="thank you"), Came("11.00", text=f"For {invoice.number}"))

    fits, named = sorted(entries(), key=lambda entry: -entry.amount_minor)
    assert (fits.status, fits.announcement_id) == (E.WAITING, told.pk)
    assert invoice.number in named.why
    assert named.announcement_id is None


def test_a_reference_of_somebody_else_is_booked_for_nobody(ground: Ground) -> None:
    bank_account(ground)
    before = announced(ground, ground.bill("90.00"))
    read(Came("90.00", reference=before.reference))
    told = announced(ground, ground.bill("75.00"))

    read(Came("75.00", reference="RF18539007547034"))

    assert again(told).status == A.ANNOUNCED
    assert "none of ours" in entries()[-1].why


def test_the_reference_tells_the_customer_whoever_pays(ground: Ground) -> None:
    bank_account(ground)
    ours = announced(ground, ground.bill("90.00"))
    theirs = announced(ground, ground.bill("90.00", customer="C-10519"))

    read(Came("90.00", reference=theirs.reference))

    (entry,) = entries()
    assert entry.payment is not None
    assert entry.payment.customer_account_id == theirs.customer_account_id
    assert again(ours).status == A.ANNOUNCED


def test_money_for_an_invoice_that_is_being_paid_otherwise_waits(ground: Ground) -> None:
    bank_account(ground)
    invoice = ground.bill("90.00")
    told = announced(ground, invoice)
    ground.pay((invoice, "90.00"))

    read(Came("90.00", reference=told.reference))

    (entry,) = entries()
    assert (entry.status, entry.announcement_id) == (E.WAITING, told.pk)
    assert "is under way" in entry.why
    assert "charged" not in entry.why
    with reading():
        assert Payment.objects.filter(method="bank_transfer").count() == 0


def test_a_transfer_ends_by_itself_when_the_erp_shows_its_invoices_as_paid(
    ground: Ground,
) -> None:
    bank_account(ground, booked_by="erp")
    invoice, other = ground.bill("90.00"), ground.bill("60.00")
    told, open_ = announced(ground, invoice), announced(ground, other)
    ground.world.clerk("post-payment", invoice=invoice.number, amount="90.00")
    ground.read(invoice.erp_id)

    assert close_what_is_over() == 1

    assert again(told).status == A.SETTLED
    assert again(open_).status == A.ANNOUNCED


def test_matching_again_books_nothing_again(ground: Ground) -> None:
    bank_account(ground)
    told = announced(ground, ground.bill("90.00"))
    read(Came("90.00", reference=told.reference))

    look(0)

    assert match_waiting() == 0
    with reading():
        assert Payment.objects.count() == 1


def test_a_file_that_is_read_and_matched_by_many_at_once_is_booked_once(ground: Ground) -> None:
    bank_account(ground)
    told = announced(ground, ground.bill("90.00"))
    file = statement(Came("90.00", reference=told.reference), Came("1.00", text="x"))

    kept = all_at_once(*[lambda: keep(file).news] * 4)
    assert sorted(kept, key=str) == [0, 0, 0, 2], kept
    booked = all_at_once(*[match_waiting] * 4)

    assert sum(each for each in booked if isinstance(each, int)) == 1, booked
    with reading():
        assert Payment.objects.count() == 1
        assert BankEntry.objects.filter(status=E.MATCHED).count() == 1


def test_a_clerk_and_a_worker_at_once_book_a_movement_once(ground: Ground) -> None:
    bank_account(ground)
    invoice = ground.bill("90.00")
    told = announced(ground, invoice)
    keep(statement(Came("90.00", reference=told.reference)))
    (entry,) = entries()

    found = all_at_once(
        lambda: match(entry.pk), lambda: book_for(entry.pk, told.pk, {invoice.pk: 9000}),
        lambda: book_on_account(entry.pk, "C-10482"),
    )  # fmt: skip

    assert sum(bool(each) and not isinstance(each, Exception) for each in found) == 1, found
    with reading():
        assert Payment.objects.count() == 1


def test_money_that_is_here_is_booked_also_when_its_announcer_may_not_pay_any_more(
    ground: Ground,
) -> None:
    bank_account(ground)
    told = announced(ground, ground.bill("75.00"))
    with writing():
        Contact.objects.update(role="view")

    read(Came("75.00", reference=told.reference))

    assert again(told).status == A.MATCHED
