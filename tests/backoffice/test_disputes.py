"""The AR team sees what buyers dispute, answers, decides, and shapes the rules."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from quittance.audit.models import AuditEvent
from quittance.disputes.models import DisputeFile, InvoiceDispute
from quittance.identity.models import User
from quittance.notifications.messages import send_message
from quittance.notifications.models import Message
from quittance.tenancy.rows import reading
from tests.backoffice.office import fields, two_persons_above, words
from tests.disputes.quarrels import PDF, again, disputed
from tests.ground import HARBORLINE
from tests.portal.doors import Door

LIST = "/office/disputes"


def buyer_of(door: Door) -> User:
    return door.person(HARBORLINE)


def a_dispute(door: Door, amount: str = "50.00") -> InvoiceDispute:
    return disputed(door.ground.bill("250.00"), buyer_of(door), amount)


def act(client: Client, dispute: InvoiceDispute, way: str, **typed: str) -> object:
    page = client.get(f"{LIST}/{dispute.pk}")
    return client.post(f"{LIST}/{dispute.pk}/{way}", fields(page, way) | typed)


def test_the_list_says_who_how_old_and_whose_move_it_is(door: Door) -> None:
    office, dispute = door.clerk(), a_dispute(door)

    shown = words(office.get(LIST))
    office.post(f"{LIST}/{dispute.pk}/hand", {"owner": str(_priya().pk)})
    mine = words(office.get(f"{LIST}?tab=mine&q={dispute.invoice.number}"))

    for each in ("Harborline", dispute.number, "Wrong quantity", "Nobody yet", "To answer 1",
                 "just now", "$50.00"):  # fmt: skip
        assert each in shown
    assert dispute.number in mine
    assert "Nobody yet" not in mine
    assert "No disputes here" in words(office.get(f"{LIST}?tab=over"))
    assert "No disputes here" in words(office.get(f"{LIST}?q=nothing"))


def _priya() -> User:
    with reading():
        return User.objects.get(email="priya@example.test")


def test_a_question_is_answered_and_a_part_accepted(door: Door) -> None:
    office, dispute = door.clerk(), a_dispute(door)
    sent = fields(office.get(f"{LIST}/{dispute.pk}"), "answer") | {
        "text": "Which cases?", "asks": "1",
    }  # fmt: skip
    office.post(f"{LIST}/{dispute.pk}/answer", sent | {"files": SimpleUploadedFile("pod.pdf", PDF)})
    asked = again(dispute).status

    answer = act(
        office, dispute, "accept", amount="25.00", remedy="credit_note", text="Two of four."
    )

    shown = words(office.get(f"{LIST}/{dispute.pk}"))
    assert asked == "waiting"
    assert answer.status_code == 303  # type: ignore[attr-defined]
    assert (again(dispute).status, dispute.agreed_minor) == ("accepted", 2500)
    assert "accepted $25.00" in shown
    assert "Two of four." in shown
    with reading():
        file = DisputeFile.objects.get()
        done = set(AuditEvent.objects.values_list("what", flat=True))
    assert {"dispute.asked", "dispute.accepted"} <= done
    assert office.get(f"{LIST}/{dispute.pk}/files/{file.pk}").content == PDF


@pytest.mark.parametrize(("way", "status"), [("reject", "rejected"), ("close", "closed")])
def test_a_no_needs_words_and_goes_to_the_buyer_by_mail(door: Door, way: str, status: str) -> None:
    office, dispute = door.clerk(), a_dispute(door)

    silent = act(office, dispute, way, text=" ")
    before = again(dispute).status
    act(office, dispute, way, text="The proof of delivery has four cases.")

    assert silent.status_code == 409  # type: ignore[attr-defined]
    assert (before, again(dispute).status) == ("open", status)
    with reading():
        mail = Message.objects.get(kind="dispute_buyer")
    assert mail.to == "dana@example.test"
    send_message(mail.pk)
    with reading():
        assert Message.objects.get(pk=mail.pk).sent_at is not None


def test_more_than_one_person_may_decide_is_accepted_by_a_manager(door: Door) -> None:
    office, dispute = door.clerk(), a_dispute(door)
    manager = door.signed_in(email="mia@example.test", role="manager")
    two_persons_above(door, 4999)

    typed = {"amount": "50.00", "remedy": "credit_note"}
    refused = act(office, dispute, "accept", **typed)
    before = again(dispute).status
    act(manager, dispute, "accept", **typed)

    assert "Ask a manager" in words(refused)
    assert (before, again(dispute).status) == ("open", "accepted")


def test_what_cannot_be_read_comes_back_and_changes_nothing(door: Door) -> None:
    office, dispute = door.clerk(), a_dispute(door)

    for typed in (
        {"amount": "50.01", "remedy": "credit_note"},
        {"amount": "much", "remedy": "credit_note"},
        {"amount": "50.00", "remedy": "gold"},
    ):
        answer = act(office, dispute, "accept", **typed)
        assert answer.status_code == 409  # type: ignore[attr-defined]
    assert again(dispute).status == "open"
    stranger = office.post(f"{LIST}/{dispute.pk}/hand", {"owner": str(dispute.opened_by_id)})
    assert stranger.status_code == 404


def test_an_organization_shapes_reasons_and_what_is_left_out(door: Door) -> None:
    manager = door.signed_in(email="mia@example.test", role="manager")
    sent = fields(manager.get(f"{LIST}/rules"), "rules/keep")

    wrong = manager.post(f"{LIST}/rules/keep", sent | {"reasons": ""})
    kept = manager.post(
        f"{LIST}/rules/keep",
        sent | {"reasons": "Wrong price\nPallet swap", "leaves_out": "invoice"},
    )

    assert wrong.status_code == 422
    assert kept["Location"] == f"{LIST}?done=rules"
    page = manager.get(f"{LIST}/rules").content.decode()
    assert "Wrong price\nPallet swap</textarea>" in page
    assert 'value="invoice" checked' in page
    invoice = door.ground.bill("250.00")
    form = words(door.buyer().get(f"/invoices/{invoice.pk}/dispute"))
    assert "Pallet swap" in form
    assert "Damaged goods" not in form
    assert door.clerk().get(f"{LIST}/rules").status_code == 404


def test_an_auditor_sees_it_and_has_no_forms(door: Door) -> None:
    dispute = a_dispute(door)
    auditor = door.signed_in(email="audit@example.test", role="auditor")

    page = auditor.get(f"{LIST}/{dispute.pk}").content.decode()

    assert "Four cases were missing." in page
    assert "/accept" not in page
