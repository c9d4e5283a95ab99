"""One customer cannot flood the seller with mails or fill its database with files."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quittance.core import clock
from quittance.disputes.conversation import say, withdraw
from quittance.disputes.evidence import Evidence
from quittance.disputes.limits import MOST_BYTES, MOST_DEEDS, MOST_NEW, NoRoom, TooOften
from quittance.disputes.models import DisputeFile, DisputeNote, InvoiceDispute
from quittance.notifications.models import Message
from quittance.tenancy.rows import reading, writing
from tests.disputes.quarrels import PDF, disputed, person, said
from tests.ground import ALPINE, Ground


def filled(dispute: InvoiceDispute, notes: int) -> None:
    """Let the buyer of a dispute have said so much already."""
    with writing():
        for _ in range(notes):
            DisputeNote.objects.create(
                customer_account_id=dispute.customer_account_id, dispute=dispute, act="said",
                author_id=dispute.opened_by_id, text="More.",
            )  # fmt: skip


def test_opening_and_withdrawing_in_a_loop_ends_after_ten_a_day(ground: Ground) -> None:
    invoice, buyer = ground.bill("250.00"), person()
    person(role="clerk")
    for _ in range(MOST_NEW):
        withdraw(disputed(invoice, buyer).pk, said(buyer, ""))
    with reading():
        mails = Message.objects.count()

    with pytest.raises(TooOften):
        disputed(invoice, buyer)

    with reading():
        assert InvoiceDispute.objects.count() == MOST_NEW
        assert Message.objects.count() == mails


def test_a_customer_says_fifty_things_a_day_and_goes_on_tomorrow(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer, clerk = person(), person(role="clerk")
    dispute = disputed(ground.bill("250.00"), buyer)
    filled(dispute, MOST_DEEDS - 2)

    say(dispute.pk, said(buyer))
    with pytest.raises(TooOften):
        say(dispute.pk, said(person()))
    say(dispute.pk, said(clerk, "We look at it."))  # the seller is not braked
    tomorrow = clock.now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)

    say(dispute.pk, said(buyer))


def test_another_customer_is_not_braked(ground: Ground) -> None:
    buyer = person()
    filled(disputed(ground.bill("250.00"), buyer), MOST_DEEDS)

    assert disputed(ground.bill("90.00", customer=ALPINE), buyer).number


def test_files_of_a_customer_have_an_end(ground: Ground) -> None:
    buyer = person()
    dispute = disputed(ground.bill("250.00"), buyer)
    files = [Evidence("proof", "pdf", PDF)]
    with writing():
        DisputeFile.objects.create(
            customer_account_id=dispute.customer_account_id, dispute=dispute,
            note=DisputeNote.objects.get(dispute=dispute), name="big", kind="pdf",
            size_bytes=MOST_BYTES - len(PDF), content=PDF,
        )  # fmt: skip

    say(dispute.pk, said(buyer, files=files))
    with pytest.raises(NoRoom):
        say(dispute.pk, said(buyer, files=files))
    say(dispute.pk, said(buyer))

    with reading():
        assert DisputeFile.objects.count() == 2
