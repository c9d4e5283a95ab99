"""An organization has sessions of its staff end earlier than the product would."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.db.utils import IntegrityError
from django.test import Client

from quittance.core import clock
from quittance.identity.models import SignIn, SignInPolicy
from quittance.tenancy.rows import writing
from quittance.ui import pages
from tests.backoffice.office import words
from tests.portal.doors import Door

PAGE, KEEP = "/office/team/sign-in-rules", "/office/team/sign-in-rules/keep"
SENT = {
    "staff": "offered", "staff_from": "2026-12-01", "buyers": "offered", "above": "",
    "currency": "USD", "idle": "", "hours": "",
}  # fmt: skip


@pytest.fixture
def office(door: Door) -> Client:
    """The browser of an administrator."""
    return door.signed_in(email="ada@example.test", role="administrator", name="Ada Novak")


class Later:
    """A clock that a test puts forward."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.real, self.passed = clock.now, timedelta()
        monkeypatch.setattr(clock, "now", self.now)
        monkeypatch.setattr(pages, "now", self.now)  # it knows the clock by a name of its own

    def now(self) -> datetime:
        return self.real() + self.passed

    def by(self, minutes: float) -> None:
        self.passed += timedelta(minutes=minutes)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    return Later(monkeypatch)


def seconds(client: Client) -> int:
    return int(client.get("/session").json()["seconds"])


def test_an_unused_session_of_staff_ends_after_the_chosen_minutes(
    door: Door, office: Client, later: Later
) -> None:
    office.post(KEEP, SENT | {"idle": "15"})
    clerk, buyer = door.clerk(), door.buyer()

    assert 14 * 60 < seconds(clerk) <= 15 * 60
    assert seconds(buyer) > 11 * 3600
    later.by(minutes=16)

    assert clerk.get("/office/payments").status_code == 303
    assert buyer.get("/invoices").status_code == 200


def test_a_session_that_is_used_goes_on_and_the_announced_end_follows(
    door: Door, office: Client, later: Later
) -> None:
    office.post(KEEP, SENT | {"idle": "15"})
    clerk = door.clerk()

    for _ in range(4):
        later.by(minutes=10)
        answer = clerk.get("/office/payments")
        assert answer.status_code == 200
        told = re.search(r'id="tpl-ends"[^>]*data-left="(\d+)"', answer.content.decode())
        assert told
        assert 14 * 60 < int(told[1]) <= 15 * 60


def test_to_be_asked_how_long_it_goes_on_is_no_use_of_it(
    door: Door, office: Client, later: Later
) -> None:
    office.post(KEEP, SENT | {"idle": "15"})
    clerk = door.clerk()

    later.by(minutes=10)
    before = seconds(clerk)
    later.by(minutes=4)

    assert seconds(clerk) <= before - 4 * 60 + 1
    assert 14 * 60 < int(clerk.post("/session").json()["seconds"]) <= 15 * 60


def test_it_ends_after_the_chosen_hours_however_much_it_is_used(
    door: Door, office: Client, later: Later
) -> None:
    office.post(KEEP, SENT | {"idle": "30", "hours": "1"})
    clerk = door.clerk()

    for _ in range(2):
        later.by(minutes=25)
        assert clerk.get("/office/payments").status_code == 200
    assert seconds(clerk) <= 10 * 60
    assert int(clerk.post("/session").json()["seconds"]) <= 10 * 60
    later.by(minutes=11)

    assert clerk.get("/office/payments").status_code == 303


def test_a_choice_counts_at_the_next_request_of_who_is_signed_in(
    door: Door, office: Client, later: Later
) -> None:
    clerk, buyer = door.clerk(), door.buyer()
    later.by(minutes=90)
    office.get(PAGE)

    office.post("/security/prove", {"password": "correct horse battery"})
    kept = office.post(KEEP, SENT | {"hours": "1"})

    assert kept["Location"] == f"{PAGE}?done=kept"
    assert clerk.get("/office/payments").status_code == 303
    assert office.get(PAGE).status_code == 303  # its own session began as long ago
    assert buyer.get("/invoices").status_code == 200


def test_who_chooses_longer_again_leaves_nobody_with_the_short_time(
    door: Door, office: Client, later: Later
) -> None:
    office.post(KEEP, SENT | {"idle": "10", "hours": "2"})
    clerk = door.clerk()
    office.post(KEEP, SENT)

    later.by(minutes=60)

    assert clerk.get("/office/payments").status_code == 200
    assert 6 * 3600 < seconds(clerk) <= 7 * 3600


def test_most_requests_write_nothing(door: Door, office: Client, later: Later) -> None:
    office.post(KEEP, SENT | {"idle": "15"})
    clerk = door.clerk()

    def until() -> set[datetime]:
        with writing():
            return set(SignIn.objects.values_list("until", flat=True))

    before = until()
    clerk.get("/office/payments")
    later.by(minutes=0.5)
    clerk.get("/office/payments")
    assert until() == before
    later.by(minutes=1)
    clerk.get("/office/payments")

    assert until() != before


@pytest.mark.parametrize(
    "wrong",
    [{"idle": "9"}, {"idle": "481"}, {"idle": "0"}, {"idle": "soon"}, {"idle": "-20"},
     {"hours": "9"}, {"hours": "0"}, {"hours": "1.5"}],
)  # fmt: skip
def test_nothing_longer_than_the_products_and_nothing_shorter_than_its_announcement(
    office: Client, wrong: dict[str, str]
) -> None:
    answer = office.post(KEEP, SENT | wrong)

    assert answer.status_code == 422
    assert "10 to 480 minutes" in words(answer)
    with writing():
        assert not SignInPolicy.objects.exists()


def test_the_database_too_refuses_a_length_beyond_the_products(office: Client) -> None:
    office.post(KEEP, SENT)

    for change in ({"staff_hours": 9}, {"staff_idle_minutes": 481}, {"staff_idle_minutes": 5}):
        with pytest.raises(IntegrityError), writing():
            SignInPolicy.objects.update(**change)


def test_the_page_shows_what_holds(office: Client) -> None:
    office.post(KEEP, SENT | {"idle": "20", "hours": "4"})

    shown = office.get(PAGE).content.decode()

    assert 'name="idle" value="20"' in shown
    assert 'name="hours" value="4"' in shown
