"""An erased person is nobody: their words are gone, and books and audit still prove themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.utils import IntegrityError

from quittance.core.ids import new_id
from quittance.evidence.verify import verify
from quittance.identity.models import User
from quittance.privacy.erasing import (
    ErasedAlready,
    MayNotErase,
    StillNeeded,
    erase,
    would_be_erased,
)
from quittance.privacy.places import PLACES, Fate
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from tests.privacy.test_places import MODELS
from tests.tenancy.filled import Filled, fill

NAME, MAIL = "Canary Wren", "canary@wren.example"
# So that nothing of the person is under way, and no trigger says when.
_AT_REST = (
    "UPDATE payments_payment SET status = 'cancelled', ended_at = now()",
    "UPDATE approvals_approvalrequest SET status = 'withdrawn', ended_at = now()",
    "UPDATE confirmations_confirmation SET status = 'withdrawn', sealed = '', ended_at = now()",
    "UPDATE wallet_saving SET status = 'cancelled'",
    "UPDATE posting_correction SET outcome = 'withdrawn', ended_at = now(), ended_by = 'x'",
)


@pytest.fixture
def admin(request: pytest.FixtureRequest) -> psycopg.Connection:
    """A connection past all walls and triggers."""
    found: psycopg.Connection = request.getfixturevalue("_superuser")
    return found


@pytest.fixture
def filled(database: None, admin: psycopg.Connection) -> Iterator[Filled]:
    """An organization with a row in every table, each of which names the person."""
    filled = fill("Erasing")
    mine = {"o": filled.organization_id}
    for statement in _AT_REST:
        admin.execute(f"{statement} WHERE organization_id = %(o)s", mine)
    marks = {"id": filled.user_id, "actor": f"user:{filled.user_id}", "mail": MAIL, "name": NAME}
    for place in PLACES:
        if place.table.startswith("audit_"):
            continue  # the chain is about what stood there from the beginning
        changes = [f'"{column}" = %(id)s' for column in place.ids if column != "id"]
        changes += [f'"{column}" = %(actor)s' for column in place.actors[:1]]
        changes += [f'"{column}" = %(mail)s' for column in place.mails]
        texts = {*place.empties, *place.renamed} - {*place.mails, "password", "staff_role", "email"}
        changes += [f'"{column}" = %(name)s' for column in sorted(texts)]
        if place.table in {
            "approvals_deputy", "approvals_approvalrequest", "confirmations_confirmation",
        }:  # fmt: skip
            changes = changes[:1]  # nobody decides about their own
        if changes:
            admin.execute(
                f"UPDATE {place.table} SET {', '.join(changes)} WHERE organization_id = %(o)s"
                + (" AND id = %(id)s" if place.table == "identity_user" else ""),
                {**mine, **marks},
            )
    admin.execute("UPDATE identity_user SET email = %(mail)s WHERE id = %(id)s", marks)
    admin.execute(
        "UPDATE payments_gatewayattempt SET asked_with = %s WHERE organization_id = %s",
        [json.dumps({"payer": {"name": NAME, "email": MAIL}}), filled.organization_id],
    )
    admin.execute(
        "UPDATE payments_payment SET user_id = %s WHERE organization_id = %s",
        [filled.user_id, filled.organization_id],
    )
    with working_for(filled.organization_id, actor="test"):
        yield filled


def _person(filled: Filled) -> User:
    with reading():
        return User.objects.get(pk=filled.user_id)


def _found(words: str) -> set[str]:
    """The tables in which these words stand."""
    found = set()
    with reading(), connection.cursor() as cursor:
        for table in MODELS:
            cursor.execute(
                f"SELECT count(*) FROM {table} t WHERE to_jsonb(t)::text ILIKE %s", [f"%{words}%"]
            )
            if cursor.fetchone()[0]:
                found.add(table)
    return found


def test_after_it_name_and_address_stand_nowhere_but_where_the_table_says_why(
    filled: Filled,
) -> None:
    before = {"identity_user", "notifications_message", "payments_gatewayattempt", "wallet_saving"}
    assert _found("canary") >= before

    told = dict(would_be_erased(_person(filled)))
    assert {place.key for place in told} >= {
        place.key for place in PLACES if place.fate == Fate.GOES and place.key != "mails"
    } - {"mails-waiting"}  # fmt: skip
    assert _found("canary") >= before, "to look at what would go has let go of it"
    gone = erase(filled.user_id, by=None)

    assert set(gone) >= {"sessions", "passkeys", "apps", "savings", "dispute-notes"}
    assert _found("canary") == {"payments_payment"}  # of the guest who paid: it is a book


def test_the_pseudonym_says_nothing_is_stable_and_lets_nobody_in(filled: Filled) -> None:
    erase(filled.user_id, by=None)

    person = _person(filled)
    assert person.name == f"Erased person {filled.user_id.hex[-6:].upper()}"
    assert person.email == f"erased-{filled.user_id.hex}@erased.invalid"
    assert (person.is_active, person.password, person.staff_role) == (False, "", "")
    with reading(), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT author_name FROM disputes_disputenote")
        assert cursor.fetchall() == [(person.name,)]
    with pytest.raises(ErasedAlready):
        erase(filled.user_id, by=None)


def test_the_chain_of_the_audit_stays_whole_and_says_that_it_was_done(filled: Filled) -> None:
    before = verify(())  # the row that fills the table of anchors is none of a chain

    erase(filled.user_id, by=None)

    found = verify(())
    assert (found.wrong, found.first) == (before.wrong, before.first)
    assert found.events == before.events + 1


def test_whom_the_database_knows_as_erased_nothing_lets_in_again(filled: Filled) -> None:
    erase(filled.user_id, by=None)

    for change in ({"is_active": True}, {"password": "x"}, {"staff_role": "clerk"},
                   {"email": MAIL}):  # fmt: skip
        with pytest.raises(IntegrityError), writing():
            User.objects.filter(pk=filled.user_id).update(**change)


def test_what_was_said_in_a_dispute_stays_and_only_an_erased_name_gives_way(
    filled: Filled,
) -> None:
    def change(statement: str) -> None:
        with writing(), connection.cursor() as cursor:
            cursor.execute(statement)

    with pytest.raises(IntegrityError, match="stays"):
        change("UPDATE disputes_disputenote SET author_name = 'Somebody'")
    erase(filled.user_id, by=None)
    for statement in (
        "UPDATE disputes_disputenote SET author_name = 'Somebody'",
        "UPDATE disputes_disputenote SET text = ''",
        "DELETE FROM disputes_disputenote",
    ):
        with pytest.raises(IntegrityError, match="stays"):
            change(statement)


def test_who_has_something_under_way_is_not_erased_and_it_is_said_why(
    filled: Filled, admin: psycopg.Connection
) -> None:
    admin.execute(
        "UPDATE payments_payment SET status = 'in_flight', ended_at = NULL"
        " WHERE organization_id = %s",
        [filled.organization_id],
    )

    with pytest.raises(StillNeeded) as refused:
        erase(filled.user_id, by=None)

    duties: Any = refused.value.facts["duties"]
    assert duties == ["A payment of theirs is under way. Wait for its end: nothing of it is lost."]
    assert _person(filled).name == NAME
    assert "identity_passkey" in _found(str(filled.user_id))


def test_nobody_erases_who_is_no_administrator_or_themselves(filled: Filled) -> None:
    with writing():
        people = {
            role: User.objects.create(email=f"{role}@wren.example", name=role, staff_role=role)
            for role in ("clerk", "manager", "administrator")
        }
    for by, whom in (
        (people["clerk"], filled.user_id), (people["manager"], filled.user_id),
        (people["administrator"], people["administrator"].pk), (_person(filled), filled.user_id),
    ):  # fmt: skip
        with pytest.raises(MayNotErase):
            erase(whom, by=by)
    with pytest.raises(User.DoesNotExist):
        erase(new_id(), by=people["administrator"])

    assert erase(filled.user_id, by=people["administrator"])["person"] == 1


def test_another_organizations_rows_stay_as_they_are(filled: Filled) -> None:
    other = fill("Other")
    before = {table: other.fingerprint(MODELS[table]) for table in MODELS}

    erase(filled.user_id, by=None)

    assert {table: other.fingerprint(MODELS[table]) for table in MODELS} == before
