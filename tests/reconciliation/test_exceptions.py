"""One queue for everything that a person must look at."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.core.ids import new_id
from quittance.core.money import Money
from quittance.identity.models import User
from quittance.posting.gate import stop
from quittance.posting.models import Correction
from quittance.reconciliation.catalogue import CATALOGUE
from quittance.reconciliation.exceptions import (
    TITLES,
    Act,
    Kind,
    NoteMissing,
    NothingWaits,
    count,
    find,
    handle,
    take,
    waiting,
)
from quittance.tenancy.rows import reading, writing
from tests.ground import Ground
from tests.reconciliation.rows import a_finding, again, captured, new_clerk, queue, refused

FACTS = {
    "number": "P-1",
    "code": "R01",
    "problem": "Ask them.",
    "amount_minor": 2418_00,
    "currency": "USD",
}


def test_every_kind_of_trouble_has_a_title() -> None:
    assert set(TITLES) == set(Kind)
    assert {entry.kind for entry in CATALOGUE.values()} <= set(TITLES)


def test_a_refused_posting_waits_with_the_erps_words_and_whose_it_is(ground: Ground) -> None:
    payment = captured(ground)
    posting = refused(payment)

    (row,) = queue()

    assert (row.kind, row.act, row.sentence) == (
        Kind.POSTING_REFUSED, Act.RETRY_POSTING, "The period is closed."
    )  # fmt: skip
    assert (row.subject_id, row.payment_number) == (posting.pk, payment.number)
    assert row.amount == Money(100_00, "USD")
    assert row.customer is not None
    assert row.customer.pk == payment.customer_account_id
    assert not row.may_be_handled


def test_a_finding_waits_in_a_sentence_with_its_amounts_and_its_cure(organization: UUID) -> None:
    finding = a_finding(facts=FACTS, amount_minor=2418_00, currency="USD")

    (row,) = queue()

    assert row.sentence == "The bank took 2418.00 USD of payment P-1 back (R01). Ask them."
    assert row.cure
    assert (row.kind, row.key) == (Kind.RETURNED, f"finding:{finding.pk}")
    assert row.may_be_handled


def test_the_oldest_waits_on_top_and_all_are_counted(organization: UUID) -> None:
    newer = a_finding(facts=FACTS)
    older = a_finding(facts=FACTS, opened_at=clock.now() - timedelta(days=3))

    assert [row.subject_id for row in queue()] == [older.pk, newer.pk]
    with reading():
        assert count() == 2
        assert [row.subject_id for row in waiting(limit=1)] == [older.pk]
        assert waiting(kinds=[Kind.SURPLUS]) == []


def test_who_looks_after_a_row_is_kept_and_can_be_changed(organization: UUID) -> None:
    finding = a_finding(facts=FACTS)
    first, second = new_clerk("Priya Raman"), new_clerk("Sam Ortiz")
    key = f"finding:{finding.pk}"

    take(key, owner_id=first.pk)
    take(key, owner_id=second.pk)
    (row,) = queue()
    assert row.owner == second

    take(key, owner_id=None)
    (row,) = queue()
    assert row.owner is None


def test_a_buyer_looks_after_nothing(organization: UUID) -> None:
    finding = a_finding(facts=FACTS)
    with writing():
        buyer = User.objects.create(email="dana@harborline.example", name="Dana Okafor")

    with pytest.raises(RuleBroken, match="your team"):
        take(f"finding:{finding.pk}", owner_id=buyer.pk)


def test_a_finding_is_handled_with_a_note_and_leaves_the_queue(organization: UUID) -> None:
    finding = a_finding(facts=FACTS)
    key = f"finding:{finding.pk}"

    with pytest.raises(NoteMissing):
        handle(key, note="  ")
    handle(key, note="They  paid by transfer.")

    assert queue() == []
    assert (again(finding).status, finding.note) == ("handled", "They paid by transfer.")
    with reading():
        assert AuditEvent.objects.filter(subject_id=finding.pk, what="finding handled").exists()
    with pytest.raises(NothingWaits):
        handle(key, note="again")


def test_a_refused_posting_cannot_be_talked_away(ground: Ground) -> None:
    posting = refused(captured(ground))

    with pytest.raises(NothingWaits):
        handle(f"posting:{posting.pk}", note="never mind")


@pytest.mark.parametrize("key", ["", "finding", "finding:", "finding:1", "money:0", "posting:x:y"])
def test_a_key_that_nobody_gave_finds_nothing(organization: UUID, key: str) -> None:
    with reading():
        assert find(key) is None


def test_a_row_that_was_mended_meanwhile_waits_for_nobody(organization: UUID) -> None:
    with pytest.raises(NothingWaits):
        take(f"finding:{new_id()}", owner_id=None)


def test_stopped_postings_wait_on_the_list_with_the_reason(ground: Ground) -> None:
    with writing():
        stop(ground.legal_entity_id, because="4 confirmed postings are gone.")

    (row,) = queue()

    assert (row.kind, row.act) == (Kind.POSTINGS_STOPPED, Act.RELEASE_POSTINGS)
    assert row.subject_id == ground.legal_entity_id
    assert "4 confirmed postings are gone." in row.sentence


def test_what_waits_for_a_second_person_is_on_the_list_until_it_is_confirmed(
    ground: Ground,
) -> None:
    posting = refused(captured(ground))
    with writing():
        correction = Correction.objects.create(
            posting=posting,
            act=Correction.Act.HANDLE,
            note="Booked by transfer.",
            asked_by="user:1",
        )

    row = next(each for each in queue() if each.kind == Kind.SECOND_PERSON)
    assert (row.act, row.subject_id) == (Act.CONFIRM, correction.pk)
    assert row.amount == Money(100_00, "USD")
    assert "Booked by transfer." in row.sentence

    with writing():
        Correction.objects.update(outcome="done", ended_by="user:2", ended_at=clock.now())
    assert not [each for each in queue() if each.kind == Kind.SECOND_PERSON]
