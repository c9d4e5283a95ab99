"""The audit's page: both sides, found by person, act, record and day; for those who may."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from quittance.audit.models import AuditEvent
from quittance.audit.record import record_event
from quittance.backoffice.audit import records
from quittance.core import clock
from quittance.core.ids import new_id
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from tests.backoffice.office import words
from tests.ground import HARBORLINE
from tests.portal.doors import Door

PAGE = "/office/audit"


def _auditor(door: Door) -> Client:
    return door.signed_in(email="ada@example.test", role="auditor", name="Ada Auditor")


def _did(door: Door, *whats: str, actor: str = "job", **more: Any) -> None:
    with working_for(door.ground.organization_id, actor=actor), writing():
        for what in whats:
            record_event(what, **more)


def _shown(answer: Any) -> list[str]:
    return re.findall(r'c-id" role="cell"><strong>([^<]*)<', answer.content.decode())


def test_both_sides_stand_on_one_page_with_who_for_whom_and_from_where(door: Door) -> None:
    door.signed_in(HARBORLINE)
    office = _auditor(door)

    page = words(office.get(PAGE))

    assert "Dana Okafor" in page
    assert "Ada Auditor" in page
    assert "127.0.0.1" in page
    assert "Place 1" in page


@pytest.mark.parametrize("role", ["clerk", "integrator"])
def test_who_may_not_see_it_gets_what_is_not_there(door: Door, role: str) -> None:
    client = door.signed_in(email="x@example.test", role=role)

    assert client.get(PAGE).status_code == 404
    assert client.post(f"{PAGE}/export").status_code == 404
    assert ">Audit<" not in client.get("/office/payments").content.decode()
    assert door.stranger().get(PAGE).status_code == 404


def test_events_are_found_by_person_act_record_and_day(door: Door) -> None:
    office, record = _auditor(door), new_id()
    person = door.person(email="kim@example.test", role="clerk", name="Kim")
    _did(door, "first", "second", actor=f"user:{person.pk}")
    _did(door, "third", subject_kind="finding", subject_id=record)

    assert _shown(office.get(PAGE, {"person": "Kim@Example.test"})) == ["second", "first"]
    assert _shown(office.get(PAGE, {"person": "job"})) == ["third"]
    assert _shown(office.get(PAGE, {"what": "first"})) == ["first"]
    assert _shown(office.get(PAGE, {"record": str(record)})) == ["third"]
    assert _shown(office.get(PAGE, {"record": "no such thing"})) == []
    assert _shown(office.get(PAGE, {"day": "2020-01-01"})) == []
    assert "<option selected>first</option>" in office.get(PAGE, {"what": "first"}).content.decode()


def test_what_hangs_on_a_payment_is_found_by_its_number_and_leads_to_it(door: Door) -> None:
    office, payment = _auditor(door), door.ground.pay((door.ground.bill("50.00"), "50.00"))
    _did(door, "looked at", subject_kind="payment", subject_id=payment.pk)

    answer = office.get(PAGE, {"record": payment.number.lower()})

    assert "looked at" in _shown(answer)
    assert f'href="/office/payments/{payment.number}"' in answer.content.decode()


def test_pages_follow_each_other_without_a_gap_and_back(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "PAGE", 3)
    office = _auditor(door)
    _did(door, *[f"act {n}" for n in range(8)])
    moment = clock.now()
    with reading():
        assert AuditEvent.objects.filter(happened_at__lte=moment).count() >= 8

    first = office.get(PAGE, {"person": "job"})
    second = office.get(_link(first, "Older"))
    third = office.get(_link(second, "Older"))

    seen = [*_shown(first), *_shown(second), *_shown(third)]
    assert seen == [f"act {n}" for n in reversed(range(8))]
    assert _shown(office.get(_link(third, "Newer"))) == _shown(second)
    assert office.get(PAGE, {"after": "x~y", "before": "z"}).status_code == 200


def _link(answer: Any, text: str) -> str:
    found = re.search(rf'href="([^"]+)">{text}<', answer.content.decode())
    assert found, text
    return found[1].replace("&amp;", "&")


def test_every_way_to_look_uses_an_index(door: Door) -> None:
    wishes = {
        "": {}, "person": {"actor": "job"}, "what": {"what": "x"},
        "day": {"happened_at__gte": clock.now() - timedelta(days=1)},
        "record": {"subject_id__in": [UUID(int=1)]},
    }  # fmt: skip
    with reading(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for name, wish in wishes.items():
            rows = AuditEvent.objects.filter(**wish).order_by("-happened_at", "-pk")[:51]
            plan = rows.explain()
            assert "Index" in plan, name
            assert "Seq Scan" not in plan, name


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_file_is_taken_away_and_that_is_written_down(door: Door, form: str) -> None:
    office = _auditor(door)
    day = clock.now().date()
    span = {"since": str(day - timedelta(days=2)), "until": str(day + timedelta(days=2))}

    answer = office.post(f"{PAGE}/export", {**span, "form": form})

    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert b"signed in" in content
    assert f'filename="audit-1-1.{form}"' in answer["Content-Disposition"]
    assert _shown(office.get(PAGE))[0] == "audit exported"


def test_days_without_anything_are_said(door: Door) -> None:
    office = _auditor(door)

    answer = office.post(f"{PAGE}/export", {"since": "2020-01-01", "until": "2020-01-02"})

    assert answer.status_code == 409
    assert "Nothing was done in these days. Choose others." in words(answer)
