"""Who gets into the back office: nobody without a permission, and a buyer not even a hint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern

from quittance.backoffice.urls import urlpatterns
from quittance.identity.permissions import Permission
from tests.ground import World, make_ground
from tests.portal.doors import Door, make_door

MISSING = "00000000-0000-7000-8000-000000000000"
_SAMPLES = {"slug:number": "P-0000-0000-0", "slug:table": "posting", "uuid": MISSING, "int": "1"}
_FOR_READERS = {Permission.SEE_PAYMENTS, Permission.SEE_BOOKS, Permission.SEE_AUDIT}
# It changes nothing, but that somebody took the audit away is written down: so it is no link.
_TAKEN_AWAY = {"export_audit"}


class Refused(NamedTuple):
    """Who finds nothing to do in the office."""

    stranger: Client
    buyer: Client
    auditor: Client


def knock(client: Client, pattern: URLPattern) -> Any:
    """Open the page; where only a form may, send one."""
    where = re.sub(
        r"<(\w+):(\w+)>",
        lambda part: _SAMPLES.get(part[0][1:-1]) or _SAMPLES[part[1]],
        "/office/" + str(pattern.pattern),
    )
    answer = client.get(where)
    return client.post(where) if answer.status_code == 405 else answer


def test_every_view_says_which_permission_it_needs() -> None:
    assert [each.name for each in urlpatterns if not getattr(each.callback, "access", "")] == []


@pytest.fixture(scope="module")
def refused(world: World) -> Iterator[Refused]:
    """A door at which nobody of these may do anything, so all tests knock at the same."""
    with make_ground(world) as ground, make_door(ground) as door:
        auditor = door.signed_in(email="audit@example.test", role="auditor")
        yield Refused(door.client(), door.buyer(), auditor)


@pytest.mark.parametrize("pattern", urlpatterns, ids=lambda each: each.name)
def test_strangers_sign_in_first_and_buyers_find_nothing(
    pattern: URLPattern, refused: Refused
) -> None:
    assert knock(refused.stranger, pattern)["Location"].startswith("/sign-in")
    assert knock(refused.buyer, pattern).status_code == 404


@pytest.mark.parametrize(
    "pattern",
    [each for each in urlpatterns if getattr(each.callback, "access", "") not in _FOR_READERS],
    ids=lambda each: each.name,
)
def test_an_auditor_finds_no_act(pattern: URLPattern, refused: Refused) -> None:
    assert knock(refused.auditor, pattern).status_code == 404


def test_those_who_were_refused_are_still_who_they_were(refused: Refused) -> None:
    assert "/sign-in" in refused.stranger.get("/invoices")["Location"]
    assert refused.buyer.get("/invoices").status_code == 200
    assert refused.auditor.get("/office/payments").status_code == 200


def test_whatever_changes_something_needs_more_than_to_see(door: Door) -> None:
    auditor = door.signed_in(email="audit@example.test", role="auditor")
    pages = [
        each
        for each in urlpatterns
        if getattr(each.callback, "access", "") in _FOR_READERS and each.name not in _TAKEN_AWAY
    ]

    assert [each.name for each in pages if knock(auditor, each).status_code == 405] == []
    for each in pages:
        where = "/office/" + str(each.pattern)
        if "<" not in where:
            assert auditor.post(where).status_code == 405, where


def test_the_frame_of_a_page_costs_few_statements(door: Door) -> None:
    client = door.clerk()
    client.get("/office/exceptions")

    with CaptureQueriesContext(connection) as asked:
        client.get("/office/payments")

    tables = [
        each["sql"] for each in asked if each["sql"].startswith("SELECT") and "FROM" in each["sql"]
    ]
    assert len(tables) <= 9, tables
