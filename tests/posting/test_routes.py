"""Postings go the way that was decided when they were put in line."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db.models import F

from quittance.connections.mapping import Rule, keep_rule
from quittance.connections.open import erp_for
from quittance.core import clock
from quittance.core.errors import Unavailable
from quittance.core.money import Money
from quittance.erp.business_central import shared
from quittance.payments.models import Payment
from quittance.payments.refunds import refund_payment
from quittance.payments.repair import handle_posting, put_on_account, retry_posting
from quittance.payments.watching import wake_what_is_done_by_hand
from quittance.payments.withdrawing import LeftInTheErp
from quittance.posting.instructions import payment_of
from quittance.posting.models import ErpPosting
from quittance.posting.verify import verify_confirmed
from quittance.receivables.pull import pull_changes
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.payments.backwards import moved
from tests.posting.rows import lines, postings_of

S = ErpPosting.Status


def postings(payment: Payment) -> list[ErpPosting]:
    with reading():
        found = ErpPosting.objects.filter(source_id=payment.pk)
        return list(found.order_by("ordinal"))


def on_accounts(ground: Ground, document: str) -> set[str]:
    """On which G/L accounts a document stands in the ERP's own books."""
    from tests.erp.stage import SandboxStage

    stage = SandboxStage(ground.world.erp, ground.world.client)
    rows = stage.as_another_client("generalLedgerEntries", f"documentNumber eq '{document}'", {})
    return {str(row["accountNumber"]) for row in rows}


def paid_page(ground: Ground, amount: str = "250.00") -> Payment:
    """A payment whose money came and that nobody has told the ERP of."""
    payment = ground.pay((ground.bill(amount), amount))
    ground.on_page(payment)
    return payment


def test_a_payment_is_booked_where_its_rule_says(ground: Ground) -> None:
    keep_rule(ground.legal_entity_id, Rule(gateway="Gateway", currency="USD", account="2920"))

    payment = ground.advance(paid_page(ground))

    posting = postings(payment)[0]
    assert posting.status == S.CONFIRMED
    assert "2920" in on_accounts(ground, posting.document_number)
    assert "2910" not in on_accounts(ground, posting.document_number)


def test_a_rule_that_is_changed_later_leaves_what_is_in_line_as_it_is(ground: Ground) -> None:
    row = keep_rule(ground.legal_entity_id, Rule(account="2920"))
    ground.world.erp_fault(r"POST .*customerPaymentJournals", "status", status=503)
    payment = ground.advance(paid_page(ground))
    keep_rule(ground.legal_entity_id, Rule(account="2910"), instead_of=row.pk)
    with writing():
        ErpPosting.objects.filter(source_id=payment.pk).update(
            next_at=clock.now(), lease_until=None
        )

    ground.advance(payment)

    posting = postings(payment)[0]
    with reading():
        route = payment_of(posting).route
    assert route is not None
    assert route.account == "2920"
    assert "2920" in on_accounts(ground, posting.document_number)


def test_a_reversal_goes_back_the_way_that_its_payment_came(ground: Ground) -> None:
    row = keep_rule(ground.legal_entity_id, Rule(account="2920"))
    payment = ground.advance(paid_page(ground))
    keep_rule(ground.legal_entity_id, Rule(account="2910"), instead_of=row.pk)

    refund_payment(payment.pk, Money(10_000, "USD"), key="k", reopens=True, note="Short")
    ground.advance(payment)

    with reading():
        steps = ErpPosting.objects.get(source_kind="reversal").steps
    assert any("Bal. Account No. 2920" in step for step in steps)
    assert not any("2910" in step for step in steps)


@pytest.mark.failure("F33")
@pytest.mark.parametrize("paid_meanwhile", [False, True])
def test_money_of_a_won_dispute_comes_again_the_way_that_the_payment_came(
    ground: Ground, paid_meanwhile: bool
) -> None:
    rule = keep_rule(ground.legal_entity_id, Rule(account="2920"))
    invoice = ground.bill("100.00")
    payment = ground.paid((invoice, "100.00"))
    keep_rule(ground.legal_entity_id, Rule(account="2910"), instead_of=rule.pk)
    moved(payment, "dispute", 10000, reopens=True)
    ground.advance(payment)
    moved(payment, "dispute_won", 10000, reopens=False)
    ground.world.clerk("reverse-payment", document=payment.number)
    if paid_meanwhile:  # then another posting takes the first one's place
        ground.world.clerk("post-payment", invoice=invoice.number)

    ground.advance(payment)

    first, _, again = postings_of(payment)
    assert again.status == "confirmed"
    assert lines(again) == [("" if paid_meanwhile else invoice.number, 10000)]
    assert again.route == first.route
    assert again.route["account"] == "2920"


def test_what_takes_a_refused_postings_place_asks_the_rules_anew(ground: Ground) -> None:
    for_cards = Rule(gateway="Gateway", method="card", account="2920")
    row = keep_rule(ground.legal_entity_id, for_cards)
    payment = paid_page(ground)
    ground.world.clerk("block-customer", customer="C-10482", blocked="All")
    try:
        ground.advance(payment)
    finally:
        ground.world.clerk("block-customer", customer="C-10482", blocked=" ")
    with writing():
        ErpPosting.objects.filter(source_id=payment.pk).update(
            last_sent_at=clock.now() - timedelta(hours=1), lease_until=None
        )
    keep_rule(ground.legal_entity_id, replace(for_cards, account="2910"), instead_of=row.pk)
    with writing():  # as it was put in line before there were rules
        ErpPosting.objects.filter(source_id=payment.pk).update(route={})

    put_on_account(postings(payment)[0].pk, note="The customer asked for it.")
    ground.advance(payment)

    refused, instead = postings(payment)
    assert (refused.status, instead.status) == (S.REPLACED, S.CONFIRMED)
    assert instead.route["account"] == "2910"
    assert "2910" in on_accounts(ground, instead.document_number)


def test_a_wrong_account_in_a_rule_stops_its_own_payments_only(ground: Ground) -> None:
    row = keep_rule(ground.legal_entity_id, Rule(account="2920"))
    with writing():  # as if somebody had closed the account after the rule was kept
        type(row).objects.filter(pk=row.pk).update(account="1990")
    stopped = ground.advance(paid_page(ground))
    with writing():
        type(row).objects.filter(pk=row.pk).update(account="2920")

    going = ground.advance(paid_page(ground, "75.00"))

    assert postings(stopped)[0].status == S.REJECTED
    assert "is blocked" in postings(stopped)[0].rejection
    assert postings(going)[0].status == S.CONFIRMED


def test_retry_keeps_the_way_and_what_it_says_to_do_instead_helps(ground: Ground) -> None:
    row = keep_rule(ground.legal_entity_id, Rule(account="2920"))
    with writing():
        type(row).objects.filter(pk=row.pk).update(account="1990")
    payment = ground.advance(paid_page(ground))
    said = postings(payment)[0].rejection
    refund_payment(payment.pk, Money(10_000, "USD"), key="k", reopens=True, note="Short")
    keep_rule(ground.legal_entity_id, Rule(account="2920"), instead_of=row.pk)

    retry_posting(postings(payment)[0].pk)
    kept = hours_later(ground, payment)
    with writing():
        ErpPosting.objects.filter(pk=kept.pk).update(last_sent_at=clock.now() - timedelta(hours=2))
    put_on_account(kept.pk, note="After the mapping was mended.")
    ground.advance(payment)

    assert "Retry keeps the way that it was given" in said
    assert (kept.status, kept.route["account"]) == (S.REJECTED, "1990")
    assert postings(payment)[-1].status == S.CONFIRMED
    with reading():  # what takes that back takes it back from there
        back = ErpPosting.objects.filter(source_kind="reversal").order_by("ordinal")
        assert [each.route["account"] for each in back][-1] == "2920"


def test_in_a_shared_journal_a_payment_waits_until_a_person_posts_it(ground: Ground) -> None:
    ground.world.clerk("batch", code="SHAREDUSD", bank_account="OPERATING")
    rule = Rule(
        currency="USD", account="2920", journal="SHAREDUSD", bank_account="OPERATING"
    )  # fmt: skip
    keep_rule(ground.legal_entity_id, rule)
    payment = ground.advance(paid_page(ground))
    pull_changes(ground.legal_entity_id)
    wake_what_is_done_by_hand()
    waiting = postings(payment)[0]

    ground.world.clerk("post-batch", batch="SHAREDUSD")
    pull_changes(ground.legal_entity_id)
    woken = wake_what_is_done_by_hand()
    ground.advance(payment)

    assert waiting.status == S.UNKNOWN
    assert "until somebody posts" in waiting.rejection
    assert woken == 1  # at once, because the ERP's ledger has moved
    done = postings(payment)[0]
    assert done.status == S.CONFIRMED
    assert len(ground.world.erp_ledger(done.document_number)) == 1


def shared_payment(ground: Ground, batch: str) -> Payment:
    """A payment whose lines we laid into a batch that a person posts."""
    ground.world.clerk("batch", code=batch, bank_account="OPERATING")
    rule = Rule(currency="USD", account="2920", journal=batch, bank_account="OPERATING")
    keep_rule(ground.legal_entity_id, rule)
    return ground.advance(paid_page(ground))


def hours_later(ground: Ground, payment: Payment) -> ErpPosting:
    """What the next look makes of a posting, when nothing can be under way any more."""
    with writing():
        ErpPosting.objects.filter(source_id=payment.pk).update(
            next_at=clock.now(), lease_until=None, last_sent_at=clock.now() - timedelta(hours=2)
        )
    ground.advance(payment)
    return postings(payment)[0]


@pytest.mark.failure("F46")
def test_lines_that_are_gone_from_a_shared_journal_are_laid_again_by_a_person_only(
    ground: Ground,
) -> None:
    payment = shared_payment(ground, "SHGONE")
    number = postings(payment)[0].document_number
    ground.world.clerk("delete-draft", document=number)

    gone = hours_later(ground, payment)
    still = hours_later(ground, payment)
    with pytest.raises(httpx.HTTPStatusError):  # there is nothing to post
        ground.world.clerk("post-batch", batch="SHGONE")
    retry_posting(gone.pk)
    hours_later(ground, payment)
    ground.world.clerk("post-batch", batch="SHGONE")

    assert (gone.status, still.status) == (S.REJECTED, S.REJECTED)
    assert f"gone from journal SHGONE, and the ledger does not show document {number}" in (
        gone.rejection
    )
    assert hours_later(ground, payment).status == S.CONFIRMED
    assert len(ground.world.erp_ledger(number)) == 1


def left_in(ground: Ground, posting: ErpPosting) -> list[Any]:
    """Our lines of a posting that lie in its shared journal."""
    from tests.erp.stage import SandboxStage

    stage = SandboxStage(ground.world.erp, ground.world.client)
    code = posting.route["journal"]
    (journal,) = stage.as_another_client("customerPaymentJournals", f"code eq '{code}'", {})
    where = f"customerPaymentJournals({journal['id']})/customerPayments"
    return stage.as_another_client(where, f"documentNumber eq '{posting.document_number}'", {})


def come_late(ground: Ground, payment: Payment) -> ErpPosting:
    """Have a worker sleep until after the tidying, lay its line then, and get no further."""
    posting = postings(payment)[0]
    ground.world.clerk("delete-draft", document=posting.document_number)
    with reading():
        instruction = payment_of(posting)
    erp = erp_for(ground.legal_entity_id)

    def sleep() -> None:
        erp.draft_payment(instruction, again=True)
        ground.world.clerk("post-batch", batch=posting.route["journal"])
        hours_later(ground, payment)
        assert hours_later(ground, payment).tidied_at is not None
        ground.world.erp_fault("GET .*customerPayments", "status", status=503)

    with pytest.raises(Unavailable):
        erp.draft_payment(instruction, again=True, still_mine=sleep)
    return postings(payment)[0]


@pytest.mark.failure("F49")
def test_who_lost_the_posting_lays_no_line(ground: Ground) -> None:
    ground.world.clerk("batch", code="SHLOST", bank_account="OPERATING")
    rule = Rule(currency="USD", account="2920", journal="SHLOST", bank_account="OPERATING")
    keep_rule(ground.legal_entity_id, rule)
    payment = paid_page(ground)
    real = shared._missing

    def sleeps(*found: Any) -> Any:
        with writing():  # another worker takes the posting while this one looks
            ErpPosting.objects.filter(source_id=payment.pk).update(fence=F("fence") + 1)
        return real(*found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared, "_missing", sleeps)
        ground.advance(payment)

    assert left_in(ground, postings(payment)[0]) == []


@pytest.mark.failure("F49")
def test_a_line_that_came_after_the_tidying_is_removed_by_the_look_of_the_day(
    ground: Ground,
) -> None:
    posting = come_late(ground, shared_payment(ground, "SHDAY"))
    late = left_in(ground, posting)
    with writing():
        rows = ErpPosting.objects.filter(pk=posting.pk)
        rows.update(verified_at=clock.now() - timedelta(days=1))

    verify_confirmed()

    assert len(late) == 1
    assert left_in(ground, posting) == []


def refused_in(ground: Ground, batch: str) -> tuple[Payment, ErpPosting]:
    """A posting that is refused while its line lies there: a clerk changed the line."""
    payment = shared_payment(ground, batch)
    document = postings(payment)[0].document_number
    ground.world.clerk("edit-draft", document=document, amount="7.00")
    refused = hours_later(ground, payment)
    assert refused.status == S.REJECTED
    hours_ago = clock.now() - timedelta(hours=2)
    with writing():
        ErpPosting.objects.filter(pk=refused.pk).update(last_sent_at=hours_ago)
    return payment, refused


def test_a_note_closes_a_posting_only_when_its_lines_are_out_of_the_shared_journal(
    ground: Ground,
) -> None:
    payment, refused = refused_in(ground, "SHNOTE")
    ground.world.erp_fault(r"DELETE .*customerPayments", "status", status=400)

    with pytest.raises(LeftInTheErp, match=f"lines with document {refused.document_number}"):
        handle_posting(refused.pk, note="Booked with the bank statement")
    before = left_in(ground, refused)
    handle_posting(refused.pk, note="Booked with the bank statement")

    assert len(before) == 1
    assert left_in(ground, refused) == []
    assert postings(payment)[0].status == S.HANDLED


def test_the_lines_are_found_in_the_journal_whatever_it_balances_on_now(ground: Ground) -> None:
    _, refused = refused_in(ground, "SHOTHER")
    with writing():  # as if somebody had let the batch balance on something else
        ErpPosting.objects.filter(pk=refused.pk).update(
            route={**refused.route, "bank_account": "ELSEWHERE"}
        )

    handle_posting(refused.pk, note="Booked with the bank statement")

    assert left_in(ground, refused) == []
