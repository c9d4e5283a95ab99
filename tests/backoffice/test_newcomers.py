"""The team's queue of who asks to come in, and the page that lets people ask at all."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from quittance.arrivals.models import JoinRequest
from quittance.arrivals.rules import Rules, rules_of
from quittance.audit.models import AuditEvent
from quittance.identity.models import SignIn
from quittance.receivables.models import Contact
from quittance.tenancy.rows import reading
from tests.arrivals.newcomers import NEW, ask, at, named, opened
from tests.portal.doors import Door
from tests.portal.guests import text

RULES = {
    "is_open": "on", "at_once": "known", "role": "pay", "invoices": "2", "recent_days": "60",
}  # fmt: skip


def administrator(door: Door) -> Client:
    return door.signed_in(email="ines@example.test", role="administrator", name="Ines")


def asked(door: Door) -> JoinRequest:
    opened()
    return ask(at(), named(door.ground.bill()))


def roles() -> list[str]:
    with reading():
        return list(Contact.objects.filter(user__email=NEW).values_list("role", flat=True))


def now(found: JoinRequest) -> JoinRequest:
    with reading():
        return JoinRequest.objects.get(pk=found.pk)


def test_an_administrator_says_whether_people_may_ask_and_what_they_must_know(door: Door) -> None:
    client = administrator(door)

    before = text(client.get("/office/team/self-registration"))
    answer = client.post("/office/team/self-registration/keep", RULES)

    assert 'value="off" checked' in before
    assert answer["Location"] == "/office/team/self-registration?done=kept"
    assert 'value="on" checked' in text(client.get(answer["Location"]))
    with reading():
        assert rules_of() == Rules(True, "known", "pay", 2, 60)
        assert AuditEvent.objects.filter(what="self-registration changed").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"role": "administer"}, {"at_once": "x"}, {"invoices": "3"}, {"recent_days": "1"},
     {"recent_days": "x"}, {"invoices": ""}],
    ids=str,
)  # fmt: skip
def test_what_makes_no_sense_is_refused(door: Door, wrong: dict[str, str]) -> None:
    answer = administrator(door).post("/office/team/self-registration/keep", RULES | wrong)

    assert answer.status_code == 422
    with reading():
        assert rules_of() == Rules()


@pytest.mark.parametrize("role", ["auditor", "clerk", "manager", "integrator"])
def test_nobody_else_switches_it_on(door: Door, role: str) -> None:
    client = door.signed_in(email=f"{role}@example.test", role=role)

    assert client.get("/office/team/self-registration").status_code == 404
    assert client.post("/office/team/self-registration/keep", RULES).status_code == 404
    with reading():
        assert not rules_of().is_open


def stale(client: Client) -> Client:
    """The proof of this browser was more than five minutes ago."""
    session: Any = client.session
    session["proved"] = session["proved"] - 400
    session.save()
    with reading():
        assert SignIn.objects.exists()
    return client


def test_to_switch_it_on_and_to_let_somebody_in_wants_a_fresh_proof(door: Door) -> None:
    client = stale(administrator(door))
    found = asked(door)

    kept = client.post("/office/team/self-registration/keep", RULES)
    let = client.post(f"/office/team/requests/{found.pk}/let-in")

    assert kept["Location"].startswith("/security/prove")
    assert let["Location"].startswith("/security/prove")
    with reading():
        assert rules_of() == Rules(is_open=True)
    assert roles() == []


def test_a_clerk_lets_in_who_waits(door: Door) -> None:
    found, client = asked(door), door.clerk()

    page = text(client.get("/office/team/requests"))
    answer = client.post(f"/office/team/requests/{found.pk}/let-in")

    assert NEW in page
    assert "Address unknown to the ERP" in page
    assert "Requests for access" in text(client.get("/office/team"))
    assert answer["Location"] == "/office/team/requests?done=let_in"
    assert roles() == ["view"]
    assert "Let in" in text(client.get(answer["Location"]))
    assert client.post(f"/office/team/requests/{found.pk}/let-in").status_code == 409


def test_a_clerk_refuses_with_a_reason(door: Door) -> None:
    found, client = asked(door), door.clerk()
    path = f"/office/team/requests/{found.pk}/refuse"

    assert client.post(path, {"reason": " "}).status_code == 422
    assert client.post(path, {"reason": "Nobody knows you."})["Location"].endswith("done=refused")

    assert (now(found).status, now(found).reason) == ("refused", "Nobody knows you.")
    assert roles() == []


def test_somebody_takes_a_request_and_leaves_it_again(door: Door) -> None:
    found, client = asked(door), door.clerk()
    path = f"/office/team/requests/{found.pk}/hand"

    client.post(path, {"mine": "1"})
    assert now(found).owner_id is not None
    assert "looks after it" in text(client.get("/office/team/requests"))
    client.post(path)

    assert now(found).owner_id is None


def test_an_auditor_and_a_buyer_see_no_queue(door: Door) -> None:
    found = asked(door)
    for client in (door.signed_in(email="aud@example.test", role="auditor"), door.buyer()):
        assert client.get("/office/team/requests").status_code == 404
        assert client.post(f"/office/team/requests/{found.pk}/let-in").status_code == 404

    assert roles() == []


def test_another_sellers_request_is_not_found(door: Door) -> None:
    client = door.clerk()
    missing = "00000000-0000-7000-8000-000000000000"

    for act in ("let-in", "refuse", "hand"):
        assert client.post(f"/office/team/requests/{missing}/{act}").status_code == 404
