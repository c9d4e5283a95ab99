"""What is kept of a person is told to who asked for it, whole, and to nobody else."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from quittance.core import clock
from quittance.identity.models import User
from quittance.notifications.models import Message
from quittance.privacy import gathering
from quittance.privacy.asking import NotTheirs, ask_for_person, content_for, file_for
from quittance.privacy.jobs import wake_unmade
from quittance.privacy.making import make
from quittance.privacy.models import PersonFile
from quittance.privacy.places import PLACES
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from tests.tenancy.filled import Filled, fill


@pytest.fixture(scope="module")
def filled(database: None) -> Iterator[Filled]:
    """An organization with a row in every table."""
    filled = fill("Telling")
    with working_for(filled.organization_id, actor="test"):
        yield filled


@pytest.fixture
def person(filled: Filled) -> User:
    """Of whom something is kept."""
    with reading():
        return User.objects.get(pk=filled.user_id)


def colleague(role: str) -> User:
    with writing():
        return User.objects.get_or_create(
            email=f"{role}@wren.example", defaults={"name": role, "staff_role": role}
        )[0]


def told(by: User, file_id: UUID) -> zipfile.ZipFile:
    content = content_for(by, file_id)
    assert content is not None
    return zipfile.ZipFile(io.BytesIO(content))


def test_the_file_holds_every_place_as_json_with_a_text_that_explains_it(person: User) -> None:
    file_id = ask_for_person(person, by=person)
    waiting = file_for(person, about=person)
    assert waiting is not None
    assert (waiting.done, waiting.whole, waiting.size_bytes) == (0, len(PLACES), 0)
    make(file_id)

    with told(person, file_id) as archive:
        rows = {place.key: json.loads(archive.read(f"{place.key}.json")) for place in PLACES}
        readme = archive.read("README.txt").decode()
        files = [name for name in archive.namelist() if name.startswith("dispute-files/")]
        sent = archive.read(files[0])

    assert rows["person"][0]["email"] == person.email
    assert "password" not in rows["person"][0]
    assert {key for key, found in rows.items() if found} >= {
        "sessions", "passkeys", "customers", "payments", "consents", "dispute-notes", "visits",
    }  # fmt: skip
    assert sent == b"sealed"
    assert person.email in readme
    assert all(place.what in readme for place in PLACES)
    ready = file_for(person, file_id=file_id)
    assert ready is not None
    assert ready.done == ready.whole


def test_a_file_whose_job_broke_is_made_after_all(person: User) -> None:
    made = ask_for_person(person, by=colleague("administrator"))
    make(made)
    broke = ask_for_person(person, by=person)
    of = "FROM procrastinate_jobs WHERE args->>'file_id' = %s"
    with connection.cursor() as cursor:
        for file_id in (made, broke):
            cursor.execute(f"DELETE {of}", [str(file_id)])

        wake_unmade(0)

        counts = []
        for file_id in (made, broke):
            cursor.execute(f"SELECT count(*) {of}", [str(file_id)])
            counts.append(cursor.fetchone()[0])
    assert counts == [0, 1]


def test_nobody_but_who_asked_takes_it_away_and_only_for_a_day(person: User) -> None:
    administrator = colleague("administrator")
    file_id = ask_for_person(person, by=administrator)
    make(file_id)

    assert content_for(person, file_id) is None
    assert file_for(person, file_id=file_id) is None
    assert content_for(administrator, file_id) is not None
    with writing():
        PersonFile.objects.filter(pk=file_id).update(expires_at=clock.now() - timedelta(seconds=1))
    assert content_for(administrator, file_id) is None


@pytest.mark.parametrize("role", ["auditor", "clerk", "manager", "integrator"])
def test_only_an_administrator_asks_about_others(person: User, role: str) -> None:
    with pytest.raises(NotTheirs):
        ask_for_person(person, by=colleague(role))
    assert ask_for_person(colleague(role), by=colleague(role))


def test_what_was_mailed_is_told_by_address_in_any_case_of_its_letters(person: User) -> None:
    with writing():
        Message.objects.create(
            key="told", kind="receipt", to=person.email.upper(), sent_at=clock.now()
        )
    file_id = ask_for_person(person, by=person)
    make(file_id)

    with told(person, file_id) as archive:
        mails = json.loads(archive.read("mails.json"))
    assert person.email.upper() in [each["to"] for each in mails]
    assert all("facts" not in each for each in mails)


def test_files_that_are_too_large_are_left_out_and_named(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "MOST_BYTES_OF_FILES", 3)
    file_id = ask_for_person(person, by=person)
    make(file_id)

    with told(person, file_id) as archive:
        assert "1 files are not in it" in archive.read("README.txt").decode()
        assert not [name for name in archive.namelist() if name.startswith("dispute-files/")]


def test_made_twice_it_stays_as_it_was(person: User) -> None:
    file_id = ask_for_person(person, by=person)
    make(file_id)
    first = content_for(person, file_id)
    make(file_id)

    assert content_for(person, file_id) == first
