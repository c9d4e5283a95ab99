"""Acts of the queue besides the single posting: stopped postings, second persons, the way back."""

from __future__ import annotations

import pytest

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.payments.models import Payment
from quittance.posting import gate
from quittance.posting.models import ErpPosting
from quittance.reconciliation.exceptions import handle
from quittance.reconciliation.models import Finding
from quittance.tenancy.rows import reading, writing
from tests.backoffice.office import action, posting_of, refused, two_persons_above, words
from tests.portal.doors import Door


def stopped(door: Door) -> Payment:
    """All postings stand still, and one payment waits in line."""
    payment = door.ground.pay((door.ground.bill("250.00"), "250.00"))
    door.ground.on_page(payment)
    with writing():
        gate.stop(door.ground.legal_entity_id, because="4 confirmed postings are gone.")
    return door.ground.advance(payment)


def finding(door: Door, **values: object) -> Finding:
    """Something that the books say must not be."""
    now = clock.now()
    facts = {"number": "P-1", "code": "R01", "problem": "Ask.", "amount_minor": 241_800,
             "currency": "USD"}  # fmt: skip
    with writing():
        return Finding.objects.create(**{
            "kind": "s1_returned_debit", "subject_kind": "reversal", "subject": str(new_id()),
            "facts": facts, "opened_at": now, "last_seen_at": now, "amount_minor": 241_800,
            "currency": "USD", **values,
        })  # fmt: skip


@pytest.mark.failure("F47")
def test_stopped_postings_go_on_when_a_person_says_what_happened(door: Door) -> None:
    payment = stopped(door)
    client = door.clerk()
    page = client.get("/office/exceptions")
    release = action(page, "release")

    silent = client.post(release, {"note": " "})
    answer = client.post(release, {"note": "Restored from the copy of Friday; posted again"})
    again = client.post(release, {"note": "x"})
    door.ground.advance(payment)

    for expected in ("Postings are stopped", "4 confirmed postings are gone.",
                     "1 posting waits in line", "Nothing is posted twice"):  # fmt: skip
        assert expected in words(page)
    assert silent.status_code == 409
    assert answer["Location"] == "/office/exceptions?done=released"
    assert "The postings go on" in words(client.get(answer["Location"]))
    assert again.status_code == 409
    assert posting_of(payment).status == ErpPosting.Status.CONFIRMED
    with reading():
        event = AuditEvent.objects.get(what="postings released")
    assert event.facts["note"] == "Restored from the copy of Friday; posted again"


def test_stopped_postings_are_handed_to_a_colleague_like_any_row(door: Door) -> None:
    stopped(door)
    client = door.clerk()
    colleague = door.person(email="mo@example.test", role="clerk", name="Mo Lindqvist")
    page = client.get("/office/exceptions")

    answer = client.post(action(page, "hand"), {"owner": str(colleague.pk)})

    assert "looked after by Mo Lindqvist" in words(client.get(answer["Location"]))


def test_an_organizations_postings_are_not_released_by_another(door: Door) -> None:
    stopped(door)

    answer = door.clerk().post(f"/office/legal-entities/{new_id()}/release", {"note": "x"})

    assert answer.status_code == 404
    with reading():
        assert gate.closed_until(door.ground.legal_entity_id) is not None


@pytest.mark.failure("F60")
def test_what_waits_for_a_second_person_is_confirmed_from_the_queue(door: Door) -> None:
    payment = refused(door)
    two_persons_above(door, 10_000)
    one = door.clerk()
    two = door.signed_in(email="mo@example.test", role="clerk", name="Mo Lindqvist")
    page = one.get(f"/office/exceptions/posting/{posting_of(payment).pk}")
    one.post(action(page, "on-account"), {"note": "The invoice is wrong"})

    own = one.get("/office/exceptions?kind=second_person")
    theirs = two.get("/office/exceptions?kind=second_person")
    answer = two.post(action(theirs, "confirm"))

    assert "somebody else confirms it" in words(own)
    assert "Confirm it" not in words(own)
    for expected in (f"Payment {payment.number}: a second person is to confirm",
                     "The invoice is wrong", "Asked for", "Dana Okafor"):  # fmt: skip
        assert expected in words(theirs)
    assert answer["Location"] == f"/office/payments/{payment.number}?done=confirmed"
    assert "Nothing waits for you" in words(two.get("/office/exceptions"))
    with reading():
        payment.refresh_from_db()
    assert payment.on_account_minor == 25_000


def test_amounts_in_sentences_are_written_as_everywhere_else(door: Door) -> None:
    finding(door)
    client = door.clerk()

    american = words(client.get("/office/exceptions"))
    british = words(client.get("/office/exceptions", headers={"accept-language": "en-GB"}))

    assert "The bank took $2,418.00 of payment P-1 back" in american
    assert "The bank took US$2,418.00 of payment P-1 back" in british


def test_the_erps_own_words_are_left_as_they_are(door: Door) -> None:
    payment = refused(door)
    with writing():
        ErpPosting.objects.filter(source_id=payment.pk).update(
            rejection="The amount 250.00 USD is not within the range."
        )

    assert "250.00 USD is not within" in words(door.clerk().get("/office/exceptions"))


def test_what_was_handled_wrongly_is_put_back_with_a_reason(door: Door) -> None:
    found = finding(door)
    client = door.clerk()
    client.post(action(client.get("/office/exceptions"), "handle"), {"note": "They paid by cheque"})

    listed = client.get("/office/exceptions/handled")
    back = action(listed, "put-back")
    silent, answer = client.post(back, {"note": ""}), client.post(back, {"note": "It bounced"})
    again = client.post(back, {"note": "It bounced"})

    for expected in ("They paid by cheque", "by Dana Okafor", "$2,418.00"):
        assert expected in words(listed)
    assert silent.status_code == 409
    assert answer["Location"] == f"/office/exceptions/finding/{found.pk}?done=put_back"
    assert "It waits again" in words(client.get(answer["Location"]))
    assert again.status_code == 409
    assert "Nothing was handled with a note" in words(client.get("/office/exceptions/handled"))
    with reading():
        assert AuditEvent.objects.get(what="finding put back").facts["note"] == "It bounced"


def test_an_auditor_reads_what_was_handled_and_cannot_put_it_back(door: Door) -> None:
    found = finding(door)
    handle(f"finding:{found.pk}", note="Fine")

    page = door.signed_in(email="audit@example.test", role="auditor").get(
        "/office/exceptions/handled"
    )

    assert "Fine" in words(page)
    assert "put-back" not in page.content.decode()
