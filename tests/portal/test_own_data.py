"""A person asks for everything that is kept of them, and gets it alone."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from quittance.privacy.making import make
from quittance.privacy.models import PersonFile
from quittance.tenancy.rows import reading
from tests.portal.doors import Door
from tests.portal.test_security import late


def test_a_person_gets_what_is_kept_of_them_and_nobody_else_does(door: Door) -> None:
    buyer, stranger = door.buyer(), door.stranger()

    shown = buyer.get("/profile").content.decode()
    asked = buyer.post("/profile/data/ask")
    waits = buyer.get("/profile/data").content.decode()
    with reading():
        file_id = PersonFile.objects.get().pk
    early = buyer.get(f"/profile/data/{file_id}")
    make(file_id)
    ready = buyer.get("/profile/data").content.decode()
    answer = buyer.get(f"/profile/data/{file_id}")

    assert 'href="/profile/data"' in shown
    assert asked["Location"] == "/profile/data"
    assert 'role="progressbar"' in waits
    assert early.status_code == 404
    assert f"/profile/data/{file_id}" in ready
    assert answer["Content-Type"] == "application/zip"
    assert "attachment" in answer["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert json.loads(archive.read("person.json"))[0]["email"] == "dana@example.test"
    assert stranger.get(f"/profile/data/{file_id}").status_code == 404
    assert str(file_id) not in stranger.get("/profile/data").content.decode()


def test_it_wants_a_fresh_proof_to_ask_and_to_take_it_away(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer = door.buyer()
    buyer.post("/profile/data/ask")
    with reading():
        file_id = PersonFile.objects.get().pk
    make(file_id)
    late(monkeypatch, minutes=6)

    for answer in (buyer.post("/profile/data/ask"), buyer.get(f"/profile/data/{file_id}")):
        assert answer["Location"].startswith("/security/prove")
