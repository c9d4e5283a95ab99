"""What was confirmed is compared again; what is gone is shown, never posted again by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.payments.models import Payment
from quittance.payments.repair import release_postings
from quittance.posting import gate
from quittance.posting.gate import NotStopped
from quittance.posting.models import ErpPosting, PostingGate
from quittance.posting.verify import verify_confirmed
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.payments.backwards import refund
from tests.posting.rows import in_the_erp, lines, posting_of, postings_of


def _a_day_later(*payments: Payment) -> None:
    with writing():
        ErpPosting.objects.filter(source_id__in=[each.pk for each in payments]).update(
            verified_at=clock.now() - timedelta(days=1)
        )


def _money(payment: Payment) -> ErpPosting:
    return next(each for each in postings_of(payment) if each.source_kind == "payment")


def _snapshot(ground: Ground, deed: str) -> None:
    url = f"{ground.world.erp.control_url}/company/{deed}"
    ground.world.client.post(url, json={"name": "before"}).raise_for_status()


@pytest.mark.failure("F46")
def test_what_a_clerk_reversed_is_named_and_not_posted_again(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))
    ground.world.clerk("reverse-payment", document=payment.number)
    _a_day_later(payment)

    verify_confirmed()
    ground.advance(payment)

    posting = _money(payment)
    assert f"100.00 USD of {payment.number} was taken back" in posting.remark
    assert posting.status == ErpPosting.Status.CONFIRMED
    assert len(in_the_erp(ground, posting)) == 2  # the payment and its reversal, no third one


def test_what_stands_there_as_confirmed_is_no_news(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))
    _a_day_later(payment)
    before = _money(payment).verified_at

    verify_confirmed()

    posting = _money(payment)
    assert (posting.remark, posting.vanished_at) == ("", None)
    assert before is not None
    assert posting.verified_at is not None
    assert posting.verified_at > before


def test_what_was_looked_at_today_is_not_looked_at_again(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))
    before = _money(payment).verified_at

    verify_confirmed()

    assert _money(payment).verified_at == before


def test_what_is_older_than_five_weeks_is_not_watched_any_more(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))
    ground.world.clerk("reverse-payment", document=payment.number)
    with writing():
        ErpPosting.objects.filter(source_id=payment.pk).update(
            posted_at=clock.now() - timedelta(days=36), verified_at=None
        )

    verify_confirmed()

    assert _money(payment).remark == ""


def test_what_we_know_went_back_is_no_finding(ground: Ground) -> None:
    payment = ground.paid((ground.bill("100.00"), "100.00"))
    refund(payment, 10000)
    ground.advance(payment)
    ground.world.clerk("reverse-payment", document=payment.number)
    ground.advance(payment)
    _a_day_later(payment)

    verify_confirmed()

    assert _money(payment).remark == ""


@pytest.mark.failure("F47")
def test_a_company_that_was_restored_stops_its_postings_until_a_person_has_looked(
    ground: Ground,
) -> None:
    invoices = [ground.bill("10.00") for _ in range(5)]
    late = invoices.pop()
    _snapshot(ground, "snapshot")
    paid = [ground.paid((each, "10.00")) for each in invoices]
    _snapshot(ground, "restore")
    _a_day_later(*paid)

    verify_confirmed()

    assert all("do not show it any more" in _money(each).remark for each in paid)
    with reading():
        stopped = PostingGate.objects.get(legal_entity_id=ground.legal_entity_id)
    assert "4 postings are gone" in stopped.stopped_because
    payment = ground.paid((late, "10.00"))
    assert (payment.status, posting_of(payment).status) == ("succeeded", "queued")
    assert in_the_erp(ground, posting_of(payment)) == []

    release_postings(ground.legal_entity_id, note="Restored on purpose; the four are booked anew.")
    payment = ground.advance(payment)

    assert posting_of(payment).status == ErpPosting.Status.CONFIRMED
    with pytest.raises(NotStopped):
        release_postings(ground.legal_entity_id, note="Again.")
    with reading():
        events = AuditEvent.objects.filter(subject_id=ground.legal_entity_id)
        assert set(events.values_list("what", flat=True)) == {
            "postings stopped", "postings released",
        }  # fmt: skip


@pytest.mark.failure("F47")
def test_three_that_vanish_are_shown_and_stop_nothing(ground: Ground) -> None:
    paid = [ground.paid((ground.bill("10.00"), "10.00")) for _ in range(3)]
    for payment in paid:
        ground.world.clerk("reverse-payment", document=payment.number)
    _a_day_later(*paid)

    verify_confirmed()

    assert all(_money(each).remark for each in paid)
    assert gate.closed_until(ground.legal_entity_id) is None


@pytest.mark.failure("F46")
def test_a_draft_that_a_clerk_deleted_is_made_again_and_posted_once(ground: Ground) -> None:
    from tests.posting.rows import let_time_pass

    invoice = ground.bill("100.00")
    payment = ground.pay((invoice, "100.00"))
    ground.on_page(payment)
    ground.world.erp_fault("POST .*Microsoft.NAV.post", "drop_before")
    ground.advance(payment)
    ground.world.clerk("delete-draft", document=payment.number)
    ground.advance(payment)
    early = (posting_of(payment).status, in_the_erp(ground, posting_of(payment)))
    let_time_pass(posting_of(payment), minutes=13)

    ground.advance(payment)

    posting = posting_of(payment)
    assert early == ("unknown", [])
    assert (posting.status, lines(posting)) == ("confirmed", [(invoice.number, 10000)])
    assert [str(each) for each in in_the_erp(ground, posting)] == ["100.00 USD"]
