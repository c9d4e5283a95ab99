"""The end of a session is told, can be put off, and loses nothing that was typed."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.contrib.sessions.models import Session
from django.core.signing import TimestampSigner
from django.test import Client

from quittance.core import clock
from quittance.identity.jobs import forget_sessions
from quittance.identity.models import SignIn, User
from quittance.tenancy.rows import reading, writing
from tests.ground import HARBORLINE
from tests.portal.doors import PASSWORD, Door
from tests.portal.mirrored import put_invoice


def leave(minutes: float) -> None:
    """All sessions end in so many minutes."""
    with writing():
        SignIn.objects.update(until=clock.now() + timedelta(minutes=minutes))


def sign_in(client: Client, then: str, email: str = "dana@example.test") -> str:
    """Sign in again at the same browser; return where it leads."""
    answer = client.post("/sign-in", {"email": email, "password": PASSWORD, "then": then})
    return str(answer["Location"])


def then_of(location: str) -> str:
    return unquote(location.partition("then=")[2])


def test_a_page_says_when_its_session_ends_and_who_stays_has_the_whole_time_again(
    door: Door,
) -> None:
    client = door.buyer()
    leave(minutes=4)

    page = client.get("/").content.decode()
    left = client.get("/session").json()["seconds"]
    stayed = client.post("/session").json()["seconds"]

    said = re.search(r'id="tpl-ends"[^>]*data-left="(\d+)"', page)
    assert said
    assert 200 < int(said[1]) <= 240
    assert 200 < left <= 240
    assert stayed > 11 * 3600
    assert client.get("/session").json()["seconds"] > 11 * 3600


def test_a_session_ends_and_a_stranger_has_none(door: Door) -> None:
    client = door.buyer()
    leave(minutes=-1)

    assert client.get("/invoices").status_code == 303
    assert client.get("/session").json() == {"seconds": 0}
    assert client.post("/session").json() == {"seconds": 0}
    assert door.client().post("/session").json() == {"seconds": 0}
    assert client.get("/invoices").status_code == 303


def test_one_returns_to_the_same_page(door: Door) -> None:
    client = door.buyer()
    leave(minutes=-1)

    to = client.get("/invoices?tab=overdue")["Location"]

    assert sign_in(client, then_of(to)) == "/invoices?tab=overdue"


def test_what_was_typed_comes_back_after_the_sign_in_and_is_sent_by_hand(door: Door) -> None:
    client = door.buyer()
    put_invoice(door.ground.account(HARBORLINE), 25_000, number="IN-1")
    leave(minutes=-1)

    lost = client.post(
        "/remittance/read", {"text": "IN-1;100,50"}, headers={"referer": "http://x/remittance"}
    )
    back = sign_in(client, then_of(lost["Location"]))
    page = client.get(back).content.decode()

    assert back == "/session/typed"
    assert 'action="/remittance/read"' in page
    assert 'name="text" value="IN-1;100,50"' in page
    assert 'href="/remittance"' in page


def test_no_password_is_kept_with_what_was_typed(door: Door) -> None:
    client = door.buyer()
    leave(minutes=-1)

    lost = client.post("/profile/password", {"password": PASSWORD, "new": "secret words of mine"})
    client.post("/profile/mail", {"password": PASSWORD, "email": "x@example.test"})
    page = client.get(sign_in(client, "/session/typed")).content.decode()

    assert "typed" not in lost["Location"]
    assert "x@example.test" in page
    assert PASSWORD not in page


def test_another_person_at_the_same_browser_gets_nothing_of_it(door: Door) -> None:
    client = door.buyer()
    door.person(HARBORLINE, email="luca@example.test")
    leave(minutes=-1)

    client.post("/remittance/read", {"text": "IN-1;100,50"})
    to = sign_in(client, "/session/typed", email="luca@example.test")
    page = client.get("/session/typed")

    assert to == "/"
    assert page.status_code == 303


def test_what_a_stranger_sends_is_not_kept(door: Door) -> None:
    client = door.client()

    answer = client.post("/remittance/read", {"text": "IN-1;100,50"})
    door.person(HARBORLINE)

    assert "typed" not in answer["Location"]
    assert sign_in(client, "/session/typed") == "/"
    assert client.get("/session/typed").status_code == 303


def test_who_is_switched_off_is_out_at_once(door: Door) -> None:
    client = door.buyer()
    with writing():
        User.objects.update(is_active=False)

    assert client.get("/session").json() == {"seconds": 0}
    with reading():
        assert SignIn.objects.count() == 1


def began(hours: float) -> None:
    """All sessions began so many hours ago, and end in four minutes."""
    with writing():
        SignIn.objects.update(began_at=clock.now() - timedelta(hours=hours))
    leave(minutes=4)


@pytest.mark.parametrize(
    ("role", "path", "longest"), [("", "/", 12), ("clerk", "/office/payments", 8)]
)
def test_nobody_stays_longer_than_the_longest_time_however_often_it_is_said(
    role: str, path: str, longest: int, door: Door
) -> None:
    client = door.clerk() if role else door.buyer()
    first = client.get("/session").json()["seconds"]
    began(hours=longest - 0.1)

    seconds = [client.post("/session").json()["seconds"] for _ in range(3)]
    told = client.get(path).content.decode()
    began(hours=longest)

    assert longest * 3600 - 60 < first <= longest * 3600
    assert all(300 < each <= 360 for each in seconds)
    assert "cannot be prolonged" in told
    assert "data-stay>" not in told
    assert client.post("/session").json() == {"seconds": 0}
    assert client.get(path).status_code in {302, 303}


def test_what_comes_with_a_cookie_that_we_never_signed_is_not_kept(door: Door) -> None:
    client = door.buyer()
    theirs = client.cookies["who"].value
    late = TimestampSigner(salt="quittance.portal.who").unsign(theirs)

    for cookie in ("x", late, theirs[:-1] + ("A" if theirs[-1] != "A" else "B")):
        stranger = door.client()
        stranger.cookies["who"] = cookie
        answer = stranger.post("/remittance/read", {"text": "IN-1;100,50"})
        assert "typed" not in answer["Location"]
        assert "session" not in answer.cookies


def test_a_mark_of_more_than_a_month_ago_is_nobodys(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, stranger = door.buyer(), door.client()
    signer = TimestampSigner(salt="quittance.portal.who")
    mark = signer.unsign(client.cookies["who"].value)
    with monkeypatch.context() as then:
        then.setattr(time, "time", (clock.now() - timedelta(days=31)).timestamp)
        old = signer.sign(mark)
    stranger.cookies["who"] = old

    lost = stranger.post("/remittance/read", {"text": "IN-1;100,50"})

    assert "typed" not in lost["Location"]


def test_no_more_than_16_kb_are_kept(door: Door) -> None:
    client = door.buyer()
    leave(minutes=-1)

    much = client.post("/remittance/read", {"text": "ä" * 9_000})
    little = client.post("/remittance/read", {"text": "ä" * 7_000})

    assert "typed" not in much["Location"]
    assert "typed" in little["Location"]


def test_sessions_that_are_over_are_forgotten_and_no_others(door: Door) -> None:
    client, other = door.buyer(), door.stranger()
    key = other.cookies["session"].value
    Session.objects.filter(pk=key).update(expire_date=clock.now() - timedelta(minutes=1))

    forget_sessions(0)

    assert not Session.objects.filter(pk=key).exists()
    assert client.get("/").status_code == 200
