"""What people did is remembered."""

from __future__ import annotations

from uuid import UUID, uuid4

from quittance.audit.models import AuditEvent
from quittance.audit.record import record_event
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import Origin, coming_from, narrowed_to, widened, working_for


def test_an_event_says_who_did_what_to_whom(organization: UUID) -> None:
    subject = uuid4()
    with working_for(organization, actor="user:dana"), writing():
        record_event("posting retried", subject_id=subject, subject_kind="posting", document="P-1")

    with reading():
        event = AuditEvent.objects.get()
    assert (event.actor, event.what) == ("user:dana", "posting retried")
    assert (event.subject_kind, event.subject_id) == ("posting", subject)
    assert event.facts == {"document": "P-1"}


def test_an_event_says_for_which_customer_it_was_and_for_whom_somebody_looked(
    organization: UUID,
) -> None:
    several, one, chosen = frozenset({uuid4(), uuid4()}), uuid4(), uuid4()
    with working_for(
        organization, actor="user:sam", customer_accounts=several, acting_for=chosen,
        on_behalf_of="user:dana",
    ):  # fmt: skip
        with widened(), writing():
            record_event("wide")
        with narrowed_to([one]), writing():
            record_event("narrow")
    with working_for(organization, actor="user:dana", customer_accounts=several), writing():
        record_event("undecided")

    with reading():
        events = AuditEvent.objects.values_list("what", "customer_account_id", "on_behalf_of")
        assert set(events) == {
            ("wide", chosen, "user:dana"), ("narrow", one, "user:dana"), ("undecided", None, ""),
        }  # fmt: skip


def test_an_event_says_where_it_came_from(organization: UUID) -> None:
    with coming_from(Origin("192.0.2.7", "Firefox", "a-request")), writing():
        record_event("signed in")
    with writing():
        record_event("by the clock")

    with reading():
        events = AuditEvent.objects.values_list("what", "address", "browser", "request_id")
        assert set(events) == {
            ("signed in", "192.0.2.7", "Firefox", "a-request"), ("by the clock", "", "", ""),
        }  # fmt: skip


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
