"""Erases a person: what is theirs goes, and books and audit keep a pseudonym."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from django.db import connection

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.identity.permissions import Permission, may
from quittance.privacy.duties import duties_of
from quittance.privacy.gathering import marks_of
from quittance.privacy.places import PLACES, Fate, Place
from quittance.sso.told import keep_out_leaver
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened

_PERSON: Final = next(place for place in PLACES if place.key == "person")


class MayNotErase(RuleBroken):
    """Only an administrator of the seller erases people, and never themselves."""


class StillNeeded(RuleBroken):
    """Others wait for something of this person. Nothing was erased."""


class ErasedAlready(RuleBroken):
    """This person was erased. Nothing is left to erase."""


def would_be_erased(person: User) -> list[tuple[Place, int]]:
    """Return how many rows of each place name the person; nothing is changed."""
    with widened(), reading(), connection.cursor() as cursor:
        found = []
        for place in PLACES:
            statement = f"SELECT count(*) FROM {place.table} WHERE {place.whose}"  # noqa: S608
            cursor.execute(statement, marks_of(person))
            found.append((place, int(cursor.fetchone()[0])))
    return [(place, count) for place, count in found if count]


def erase(person_id: UUID, *, by: User | None) -> Mapping[str, int]:
    """Erase a person at once; return how many rows of each place were changed or went.

    The caller saw a fresh proof; ``by`` is ``None`` for the operator. Nothing of it can be undone.
    Raises ``MayNotErase``, ``ErasedAlready``, ``StillNeeded`` with the fact ``duties``.
    """
    with widened(), writing("a person was erased"):
        person = _locked(person_id, by=by)
        duties = duties_of(person)
        if duties:
            raise StillNeeded(duties=duties)
        keep_out_leaver(person)
        marks = {**marks_of(person), **_pseudonym(person)}
        _forget(person, marks)
        touched = {place.key: _apply(place, marks) for place in PLACES if place is not _PERSON}
        rows = {key: count for key, count in touched.items() if count}
        record_event("person erased", subject_kind="user", subject_id=person.pk, rows=rows)
    return {_PERSON.key: 1, **rows}


def _locked(person_id: UUID, *, by: User | None) -> User:
    """Return the person, while all who administer stay as they are."""
    administrators = User.objects.filter(staff_role=User.StaffRole.ADMINISTRATOR, is_active=True)
    list(administrators.select_for_update(no_key=True).order_by("pk"))
    if by is not None:
        now = User.objects.filter(pk=by.pk).first()
        if now is None or not may(now, Permission.PEOPLES_DATA) or by.pk == person_id:
            raise MayNotErase
    person = User.objects.select_for_update().get(pk=person_id)
    if person.erased_at is not None:
        raise ErasedAlready
    return person


def _pseudonym(person: User) -> Mapping[str, str]:
    """Return what stands for the person from now on: it says nothing, and is always the same."""
    return {
        "pseudonym": f"Erased person {person.pk.hex[-6:].upper()}",
        "no_mail": f"erased-{person.pk.hex}@erased.invalid",
    }


def _forget(person: User, marks: Mapping[str, Any]) -> None:
    now = clock.now()
    User.objects.filter(pk=person.pk).update(
        name=marks["pseudonym"], email=marks["no_mail"], password="", staff_role="", language="",
        formats="", zone="", is_active=False, signed_out_at=now, erased_at=now,
    )  # fmt: skip


def _apply(place: Place, marks: Mapping[str, Any]) -> int:
    """Do with one place's rows what an erasure does; return how many there were."""
    if place.fate == Fate.STAYS:
        return 0
    count = 0
    with connection.cursor() as cursor:
        for statement in _statements(place):
            cursor.execute(statement, marks)
            count = cursor.rowcount
    return count


def _statements(place: Place) -> Iterator[str]:
    """The last one is about the place's own rows. All words are ours (privacy/places.py)."""
    if place.fate == Fate.EMPTIED:
        changes = [
            *(f"\"{column}\" = ''" for column in place.empties),
            *(f'"{column}" = %(pseudonym)s' for column in place.renamed),
            *(f'"{column}" = NULL' for column in place.frees),
            *(f'"{column}" = "{column}" - \'{key}\'' for column, key in place.cuts),
        ]
        yield f"UPDATE {place.table} SET {', '.join(changes)} WHERE {place.whose}"  # noqa: S608
        return
    for table, column in place.parts:
        yield (
            f"DELETE FROM {table} WHERE {column} IN"  # noqa: S608
            f" (SELECT id FROM {place.table} WHERE {place.whose})"
        )
    yield f"DELETE FROM {place.table} WHERE {place.whose}"  # noqa: S608
