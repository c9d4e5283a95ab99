"""Staff look at the portal as a customer sees it: to look only, announced, and written down."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, InternalError
from django.test import Client

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.identity.models import User
from quittance.portal.urls import urlpatterns
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import working_for
from quittance.visits.models import Visit
from quittance.visits.visiting import end_what_is_over, find_visit
from tests.backoffice.office import words
from tests.ground import ALPINE, HARBORLINE, Ground, make_ground
from tests.intruder.world import fingerprint
from tests.portal import walk as portal
from tests.portal.doors import Door, begin_checkout, make_door
from tests.portal.test_security import late
from tests.walk import Table

BEGIN = "/office/visits/begin"
SENT = {"customer": HARBORLINE, "reason": "Asked where the credit is", "ticket": "T-88"}


def visiting(door: Door, **changed: str) -> Client:
    """A clerk's browser that looks as Harborline."""
    office = door.clerk()
    answer = office.post(BEGIN, SENT | changed)
    assert answer.status_code == 302, words(answer)
    assert answer["Location"] == "/"
    return office


def events(what: str) -> list[AuditEvent]:
    with reading():
        return list(AuditEvent.objects.filter(what=what).order_by("happened_at"))


def only_looks(answer: Any) -> bool:
    return answer.status_code == 403 and "Only looking" in words(answer)


def test_a_clerk_sees_what_the_customer_sees_and_every_page_says_so(door: Door) -> None:
    own, other = door.ground.bill("250.00"), door.ground.bill("99.00", customer=ALPINE)
    browser = visiting(door)

    listed = browser.get("/invoices?tab=all")

    assert own.number in words(listed)
    assert other.number not in words(listed)
    for path in ("/", "/invoices", f"/invoices/{own.pk}", "/payments", "/statement", "/wallet"):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert "You look as " in words(answer), path
    assert "until" in words(listed)


def test_of_all_addresses_not_one_lets_a_visitor_change_anything(door: Door) -> None:
    door.person(HARBORLINE)
    given = portal.fill(door)
    browser = visiting(door)
    before = _rows_of(door)
    table = Table(urlpatterns, "/", "tests/portal/walk.py")

    opened = set()
    for pattern in urlpatterns:
        view: Any = pattern.callback
        if view.access not in {"buyer", "payer"}:
            continue
        name, addresses = str(pattern.name), list(table._addresses(pattern, given))
        sent = browser.post(addresses[0], {"a": "b"})
        assert only_looks(sent) or sent.status_code == 405, name
        for where in addresses[:12]:
            answer = browser.get(where)
            answer.getvalue()
            assert answer.status_code < 500, name
            if view.permission != "see":
                assert only_looks(answer) or answer.status_code in {404, 405}, name
            elif answer.status_code == 200:
                opened.add(name)
                assert not _is_page(answer) or "You look as " in words(answer), name
                break

    assert opened >= {
        "home",
        "invoices",
        "invoice",
        "invoices_csv",
        "payment",
        "wallet",
        "credits",
        "invoice_pdf",
    }
    changed = {name for name, now in _rows_of(door).items() if now != before[name]}
    assert changed <= {"identity_signintry"}  # that the ERP was asked is counted of everybody


def test_postgresql_itself_refuses_a_change_by_who_only_looks(door: Door) -> None:
    account = door.ground.account()
    with (
        working_for(
            door.ground.organization_id, actor="test", customer_accounts=[account.pk],
            reads_only=True,
        ),
        pytest.raises(InternalError, match="read-only transaction"),
        writing(),
    ):  # fmt: skip
        CustomerAccount.objects.filter(pk=account.pk).update(name="Mine")


def test_no_checkout_goes_on_while_somebody_only_looks(door: Door) -> None:
    basket = begin_checkout(door.buyer(), door.ground.bill("250.00"))
    browser = visiting(door)

    assert only_looks(browser.get(f"{basket}/review"))
    assert only_looks(browser.post(f"{basket}/pay", {"key": "x"}))


def test_what_is_a_persons_own_is_closed(door: Door) -> None:
    door.buyer()
    browser = visiting(door)

    for path in ("/profile", "/team", "/wallet/add"):
        answer = browser.get(path)
        assert only_looks(answer), path
        assert "dana@example.test" not in words(answer), path


def test_the_begin_and_the_end_are_in_the_audit_for_that_customer(door: Door) -> None:
    browser = visiting(door)
    ended = browser.post("/visit/end")
    again = browser.get("/invoices")

    assert ended["Location"] == "/office/visits"
    assert (again.status_code, again["Location"]) == (302, "/office/")
    (began,), (end,) = events("visit.began"), events("visit.ended")
    assert began.facts["reason"] == SENT["reason"]
    assert began.facts["ticket"] == SENT["ticket"]
    assert end.facts == {"how": "person"}
    for each in (began, end):
        assert each.customer_account_id == door.ground.account().pk
        assert each.actor.startswith("user:")
    assert SENT["reason"] in words(browser.get("/office/visits"))


def test_after_half_an_hour_it_is_over_and_the_audit_says_so(door: Door) -> None:
    browser = visiting(door)
    with writing():
        begun = clock.now() - timedelta(minutes=31)
        Visit.objects.update(began_at=begun, ends_at=begun + timedelta(minutes=30))

    end_what_is_over()
    end_what_is_over()

    assert browser.get("/invoices")["Location"] == "/office/"
    (end,) = events("visit.ended")
    assert end.facts == {"how": "time"}


def test_no_visit_can_be_longer_than_half_an_hour(door: Door) -> None:
    visiting(door)

    with pytest.raises(IntegrityError, match="visit_is_short"), writing():
        Visit.objects.update(ends_at=clock.now() + timedelta(hours=1))


def test_it_ends_with_the_session_the_role_and_the_person(door: Door) -> None:
    browser = visiting(door)
    with writing():
        User.objects.filter(email="priya@example.test").update(staff_role="auditor")
    as_auditor = browser.get("/invoices").status_code
    with writing():
        User.objects.filter(email="priya@example.test").update(staff_role="clerk")
    as_clerk = browser.get("/invoices").status_code
    token = browser.cookies["visit"].value
    browser.post("/sign-out")
    browser.cookies["visit"] = token

    assert (as_auditor, as_clerk) == (302, 200)
    assert browser.get("/invoices").status_code == 303


def test_at_another_seller_the_cookie_opens_nothing(door: Door, ground: Ground) -> None:
    token = visiting(door).cookies["visit"].value
    with make_ground(ground.world) as elsewhere, make_door(elsewhere) as theirs:
        stranger = theirs.client()
        stranger.cookies["visit"] = token

        assert stranger.get("/invoices")["Location"].startswith("/sign-in")
        with reading():
            assert find_visit(token) is None


def test_only_some_roles_look_and_each_says_why(door: Door) -> None:
    for role in ("auditor", "integrator"):
        office = door.signed_in(email=f"{role}@example.test", role=role)
        assert office.get("/office/visits").status_code == 404
        assert office.post(BEGIN, SENT).status_code == 404
    assert door.buyer().post(BEGIN, SENT).status_code == 404

    clerk = door.clerk()
    for wrong in ({"reason": " "}, {"customer": "C-99999"}):
        answer = clerk.post(BEGIN, SENT | wrong)
        assert answer.status_code == 422
        assert "visit" not in clerk.cookies


def test_without_a_fresh_proof_nothing_is_opened(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = door.clerk()
    late(monkeypatch, minutes=6)

    assert clerk.post(BEGIN, SENT)["Location"].startswith("/security/prove")
    assert events("visit.began") == []


def test_the_customers_people_see_that_the_seller_looked_and_not_why(door: Door) -> None:
    buyer, other = door.buyer(), door.stranger()
    visiting(door, reason="Their boss called us")

    shown = words(buyer.get("/profile"))

    assert "When Northwind Traders looked as you" in shown
    assert "Their boss" not in shown
    assert "looked as you" not in words(other.get("/profile"))


def test_the_next_visit_ends_the_one_before(door: Door) -> None:
    browser = visiting(door)
    browser.post(BEGIN, SENT | {"customer": ALPINE})

    with reading():
        assert Visit.objects.filter(ended_at=None).count() == 1
    assert "You look as Alpine" in words(browser.get("/invoices"))


def test_with_a_staffs_own_session_no_buyers_page_opens(door: Door) -> None:
    """The visit's cookie opens it, not the session of the back office."""
    browser = visiting(door)
    del browser.cookies["visit"]

    assert browser.get("/invoices")["Location"] == "/office/"


def _rows_of(door: Door) -> dict[str, Any]:
    seller: Any = SimpleNamespace(id=door.ground.organization_id)
    return fingerprint(seller)


def _is_page(answer: Any) -> bool:
    return b"<!doctype html>" in answer.getvalue()[:200]
