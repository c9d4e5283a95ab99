"""Events are chained by the database at commit: no gaps, no choice, no lock while an act lasts."""

from __future__ import annotations

import importlib
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, connections

from quittance.audit.chain import BEFORE_THE_FIRST, FIELDS, hash_of
from quittance.audit.models import AuditEvent, ChainLink
from quittance.audit.record import record_event
from quittance.core import clock
from quittance.identity.models import SignIn, User
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import Origin, coming_from, narrowed_to, working_for

_ODD = (
    "plain", "", "ü€漢\U0001f600", "a,b:3:c", "\u202eleft", "line\nbreak\ttab\r", "\\ \" ' ; --",
    "\x7f\x01", "x" * 5000,
)  # fmt: skip


def _run(*acts: Callable[[], None]) -> None:
    """Run acts at the same time, each with a connection of its own; raise what one raised."""

    def alone(act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        for each in [pool.submit(alone, act) for act in acts]:
            each.result(timeout=60)


def _chain() -> list[tuple[int, UUID, bytes]]:
    with reading():
        rows = ChainLink.objects.order_by("place").values_list("place", "id", "hash")
        return [(place, event_id, bytes(hash_)) for place, event_id, hash_ in rows]


def _told() -> list[str]:
    """What the events of the chain say was done, in its order."""
    with reading():
        told = dict(AuditEvent.objects.values_list("pk", "what"))
    return [told[event_id] for _, event_id, _ in _chain()]


def _computed() -> list[bytes]:
    """The hashes of the current organization's chain, as Python computes them."""
    fields = ", ".join(
        f"{'l' if name in {'place', 'chained_at', 'form'} else 'e'}.{name}"
        f"{'::text' if name == 'facts' else ''}"
        for name in FIELDS
    )
    with reading(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {fields} FROM audit_chainlink l JOIN audit_auditevent e ON e.id = l.id"
            " ORDER BY l.place"
        )
        hashes, last = [], BEFORE_THE_FIRST
        for row in cursor.fetchall():
            last = hash_of(last, row)
            hashes.append(last)
    return hashes


def test_events_have_places_in_the_order_of_their_commits(organization: UUID) -> None:
    for number in range(3):
        with writing():
            record_event(f"tried {number}")
            record_event(f"done {number}")

    assert [place for place, *_ in _chain()] == [1, 2, 3, 4, 5, 6]
    assert _told() == ["tried 0", "done 0", "tried 1", "done 1", "tried 2", "done 2"]


def test_python_computes_the_hashes_that_the_database_wrote(organization: UUID) -> None:
    for text in _ODD:
        origin = Origin("2001:db8::1", text[:200], uuid4().hex)
        with (
            coming_from(origin),
            working_for(organization, actor=f"user:{text[:20]}", on_behalf_of=text[:90]),
            writing(),
        ):
            facts: dict[str, object] = {
                "text": text, "numbers": [1, -2.5, 1e-9, 10**30, None, True], "b": {"a": text}
            }  # fmt: skip
            record_event(text[:60], subject_id=uuid4(), subject_kind="payment", **facts)

    written = [hash_ for *_, hash_ in _chain()]
    assert len(written) == len(_ODD) == len(set(written))
    assert written == _computed()


def test_an_act_that_is_taken_back_leaves_no_gap(organization: UUID) -> None:
    for fails in (False, True, False):
        try:
            with writing():
                record_event("tried")
                if fails:
                    raise LookupError
        except LookupError:
            continue

    assert [place for place, *_ in _chain()] == [1, 2]


def test_a_buyers_event_is_chained_like_any_other(organization: UUID) -> None:
    account = uuid4()
    with narrowed_to([account]), writing():
        record_event("signed in")

    with reading():
        event = AuditEvent.objects.get()
    assert event.customer_account_id == account
    assert [event_id for _, event_id, _ in _chain()] == [event.pk]


def test_many_at_once_make_one_chain_without_gaps(organization: UUID) -> None:
    def act() -> None:
        for _ in range(8):
            with working_for(organization, actor="test"), writing():
                record_event("tried")

    _run(*[act] * 6)

    assert [place for place, *_ in _chain()] == list(range(1, 49))
    assert [hash_ for *_, hash_ in _chain()] == _computed()


def test_an_act_that_lasts_keeps_nobody_waiting(organization: UUID) -> None:
    with writing():
        record_event("long act")
        _run(lambda: _short_act(organization))

    assert _told() == ["short act", "long act"]


def _short_act(organization: UUID) -> None:
    with working_for(organization, actor="test"), writing(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '100ms'")
        record_event("short act")


def test_who_waits_too_long_for_the_chain_leaves_nothing_behind(organization: UUID) -> None:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('quittance.audit:' || %s, 0))",
            [str(organization)],
        )
        with pytest.raises(DatabaseError):
            _short_act(organization)
        kept = _told()
    _short_act(organization)

    assert (kept, _told()) == ([], ["short act"])


def test_who_waits_for_a_row_at_commit_does_not_hold_the_chain(organization: UUID) -> None:
    with writing():
        user = User.objects.create(email="dana@a.example", name="Dana")
    ready, waits = threading.Event(), threading.Event()

    def holds_the_row() -> None:
        with working_for(organization, actor="holder"), writing():
            User.objects.select_for_update().get(pk=user.pk)
            record_event("row held")
            ready.set()
            assert waits.wait(30)

    def refers_to_the_row() -> None:
        assert ready.wait(30)
        with working_for(organization, actor="waiter"), writing():
            record_event("row referred to")
            SignIn.objects.create(user=user, began_at=clock.now(), until=clock.now())

    def watch() -> None:
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
            until = time.monotonic() + 30
            while time.monotonic() < until:
                ((waiting,),) = owner.execute(
                    "SELECT count(*) FROM pg_locks JOIN pg_stat_activity AS who USING (pid)"
                    " WHERE NOT granted AND who.datname = current_database()"
                ).fetchall()
                if waiting:
                    break
                time.sleep(0.01)
        waits.set()

    _run(holds_the_row, refers_to_the_row, watch)

    assert [place for place, *_ in _chain()] == [1, 2]


def test_an_act_that_is_chained_early_goes_on_in_its_own_scope(organization: UUID) -> None:
    with narrowed_to([uuid4()]), writing(), connection.cursor() as cursor:
        record_event("first")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        record_event("second")
        assert AuditEvent.objects.count() == 0  # buyers still see none

    assert [place for place, *_ in _chain()] == [1, 2]


_OWN_TRIGGER = (
    "CREATE TEMP TABLE mine (event_id uuid, organization_id uuid, told bytea);"
    "CREATE TRIGGER t AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION "
)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET actor = 'nobody'",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent",
        "UPDATE audit_chainlink SET place = 7",
        "DELETE FROM audit_chainlink",
        "TRUNCATE audit_chainlink",
        "INSERT INTO audit_chainlink SELECT * FROM audit_chainlink",
        "INSERT INTO audit_unchained SELECT id, organization_id, '' FROM audit_chainlink",
        "SELECT * FROM audit_unchained",
        "SELECT audit_append(gen_random_uuid(), organization_id, '') FROM audit_chainlink",
        f"{_OWN_TRIGGER} audit_chain()",
        f"{_OWN_TRIGGER} audit_put_in_line()",
        "ALTER TABLE audit_auditevent DISABLE TRIGGER ALL",
        "DROP TRIGGER is_put_in_line ON audit_auditevent",
        "SET session_replication_role = replica",
    ],
)
def test_the_application_may_only_add_events(organization: UUID, statement: str) -> None:
    with writing():
        record_event("tried")
    before = _chain()

    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        writing(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert _chain() == before


@pytest.mark.parametrize("table", ["audit_auditevent", "audit_chainlink"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_not_even_the_owner_of_the_tables_changes_them(
    organization: UUID, table: str, statement: str
) -> None:
    with (
        psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner,
        pytest.raises(psycopg.errors.CheckViolation, match="only ever grows"),
    ):
        owner.execute(statement.format(table))


def test_a_table_of_ones_own_does_not_come_first(organization: UUID) -> None:
    with writing(), connection.cursor() as cursor:
        for name in ("audit_chainlink", "audit_unchained", "audit_auditevent"):
            cursor.execute(f"CREATE TEMP TABLE {name} (place bigint, hash bytea) ON COMMIT DROP")
        cursor.execute(
            "INSERT INTO public.audit_auditevent (id, organization_id, happened_at, actor, what,"
            " facts) VALUES (gen_random_uuid(), %s, now(), 'a', 'b', '{}')",
            [organization],
        )

    assert [place for place, *_ in _chain()] == [1]


def test_who_changes_the_organization_before_the_commit_commits_nothing(organization: UUID) -> None:
    def act() -> None:
        with writing(), connection.cursor() as cursor:
            record_event("tried")
            cursor.execute("SELECT set_config('quittance.organization', %s, true)", [str(uuid4())])

    with pytest.raises(DatabaseError, match="row-level security"):
        act()

    with reading():
        assert AuditEvent.objects.count() == 0


def test_events_of_before_the_chain_are_chained_in_their_order(
    organization: UUID, request: pytest.FixtureRequest
) -> None:
    superuser: psycopg.Connection = request.getfixturevalue("_superuser")
    # What tests that take links out have left of organizations that are gone: see conftest.
    superuser.execute(
        "DELETE FROM audit_auditevent"
        " WHERE organization_id NOT IN (SELECT id FROM tenancy_organization)"
    )
    for number in (3, 1, 2):
        superuser.execute(
            "INSERT INTO audit_auditevent (id, organization_id, happened_at, actor, what, facts)"
            " VALUES (gen_random_uuid(), %s, make_date(2026, 1, %s), 'a', %s, '{}')",
            [organization, number, str(number)],
        )
    assert _chain() == []

    step = importlib.import_module("quittance.audit.migrations.0007_chain_what_was_there")
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute(step.CHAINED)

    assert _told() == ["1", "2", "3"]
    assert [hash_ for *_, hash_ in _chain()] == _computed()
