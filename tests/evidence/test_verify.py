"""Whatever a superuser does to the events shows."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import psycopg
import pytest

from quittance.audit.chain import BEFORE_THE_FIRST, FIELDS, hash_of
from quittance.audit.models import AuditEvent
from quittance.audit.record import record_event
from quittance.evidence import links as room
from quittance.evidence.anchors import Head, drop_anchor, read_head
from quittance.evidence.models import Anchor
from quittance.evidence.verify import Verdict, verify
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import Origin, coming_from, working_for

_EVENTS = 7
Tamper = Callable[..., psycopg.Cursor[tuple[object, ...]]]


@pytest.fixture
def chain(organization: UUID, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """An organization with a few events, of which the verifier reads three at once."""
    monkeypatch.setattr(room, "_AT_ONCE", 3)
    for number in range(1, _EVENTS + 1):
        with (
            coming_from(Origin("192.0.2.1", "Firefox", uuid4().hex)),
            working_for(organization, actor="user:dana", acting_for=uuid4()),
            writing(),
        ):
            record_event(f"did {number}", subject_kind="x", subject_id=uuid4(), amount=number)
    return organization


@pytest.fixture
def tamper(request: pytest.FixtureRequest) -> Tamper:
    """What a superuser can do, past all triggers."""
    superuser: psycopg.Connection = request.getfixturevalue("_superuser")
    return superuser.execute


def _event(organization: UUID, place: int) -> UUID:
    with working_for(organization, actor="test"), reading():
        return AuditEvent.objects.get(what=f"did {place}").pk


def test_a_whole_chain_is_whole(chain: UUID) -> None:
    assert verify() == Verdict(events=_EVENTS)
    drop_anchor(date(2026, 3, 1))
    assert verify() == Verdict(events=_EVENTS, anchors=1)


def test_an_organization_without_events_is_whole(organization: UUID) -> None:
    assert verify() == Verdict()
    assert drop_anchor(date(2026, 3, 1)) is None


_CHANGES = {
    "actor": "'user:sam'", "what": "'nothing'", "facts": "facts || '{\"amount\": 0}'",
    "happened_at": "happened_at + interval '1 microsecond'", "subject_id": "gen_random_uuid()",
    "subject_kind": "'y'", "address": "'192.0.2.2'", "browser": "''", "request_id": "''",
    "customer_account_id": "NULL", "on_behalf_of": "'user:sam'",
}  # fmt: skip


@pytest.mark.parametrize("column", _CHANGES)
def test_a_changed_event_is_found(chain: UUID, tamper: Tamper, column: str) -> None:
    event = _event(chain, 4)
    tamper(f"UPDATE audit_auditevent SET {column} = {_CHANGES[column]} WHERE id = %s", [event])

    found = verify()

    assert (found.wrong, found.events) == (1, _EVENTS)
    assert found.first.startswith("Event 4 is not what was written down: ")


def test_every_column_of_an_event_is_tried_here() -> None:
    own = {field.column for field in AuditEvent._meta.concrete_fields}

    assert set(_CHANGES) == own - {"id", "organization_id"}
    assert own <= set(FIELDS)


def test_a_deleted_event_is_found(chain: UUID, tamper: Tamper) -> None:
    tamper("DELETE FROM audit_auditevent WHERE id = %s", [_event(chain, 4)])

    assert verify().first == "Event 4 is gone; its place in the chain is still there."


def test_an_event_that_is_deleted_with_its_link_is_found(chain: UUID, tamper: Tamper) -> None:
    event = _event(chain, 4)
    for table in ("audit_auditevent", "audit_chainlink"):
        tamper(f"DELETE FROM {table} WHERE id = %s", [event])

    assert verify().first == "The events 4 to 4 are not in the chain any more."


def test_a_gap_that_is_closed_is_found(chain: UUID, tamper: Tamper) -> None:
    event = _event(chain, 4)
    for table in ("audit_auditevent", "audit_chainlink"):
        tamper(f"DELETE FROM {table} WHERE id = %s", [event])
    for place in (5, 6, 7):
        tamper(
            "UPDATE audit_chainlink SET place = place - 1"
            " WHERE organization_id = %s AND place = %s",
            [chain, place],
        )

    assert verify().first.startswith("Event 4 is not what was written down")


def test_an_inserted_event_is_found(chain: UUID, tamper: Tamper) -> None:
    tamper(
        "INSERT INTO audit_auditevent SELECT (e).* FROM ("
        "SELECT jsonb_populate_record(a, %s::jsonb) AS e FROM audit_auditevent a WHERE id = %s) s",
        [f'{{"id": "{uuid4()}", "what": "forged"}}', _event(chain, 4)],
    )

    found = verify()

    assert found.wrong == 1
    assert found.first.startswith('An event was put in past the chain: "forged" by user:dana')


def test_events_that_changed_places_are_found(chain: UUID, tamper: Tamper) -> None:
    first, second = _event(chain, 2), _event(chain, 3)
    for place, event in ((-1, first), (2, second), (3, first)):
        tamper("UPDATE audit_chainlink SET place = %s WHERE id = %s", [place, event])

    found = verify()

    assert found.wrong == 3  # both, and the one behind them
    assert found.first.startswith('Event 2 is not what was written down: "did 3"')


def _cut(tamper: Tamper, organization: UUID, behind: int) -> None:
    for place in range(behind + 1, _EVENTS + 1):
        event = _event(organization, place)
        for table in ("audit_auditevent", "audit_chainlink"):
            tamper(f"DELETE FROM {table} WHERE id = %s", [event])


def test_a_cut_end_is_found_by_the_anchor(chain: UUID, tamper: Tamper) -> None:
    drop_anchor(date(2026, 3, 1))
    _cut(tamper, chain, 5)

    found = verify()

    assert (found.events, found.wrong) == (5, 1)
    assert found.first == (
        "The anchor of 2026-03-01 knows 7 events, and there are 5: the end was cut."
    )


def test_a_cut_end_is_found_by_the_mail_also_when_our_anchor_is_gone(
    chain: UUID, tamper: Tamper
) -> None:
    head = drop_anchor(date(2026, 3, 1))
    assert head is not None
    tamper("DELETE FROM evidence_anchor WHERE organization_id = %s", [chain])
    _cut(tamper, chain, 6)
    assert verify().wrong == 0  # what the database says of itself

    found = verify([read_head(str(head)), Head(uuid4(), 1, bytes(32))])

    assert (found.anchors, found.wrong) == (1, 1)
    assert found.first == (
        "The anchor that was given knows 7 events, and there are 6: the end was cut."
    )


def test_a_chain_that_was_written_anew_is_found_by_the_anchor(chain: UUID, tamper: Tamper) -> None:
    drop_anchor(date(2026, 3, 1))
    tamper("UPDATE audit_auditevent SET actor = 'user:sam' WHERE id = %s", [_event(chain, 4)])
    before = BEFORE_THE_FIRST
    for place, link, _, *fields in _links(chain, tamper):
        before = hash_of(before, fields)
        tamper("UPDATE audit_chainlink SET hash = %s WHERE id = %s", [before, link])
        assert place

    found = verify()

    assert found.wrong == 1
    assert (
        found.first == "The anchor of 2026-03-01 knows another event 7: the chain was written anew."
    )


def _links(organization: UUID, tamper: Tamper) -> list[tuple[object, ...]]:
    statement = room._LINKS.replace("l.hash,", "l.id,")
    return tamper(statement, [organization, 0, 100]).fetchall()


def test_anchors_are_as_fixed_as_events(chain: UUID) -> None:
    drop_anchor(date(2026, 3, 1))

    with (
        psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner,
        pytest.raises(psycopg.errors.CheckViolation, match="only ever grows"),
    ):
        owner.execute("DELETE FROM evidence_anchor")
    with reading():
        assert Anchor.objects.count() == 1
