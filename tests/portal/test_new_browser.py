"""A person hears by mail of a sign-in in a browser that is new to them, and nobody else does."""

from __future__ import annotations

from django.test import Client

from quittance.identity.models import User
from quittance.notifications.models import Message
from quittance.notifications.words import write
from quittance.tenancy.rows import reading, writing
from quittance.ui.language import speaking
from tests.portal.doors import PASSWORD, Door

DANA = {"email": "dana@example.test", "password": PASSWORD}
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) Version/17.5 Safari/605"


def told() -> list[Message]:
    with reading():
        return list(Message.objects.filter(kind="new_browser").order_by("next_at", "pk"))


def phone(door: Door) -> Client:
    return Client(headers={"host": door.host, "user-agent": PHONE})


def test_another_browser_is_told_once_and_known_from_then_on(door: Door) -> None:
    door.buyer()
    other = phone(door)
    other.post("/sign-in", DANA)
    other.post("/sign-out")
    other.post("/sign-in", DANA)

    (mail,) = told()

    assert mail.to == "dana@example.test"
    assert mail.facts["browser"] == "Safari, iPhone"


def test_the_first_sign_in_is_told_to_nobody(door: Door) -> None:
    door.buyer()

    assert told() == []


def test_a_browser_of_a_colleague_is_new_to_a_person(door: Door) -> None:
    door.buyer()
    shared = door.stranger()
    shared.post("/sign-out")
    shared.post("/sign-in", DANA)

    assert [each.to for each in told()] == ["dana@example.test"]


def test_a_cookie_that_we_did_not_sign_makes_no_browser_known(door: Door) -> None:
    door.buyer()
    other = phone(door)
    other.cookies["who"] = "made-up:1tXyZ:signature"
    other.post("/sign-in", DANA)

    assert len(told()) == 1


def test_who_does_not_get_in_is_told_nothing_and_neither_is_anybody_else(door: Door) -> None:
    door.buyer()
    for email in ("dana@example.test", "nobody@example.test"):
        phone(door).post("/sign-in", {"email": email, "password": "wrong words of mine"})

    assert told() == []


def test_it_is_in_the_persons_language_and_in_english_for_staff(door: Door) -> None:
    door.buyer()
    with writing():
        User.objects.filter(email="dana@example.test").update(language="de")
    door.clerk()
    phone(door).post("/sign-in", DANA)
    phone(door).post("/sign-in", {"email": "priya@example.test", "password": PASSWORD})

    dana, priya = told()

    assert (dana.facts["language"], priya.facts["language"]) == ("de", "en")
    with speaking("de"), reading():
        words = write(dana.kind, dana.facts)
    assert "neue Anmeldung" in words.subject
    assert "Safari, iPhone" in words.text
