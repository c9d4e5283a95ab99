"""An administrator says on a page what is wanted of sign-ins; nobody else does."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from quittance.audit.models import AuditEvent
from quittance.core.money import Money
from quittance.identity.policy import Policy, policy_of
from quittance.tenancy.rows import reading
from tests.backoffice.office import fields
from tests.portal.doors import Door
from tests.portal.test_security import late

PAGE, KEEP = "/office/team/sign-in-rules", "/office/team/sign-in-rules/keep"
SENT = {
    "staff": "offered", "staff_from": "2026-12-01", "buyers": "required", "above": "1,000.00",
    "currency": "USD",
}  # fmt: skip


def ada(door: Door) -> Client:
    return door.signed_in(email="ada@example.test", role="administrator", name="Ada Novak")


def now() -> Policy:
    with reading():
        return policy_of()


def test_an_administrator_says_who_must_have_a_second_factor_and_it_counts_at_once(
    door: Door,
) -> None:
    buyer, office = door.buyer(), ada(door)
    before = buyer.get("/invoices").status_code

    answer = office.post(KEEP, SENT)

    assert answer["Location"] == f"{PAGE}?done=kept"
    assert now() == Policy("offered", date(2026, 12, 1), "required", Money(100_000, "USD"))
    after = buyer.get("/invoices")
    assert (before, after.status_code, after["Location"]) == (200, 303, "/security")
    with reading():
        event = AuditEvent.objects.get(what="sign-in policy changed")
    assert event.facts["now"]["buyers"] == "required"
    assert event.actor.startswith("user:")


def test_the_page_shows_what_holds_and_sends_it_back_unchanged(door: Door) -> None:
    office = ada(door)
    office.post(KEEP, SENT)

    shown = fields(office.get(PAGE), "keep")
    office.post(KEEP, shown | {"currency": "USD"})

    assert shown["above"] in {"1,000.00", "1000.00"}
    assert now() == Policy("offered", date(2026, 12, 1), "required", Money(100_000, "USD"))


def test_no_amount_means_that_no_payment_wants_a_proof(door: Door) -> None:
    office = ada(door)
    office.post(KEEP, SENT)
    office.post(KEEP, SENT | {"above": ""})

    assert now().proof_above is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"staff": "maybe"}, {"buyers": ""}, {"staff_from": "soon"}, {"above": "-5"},
        {"above": "NaN"}, {"currency": "XXX"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_changes_nothing(door: Door, wrong: dict[str, str]) -> None:
    office = ada(door)
    before = now()

    answer = office.post(KEEP, SENT | wrong)

    assert answer.status_code == 422
    assert b'role="alert"' in answer.content
    assert now() == before


def test_nobody_but_an_administrator_and_nobody_without_a_fresh_proof(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = now()
    for role in ("auditor", "clerk", "manager", "integrator"):
        client = door.signed_in(email=f"{role}@example.test", role=role)
        assert client.get(PAGE).status_code == 404
        assert client.post(KEEP, SENT).status_code == 404
    office = ada(door)
    late(monkeypatch, minutes=6)

    assert office.post(KEEP, SENT)["Location"].startswith("/security/prove")
    assert now() == before
