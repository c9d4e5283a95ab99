"""A person's own page: each form changes one thing, of that person alone, and says so."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quittance.audit.models import AuditEvent
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import MailChange, SignIn, User
from quittance.identity.passwords import check_new_password
from quittance.notifications.models import Message, Unwanted
from quittance.tenancy.rows import reading, writing
from tests.ground import EVENTS, HARBORLINE
from tests.portal.doors import PASSWORD, Door
from tests.portal.mirrored import put_invoice

NEW = "glass harbour violin seven"
MAIL = "dana.okafor@example.test"


def person(email: str = "dana@example.test") -> User:
    with reading():
        return User.objects.get(email=email)


def messages(kind: str) -> list[Message]:
    with reading():
        return list(Message.objects.filter(kind=kind).order_by("created_at"))


def path_of(message: Message) -> str:
    return "/" + str(message.facts["address"]).split("/", 3)[3]


def said(client: Client, answer: Any) -> str:
    return re.sub(r"<[^>]*>", "", client.get(answer["Location"]).content.decode())


def test_name_formats_and_zone_are_kept_and_used(door: Door) -> None:
    client = door.buyer()
    put_invoice(door.ground.account(HARBORLINE), 123_450)

    answer = client.post(
        "/profile/you",
        {"name": " Dana  Müller ", "language": "", "formats": "de_DE", "zone": "Asia/Tokyo"},
    )
    page = client.get("/invoices").content.decode()

    assert answer.status_code == 303
    assert (person().name, person().formats, person().zone) == (
        "Dana Müller", "de_DE", "Asia/Tokyo",
    )  # fmt: skip
    assert "1.234,50" in page


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"name": " "}, "Enter your name"),
        ({"name": "D", "zone": "Mars/Base"}, "no such time zone"),
        ({"name": "D", "zone": "../../etc/passwd"}, "no such time zone"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_nothing_changes(
    sent: dict[str, str], wrong: str, door: Door
) -> None:
    client = door.buyer()

    answer = client.post("/profile/you", sent)
    client.post("/profile/you", {"name": "Dana Okafor", "formats": "xx", "language": "tlh"})

    assert answer.status_code == 422
    assert wrong in answer.content.decode()
    assert (person().name, person().formats, person().language) == ("Dana Okafor", "", "")


def test_an_address_changes_when_both_addresses_have_confirmed(door: Door) -> None:
    client = door.buyer()
    client.post("/profile/mail", {"email": MAIL.upper(), "password": PASSWORD})
    old, new = messages("mail_change")

    looked = client.get(path_of(new))  # a mail program that looks ahead changes nothing
    first = client.post(path_of(new))
    between = person().email
    second = client.post(path_of(old))

    assert {old.to, new.to} == {"dana@example.test", MAIL}
    assert looked.status_code == 200
    assert "One address has confirmed" in said(client, first)
    assert between == "dana@example.test"
    assert "Your address has changed" in said(client, second)
    assert person(MAIL).name == "Dana Okafor"
    assert [each.to for each in messages("mail_changed")] == ["dana@example.test"]
    assert client.post(path_of(old)).status_code == 409


def test_an_address_is_confirmed_by_nobody_else_and_not_twice_from_one(door: Door) -> None:
    client, stranger = door.buyer(), door.stranger()
    client.post("/profile/mail", {"email": MAIL, "password": PASSWORD})
    old, new = messages("mail_change")

    foreign = [stranger.post(path_of(each)).status_code for each in (old, new)]
    for _ in range(2):
        client.post(path_of(old))

    assert foreign == [409, 409]
    assert person().email == "dana@example.test"


def test_an_address_of_somebody_else_is_not_told_and_not_taken(door: Door) -> None:
    client = door.buyer()
    door.person(HARBORLINE, email="luca@example.test")

    asked = client.post("/profile/mail", {"email": "luca@example.test", "password": PASSWORD})
    old, new = messages("mail_change")
    client.post(path_of(old))
    answer = client.post(path_of(new))

    assert asked.status_code == 303
    assert answer.status_code == 409
    assert person().name == "Dana Okafor"


def test_a_wish_for_an_address_can_be_taken_back_and_needs_the_password(door: Door) -> None:
    client = door.buyer()

    wrong = client.post("/profile/mail", {"email": MAIL, "password": "not it at all"})
    client.post("/profile/mail", {"email": MAIL, "password": PASSWORD})
    client.post("/profile/mail/stop")
    answers = [client.post(path_of(each)).status_code for each in messages("mail_change")]

    assert wrong.status_code == 422
    assert answers == [409, 409]
    with reading():
        assert MailChange.objects.filter(ended_at=None).count() == 0


def test_nobody_has_us_mail_strangers_more_than_five_times_a_day(door: Door) -> None:
    client = door.buyer()
    strangers = [f"x{each}@example.test" for each in range(6)]

    *first, last = (
        client.post("/profile/mail", {"email": each, "password": PASSWORD}) for each in strangers
    )
    asked = {each.to for each in messages("mail_change")}
    client.post("/profile/mail/stop")  # what was taken back was mailed all the same
    stopped = client.post("/profile/mail", {"email": MAIL, "password": PASSWORD})
    with writing():
        MailChange.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    tomorrow = client.post("/profile/mail", {"email": MAIL, "password": PASSWORD})

    assert {each.status_code for each in first} == {303}
    assert (last.status_code, stopped.status_code, tomorrow.status_code) == (422, 422, 303)
    assert "five times within a day" in last.content.decode()
    assert asked == {"dana@example.test", *strangers[:5]}


def test_who_said_yes_at_which_address_and_who_took_a_wish_back_is_written_down(
    door: Door,
) -> None:
    client = door.buyer()
    for _ in range(2):
        client.post("/profile/mail", {"email": MAIL, "password": PASSWORD})
        new = messages("mail_change")[-1]
        client.post(path_of(new))
        for _ in range(2):
            client.post("/profile/mail/stop")

    with reading():
        events = list(AuditEvent.objects.filter(what__startswith="mail change").order_by("pk"))

    assert [each.what for each in events] == [
        "mail change asked for", "mail change confirmed", "mail change taken back",
    ] * 2  # fmt: skip
    confirmed = [each.facts for each in events if "at" in each.facts]
    assert [each["at"] for each in confirmed] == ["new", "new"]
    with reading():  # the address itself stands in the wish, not in what is kept for ever
        wishes = MailChange.objects.in_bulk([UUID(each["change"]) for each in confirmed])
    assert [each.email for each in wishes.values()] == [MAIL, MAIL]
    assert MAIL not in str([each.facts for each in events])
    assert {each.subject_id for each in events} == {person().pk}


def between(asked: CaptureQueriesContext, first: str, last: str) -> list[str]:
    """What the database was told from the first of these statements to the last."""
    told = [each["sql"] for each in asked.captured_queries]
    begin = next(at for at, each in enumerate(told) if first in each)
    end = next(at for at, each in enumerate(told) if last in each)
    assert begin < end
    return told[begin:end]


def test_a_new_password_the_ended_browsers_and_the_mail_of_it_are_one_step(door: Door) -> None:
    client = door.buyer()

    with CaptureQueriesContext(connection) as asked:
        client.post("/profile/password", {"password": PASSWORD, "new": NEW})

    whole = between(asked, 'UPDATE "identity_user" SET "password"', 'INTO "notifications_message"')
    assert any('UPDATE "identity_signin"' in each for each in whole)
    assert "COMMIT" not in whole


def test_a_new_address_and_the_mail_to_the_old_one_are_one_step(door: Door) -> None:
    client = door.buyer()
    client.post("/profile/mail", {"email": MAIL, "password": PASSWORD})
    old, new = messages("mail_change")
    client.post(path_of(new))

    with CaptureQueriesContext(connection) as asked:
        client.post(path_of(old))

    whole = between(asked, 'UPDATE "identity_user" SET "email"', 'INTO "notifications_message"')
    assert "COMMIT" not in whole


def test_a_new_password_signs_out_every_other_browser(door: Door) -> None:
    client, other = door.buyer(), door.client()
    other.post("/sign-in", {"email": "dana@example.test", "password": PASSWORD})

    answer = client.post("/profile/password", {"password": PASSWORD, "new": NEW})

    assert "Your password has changed" in said(client, answer)
    assert check_password(NEW, person().password)
    assert other.get("/").status_code == 303
    assert [each.to for each in messages("password_changed")] == ["dana@example.test"]


def test_a_password_is_changed_only_by_who_knows_the_present_one(door: Door) -> None:
    client = door.buyer()

    answers = [
        client.post("/profile/password", {"password": "wrong", "new": NEW}) for _ in range(10)
    ]

    assert {each.status_code for each in answers} == {422}
    assert "not your password" in answers[0].content.decode()
    assert "too many tries" in answers[-1].content.decode()
    assert not check_password(NEW, person().password)


@pytest.mark.parametrize(
    ("password", "ok"),
    [
        ("short", False), ("x" * 129, False), ("password1234", False), ("aaaaaaaaaaaaaaaa", False),
        ("danaokafor2026", False), ("Northwind Traders 1", False), (NEW, True),
        ("пароль из слов", True), ("correct horse battery", True), ("x7!" * 30, False),
    ],
)  # fmt: skip
def test_a_password_is_long_and_not_what_everybody_would_guess(password: str, ok: bool) -> None:
    words = ["Dana Okafor", "dana@example.test", "Northwind Traders"]
    try:
        check_new_password(password, words=words)
        found = True
    except RuleBroken:
        found = False

    assert found == ok


def test_a_person_sees_where_they_are_signed_in_and_ends_it_there(door: Door) -> None:
    client = door.buyer()
    phone, tablet = (
        Client(headers={"host": door.host, "user-agent": f"Mozilla/5.0 ({name}) Safari/605"})
        for name in ("iPhone", "iPad")
    )
    for each in (phone, tablet):
        each.post("/sign-in", {"email": "dana@example.test", "password": PASSWORD})
    with reading():
        row = SignIn.objects.get(browser__contains="iPhone")

    page = client.get("/profile").content.decode()
    client.post("/profile/browsers", {"browser": str(row.pk)})

    assert "Safari, iPhone" in page
    assert phone.get("/").status_code == 303
    assert tablet.get("/").status_code == 200
    client.post("/profile/browsers", {"browser": "others"})
    assert tablet.get("/").status_code == 303
    assert client.get("/").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(door: Door) -> None:
    client, stranger = door.buyer(), door.stranger()
    with reading():
        row = SignIn.objects.get(user__email="dana@example.test")

    for which in (str(row.pk), "others", "x", ""):
        stranger.post("/profile/browsers", {"browser": which})

    assert client.get("/").status_code == 200


def test_mails_are_chosen_for_each_account_of_ones_own(door: Door) -> None:
    client = door.signed_in(HARBORLINE, EVENTS)
    one, two = (door.ground.account(each).pk for each in (HARBORLINE, EVENTS))
    door.stranger()

    client.post("/profile/mails", {"mail": [f"{one}:receipts", f"{two}:files", "x:receipts"]})

    with reading():
        off = set(Unwanted.objects.values_list("user__email", "customer_account_id", "topic"))
    me = "dana@example.test"
    assert off == {
        (me, one, "reminders"), (me, one, "files"), (me, two, "receipts"), (me, two, "reminders"),
    }  # fmt: skip
    page = client.get("/profile").content.decode()
    assert re.search(rf'value="{one}:receipts"[^>]* checked', page)
    assert not re.search(rf'value="{one}:files"[^>]* checked', page)


def test_who_has_no_password_sets_one_soon_after_a_sign_in_only(door: Door) -> None:
    client = door.buyer()
    with writing():
        User.objects.filter(email="dana@example.test").update(password="")
        SignIn.objects.update(began_at=SignIn.objects.get().began_at - timedelta(minutes=11))

    late = client.post("/profile/password", {"new": NEW})
    with writing():
        SignIn.objects.update(began_at=SignIn.objects.get().began_at + timedelta(minutes=11))
    soon = client.post("/profile/password", {"new": NEW})

    assert late.status_code == 422
    assert soon.status_code == 303
