"""What the AR team does about a posting that the ERP refused: once, with a reason, undoable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from quittance.audit.models import AuditEvent
from quittance.connections.open import erp_for
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.ledger import accounts
from quittance.payments.models import Payment
from quittance.payments.orders import AmountNotOwed, InvoiceNotPayable
from quittance.payments.reallocation import DoesNotAddUp, Share
from quittance.payments.reflect import reflect
from quittance.payments.repair import (
    NoteMissing,
    NothingToHandle,
    confirm_correction,
    handle_posting,
    put_on_account,
    reallocate,
    retry_posting,
    undo_handled,
)
from quittance.payments.withdrawing import ErpSilent, PostedAfterAll, TooEarly
from quittance.posting.corrections import (
    NothingWaits,
    SamePerson,
    WaitsAlready,
    withdraw_correction,
)
from quittance.posting.instructions import payment_of
from quittance.posting.models import ErpPosting
from quittance.receivables.models import Invoice
from quittance.tenancy.models import Organization
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_organization_id, working_for
from tests.ground import EVENTS, Ground
from tests.payments.rows import balance, in_flight
from tests.payments.together import all_at_once
from tests.posting.rows import (
    adds_up,
    allocations,
    in_the_erp,
    let_time_pass,
    lines,
    posting_of,
    replaced,
)


def refused(ground: Ground, *bills: str, quiet: bool = True) -> tuple[Payment, list[Invoice]]:
    """A payment whose posting the ERP refused, a while ago."""
    invoices = [ground.bill(amount) for amount in bills]
    payment = ground.pay(*zip(invoices, bills, strict=True))
    ground.on_page(payment)
    ground.world.erp_fault("POST .*Microsoft.NAV.post", "status", status=400)
    payment = ground.advance(payment)
    assert posting_of(payment).status == ErpPosting.Status.REJECTED
    if quiet:
        let_time_pass(posting_of(payment), minutes=30)
    return payment, invoices


@contextmanager
def somebody() -> Iterator[str]:
    """Another clerk of the same organization."""
    actor = f"user:{new_id()}"
    with working_for(current_organization_id(), actor=actor):
        yield actor


def _limit(minor: int | None) -> None:
    with writing():
        Organization.objects.filter(pk=current_organization_id()).update(
            two_persons_above_minor=minor, two_persons_currency="USD"
        )


def _events(posting: ErpPosting) -> list[str]:
    with reading():
        found = AuditEvent.objects.filter(subject_id=posting.pk).order_by("happened_at")
        return list(found.values_list("what", flat=True))


@pytest.mark.failure("F41")
def test_a_refused_posting_is_sent_again_and_posted_once(ground: Ground) -> None:
    payment, (invoice,) = refused(ground, "100.00")

    retry_posting(posting_of(payment).pk)
    payment = ground.advance(payment)

    posting = posting_of(payment)
    assert posting.status == ErpPosting.Status.CONFIRMED
    assert [str(each) for each in in_the_erp(ground, posting)] == ["100.00 USD"]
    assert ground.read(invoice.erp_id).erp_status == "paid"


@pytest.mark.failure("F60")
def test_what_a_person_has_booked_counts_as_booked_and_reads_the_invoices_again(
    ground: Ground,
) -> None:
    payment, (invoice,) = refused(ground, "100.00")
    ground.world.clerk("post-payment", invoice=invoice.number, document="HAND-1")
    posting = posting_of(payment)

    handle_posting(posting.pk, note="Booked by hand as HAND-1.")
    payment = ground.advance(payment)

    posting = posting_of(payment)
    assert (posting.status, posting.note) == ("handled", "Booked by hand as HAND-1.")
    assert allocations(payment) == [(invoice.number, 10000, "reflected")]
    assert balance(accounts.unposted_receipts(ground.legal_entity_id)) == {"USD": Money(0, "USD")}
    assert _events(posting) == ["posting handled"]
    assert in_the_erp(ground, posting) == []


@pytest.mark.failure("F60")
def test_who_was_wrong_takes_it_back_and_the_money_is_posted_once(ground: Ground) -> None:
    payment, (invoice,) = refused(ground, "100.00")
    handle_posting(posting_of(payment).pk, note="I thought it was booked.")
    ground.advance(payment)

    undo_handled(posting_of(payment).pk, note="It was another one.")
    back = balance(accounts.unposted_receipts(ground.legal_entity_id))
    payment = ground.advance(payment)

    posting = posting_of(payment)
    assert back == {"USD": Money(-10000, "USD")}
    assert posting.status == ErpPosting.Status.CONFIRMED
    assert [str(each) for each in in_the_erp(ground, posting)] == ["100.00 USD"]
    assert balance(accounts.unposted_receipts(ground.legal_entity_id)) == {"USD": Money(0, "USD")}
    assert ground.read(invoice.erp_id).erp_status == "paid"
    assert adds_up(payment)


@pytest.mark.failure("F60")
def test_what_is_taken_back_while_it_is_read_again_is_not_told_to_the_ledger(
    ground: Ground,
) -> None:
    payment, _ = refused(ground, "100.00")
    handle_posting(posting_of(payment).pk, note="I thought it was booked.")
    read = posting_of(payment)
    undo_handled(read.pk, note="It was another one.")

    reflect(payment, [read])

    assert balance(accounts.unposted_receipts(ground.legal_entity_id)) == {
        "USD": Money(-10000, "USD")
    }


def test_without_a_reason_nothing_is_done(ground: Ground) -> None:
    payment, _ = refused(ground, "100.00")

    for act in (handle_posting, put_on_account):
        with pytest.raises(NoteMissing):
            act(posting_of(payment).pk, note="  ")

    assert posting_of(payment).status == ErpPosting.Status.REJECTED


def test_a_posting_that_is_in_the_erp_is_nobodys_to_handle(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))

    for act in (handle_posting, put_on_account, undo_handled):
        with pytest.raises(NothingToHandle):
            act(posting_of(payment).pk, note="x")


def test_two_clerks_who_handle_it_at_once_are_one_deed(ground: Ground) -> None:
    payment, _ = refused(ground, "100.00")
    posting = posting_of(payment)

    ended = all_at_once(*[lambda: handle_posting(posting.pk, note="Booked.")] * 4)

    assert sum(not isinstance(each, Exception) for each in ended) == 1
    assert all(isinstance(each, RuleBroken | None) for each in ended)
    assert _events(posting) == ["posting handled"]


@pytest.mark.failure("F41", "F60")
def test_refused_money_goes_on_account(ground: Ground) -> None:
    payment, (invoice,) = refused(ground, "100.00")

    put_on_account(posting_of(payment).pk, note="They owe more next week.")
    payment = ground.advance(payment)

    posting = posting_of(payment)
    assert (posting.status, lines(posting)) == ("confirmed", [("", 10000)])
    assert [str(each) for each in in_the_erp(ground, posting)] == ["100.00 USD"]
    assert allocations(payment) == [(invoice.number, 10000, "released")]
    assert (payment.on_account_minor, adds_up(payment)) == (10000, True)
    assert in_flight(invoice) == 0
    (old,) = replaced(payment)
    assert in_the_erp(ground, old) == []


def test_refused_money_pays_other_invoices_of_the_account(ground: Ground) -> None:
    payment, (first, second) = refused(ground, "100.00", "50.00")
    other = ground.bill("70.00")

    reallocate(
        posting_of(payment).pk,
        [Share(first.pk, Money(10000, "USD")), Share(other.pk, Money(3000, "USD"))],
        note="The second was disputed.",
    )
    payment = ground.advance(payment)

    assert lines(posting_of(payment)) == [
        (first.number, 10000), (other.number, 3000), ("", 2000),
    ]  # fmt: skip
    assert {number: status for number, _, status in allocations(payment)} == {
        first.number: "reflected", second.number: "released", other.number: "reflected",
    }  # fmt: skip
    assert (payment.on_account_minor, adds_up(payment)) == (2000, True)
    assert ground.read(other.erp_id).open_minor == 4000


def test_more_than_is_open_or_than_came_is_not_allocated(ground: Ground) -> None:
    payment, (invoice,) = refused(ground, "100.00")
    small, held = ground.bill("10.00"), ground.bill("90.00")
    ground.pay((held, "50.00"))
    posting = posting_of(payment)

    for share, error in (
        (Share(invoice.pk, Money(10001, "USD")), DoesNotAddUp),
        (Share(small.pk, Money(1001, "USD")), AmountNotOwed),
        (Share(held.pk, Money(4001, "USD")), AmountNotOwed),  # another payer has reserved the rest
        (Share(ground.bill("9.00", customer=EVENTS).pk, Money(900, "USD")), InvoiceNotPayable),
    ):
        with pytest.raises(error):
            reallocate(posting.pk, [share], note="x")

    assert posting_of(payment).status == ErpPosting.Status.REJECTED
    assert allocations(payment) == [(invoice.number, 10000, "consumed")]
    retry_posting(posting.pk)  # nobody holds it any more
    assert posting_of(ground.advance(payment)).status == ErpPosting.Status.CONFIRMED


def test_what_may_still_be_under_way_is_not_allocated_elsewhere(ground: Ground) -> None:
    payment, _ = refused(ground, "100.00", quiet=False)

    with pytest.raises(TooEarly):
        put_on_account(posting_of(payment).pk, note="x")

    assert posting_of(payment).status == ErpPosting.Status.REJECTED


def test_what_the_erp_has_after_all_is_not_allocated_elsewhere(ground: Ground) -> None:
    payment, _ = refused(ground, "100.00")
    posting = posting_of(payment)
    erp = erp_for(ground.legal_entity_id)
    with reading():
        instruction = payment_of(posting)
    draft = erp.find_draft(instruction)
    assert draft is not None
    erp.post_draft(draft)  # a clerk, in the ERP's own pages

    with pytest.raises(PostedAfterAll):
        put_on_account(posting.pk, note="x")

    retry_posting(posting.pk)
    payment = ground.advance(payment)
    assert posting_of(payment).status == ErpPosting.Status.CONFIRMED
    assert [str(each) for each in in_the_erp(ground, posting)] == ["100.00 USD"]


def test_while_the_erp_does_not_answer_nothing_is_decided(ground: Ground) -> None:
    payment, _ = refused(ground, "100.00")
    ground.world.erp_fault("GET .*generalLedgerEntries", "status", status=503)

    with pytest.raises(ErpSilent):
        put_on_account(posting_of(payment).pk, note="x")

    assert posting_of(payment).status == ErpPosting.Status.REJECTED


@pytest.mark.failure("F60")
def test_above_the_limit_a_second_person_confirms(ground: Ground) -> None:
    _limit(5000)
    payment, _ = refused(ground, "100.00")
    posting = posting_of(payment)

    asked = put_on_account(posting.pk, note="They owe more next week.")

    assert asked is not None
    assert posting_of(payment).status == ErpPosting.Status.REJECTED
    with pytest.raises(SamePerson):
        confirm_correction(asked.pk)
    with somebody() as second:
        confirm_correction(asked.pk)
    payment = ground.advance(payment)
    assert lines(posting_of(payment)) == [("", 10000)]
    with reading():
        asked.refresh_from_db()
    assert (asked.outcome, asked.ended_by) == ("done", second)
    with somebody(), pytest.raises(NothingWaits):
        confirm_correction(asked.pk)


@pytest.mark.failure("F60")
def test_up_to_the_limit_one_person_is_enough(ground: Ground) -> None:
    _limit(10000)
    payment, _ = refused(ground, "100.00")

    assert handle_posting(posting_of(payment).pk, note="Booked.") is None

    assert posting_of(payment).status == ErpPosting.Status.HANDLED


def test_what_waits_for_a_second_person_waits_once_and_can_be_withdrawn(ground: Ground) -> None:
    _limit(0)
    payment, _ = refused(ground, "100.00")
    posting = posting_of(payment)
    asked = handle_posting(posting.pk, note="Booked.")
    assert asked is not None
    with pytest.raises(WaitsAlready):
        put_on_account(posting.pk, note="x")

    withdraw_correction(asked.pk)

    with somebody(), pytest.raises(NothingWaits):
        confirm_correction(asked.pk)
    assert put_on_account(posting.pk, note="x") is not None
    assert posting_of(payment).status == ErpPosting.Status.REJECTED


def test_the_posting_of_a_reversal_is_closed_with_a_note(ground: Ground) -> None:
    from tests.payments.backwards import refund

    payment = ground.paid((ground.bill("100.00"), "100.00"))
    made = refund(payment, 10000)
    ground.advance(payment)
    with reading():
        posting = ErpPosting.objects.get(source_id=made.pk)

    handle_posting(posting.pk, note="Written off.")
    ground.advance(payment)

    with reading():
        posting.refresh_from_db()
    assert posting.status == ErpPosting.Status.HANDLED
    assert balance(accounts.unposted_reversals(ground.legal_entity_id)) == {"USD": Money(0, "USD")}
