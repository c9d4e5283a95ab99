"""A look at the portal as a customer, where the organization wants another person's word before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from quittance.audit.models import AuditEvent
from quittance.confirmations.models import Confirmation
from quittance.confirmations.rules import switch_on
from quittance.core import clock
from quittance.identity.models import User
from quittance.receivables.models import CustomerAccount
from quittance.tenancy.rows import reading, writing
from quittance.visits.confirmed import begin_confirmed, looks_confirmed
from quittance.visits.models import Visit
from quittance.visits.visiting import NotConfirmed
from tests.backoffice.office import action, fields, words
from tests.confirmations.words import acting
from tests.ground import ALPINE, HARBORLINE
from tests.portal.doors import Door

PAGE, BEGIN = "/office/confirmations", "/office/visits/begin"
SENT = {"customer": HARBORLINE, "reason": "Asked where the credit is", "ticket": "T-88"}


class Two:
    """Two clerks, and two who administer."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.priya = door.signed_in(email="priya@example.test", role="clerk", name="Priya Nair")
        self.omar = door.signed_in(email="omar@example.test", role="clerk", name="Omar Haddad")
        for name in ("ada", "ines"):
            door.person(email=f"{name}@example.test", role="administrator", name=name)

    def confirmed(self) -> Confirmation:
        """Ask as Priya, and say yes as Omar."""
        self.priya.post(BEGIN, SENT)
        answered(self.omar, "confirm")
        return request_of()


@pytest.fixture
def two(door: Door) -> Two:
    two = Two(door)
    with writing():
        switch_on(["visits"])
    return two


def request_of() -> Confirmation:
    with reading():
        return Confirmation.objects.select_related("asked_by").get()


def answered(client: Client, how: str, **typed: str) -> Any:
    page = client.get(f"{PAGE}/{request_of().pk}")
    return client.post(action(page, how), fields(page, how) | typed)


def visits() -> list[Visit]:
    with reading():
        return list(Visit.objects.select_related("customer_account").order_by("began_at"))


def test_nobody_looks_as_a_customer_before_another_person_has_confirmed(two: Two) -> None:
    asked = two.priya.post(BEGIN, SENT, follow=True)
    before = visits()
    read = words(two.omar.get(f"{PAGE}/{request_of().pk}"))
    said = answered(two.omar, "confirm")
    mine = words(two.priya.get(PAGE))
    ready = two.priya.get("/office/visits")
    began = two.priya.post(BEGIN, fields(ready, "begin"))

    assert "Another person has to confirm it" in words(asked)
    assert before == []
    assert "Asked where the credit is" in read
    assert HARBORLINE in read
    assert said["Location"] == f"{PAGE}?done=agreed"
    assert "Waits for you Look at the portal as" in mine
    assert "Confirmed by Omar Haddad" in words(ready)
    assert began["Location"] == "/"
    (visit,) = visits()
    assert (visit.customer_account.number, visit.ticket) == (HARBORLINE, "T-88")
    assert "You look as " in words(two.priya.get("/"))
    with reading():
        omar = User.objects.get(email="omar@example.test")
        told = AuditEvent.objects.get(what="visit.began").facts
    assert told["confirmed_by"] == str(omar.pk)


def test_a_word_opens_one_look_and_for_who_asked_only(two: Two) -> None:
    row = two.confirmed()

    other = two.omar.post(BEGIN, {"confirmation": str(row.pk)})
    first = two.priya.post(BEGIN, {"confirmation": str(row.pk)})
    again = two.priya.post(BEGIN, {"confirmation": str(row.pk)})
    wrong = two.priya.post(BEGIN, {"confirmation": "x"})

    assert [each.status_code for each in (other, first, again, wrong)] == [422, 302, 422, 422]
    assert "Another person has to confirm it before you look" in words(again)
    assert len(visits()) == 1
    assert request_of().status == "done"


def test_a_word_is_over_with_its_days(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    row = two.confirmed()
    later = row.expires_at + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    with reading():
        assert looks_confirmed(row.asked_by) == []
    with pytest.raises(NotConfirmed), acting(row.asked_by):
        begin_confirmed(row.asked_by, row.pk, sign_in_id=row.pk)


def test_a_look_without_a_reason_is_not_even_asked_for(two: Two) -> None:
    answer = two.priya.post(BEGIN, SENT | {"reason": "x"})

    assert answer.status_code == 422
    with reading():
        assert not Confirmation.objects.exists()


def test_postgresql_itself_refuses_a_look_without_the_word_about_it(two: Two) -> None:
    row = two.confirmed()
    with reading():
        priya, omar = (User.objects.get(email=f"{name}@example.test") for name in ("priya", "omar"))
        harborline = CustomerAccount.objects.get(number=HARBORLINE)
        alpine = CustomerAccount.objects.get(number=ALPINE)

    def look(user: User, account: CustomerAccount, **facts: Any) -> None:
        now = clock.now()
        with acting(user), writing():
            Visit.objects.create(
                user=user, customer_account=account, sign_in_id=priya.pk, token_hash="x",
                reason="Because", began_at=now, ends_at=now + timedelta(minutes=5), **facts,
            )  # fmt: skip

    for user, account, facts in (
        (priya, harborline, {}), (priya, alpine, {"id": row.subject_id}),
        (omar, harborline, {"id": row.subject_id}),
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match="another person has to confirm this"):
            look(user, account, **facts)
    look(priya, harborline, id=row.subject_id)
    with (
        pytest.raises(IntegrityError, match="another person has to confirm this"),
        acting(priya),
        writing(),
    ):
        Visit.objects.update(customer_account=alpine)


def test_an_organization_that_does_not_want_it_looks_as_before(door: Door) -> None:
    two = Two(door)

    assert two.priya.post(BEGIN, SENT)["Location"] == "/"
