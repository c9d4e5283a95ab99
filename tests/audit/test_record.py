"""What people did is remembered."""

from __future__ import annotations

from uuid import UUID, uuid4

from quittance.audit.models import AuditEvent
from quittance.audit.record import record_event
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to, working_for


def test_an_event_says_who_did_what_to_whom(organization: UUID) -> None:
    subject = uuid4()
    with working_for(organization, actor="user:dana"), writing():
        record_event("posting retried", subject_id=subject, document="P-1")

    with reading():
        event = AuditEvent.objects.get()
    assert (event.actor, event.what, event.subject_id) == ("user:dana", "posting retried", subject)
    assert event.facts == {"document": "P-1"}


def test_a_buyers_deed_is_remembered_and_not_shown_to_them(organization: UUID) -> None:
    with narrowed_to([uuid4()]):
        with writing():
            record_event("signed in")
        with reading():
            assert AuditEvent.objects.count() == 0

    with reading():
        assert AuditEvent.objects.count() == 1


def test_an_event_of_a_deed_that_failed_is_not_remembered(organization: UUID) -> None:
    try:
        with writing():
            record_event("signed in")
            raise LookupError
    except LookupError:
        pass

    with reading():
        assert AuditEvent.objects.count() == 0
