"""People get in by password or by a mailed code, and strangers learn nothing."""

from __future__ import annotations

import re

from tests.portal.doors import PASSWORD, Door


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(door: Door) -> None:
    door.person("C-10482", email="dana@example.test")
    client = door.client()

    known = client.post("/sign-in", {"email": "dana@example.test", "password": "wrong"})
    unknown = client.post("/sign-in", {"email": "nobody@example.test", "password": "wrong"})

    assert known.status_code == unknown.status_code == 422
    assert without_secret(known.content.replace(b"dana@", b"nobody@")) == without_secret(
        unknown.content
    )


def without_secret(content: bytes) -> bytes:
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", content)


def test_what_was_typed_comes_back_but_never_the_password(door: Door) -> None:
    answer = door.client().post("/sign-in", {"email": "dana@example.test", "password": "hunter2"})

    assert b'value="dana@example.test"' in answer.content
    assert b"hunter2" not in answer.content


def test_a_code_lets_the_person_in_once(door: Door) -> None:
    from quittance.notifications.models import Message
    from quittance.tenancy.rows import reading

    door.person("C-10482", email="dana@example.test")
    client = door.client()
    assert client.post("/sign-in/send-code", {"email": "Dana@Example.test"}).status_code == 303
    with reading():
        code = Message.objects.get(kind="sign_in_code").facts["code"]

    first = client.post("/sign-in/code", {"code": f"{code[:3]} {code[3:]}"})
    client.post("/sign-out")
    client.post("/sign-in/send-code", {"email": "dana@example.test"})
    second = client.post("/sign-in/code", {"code": code})

    assert (first.status_code, first["Location"]) == (303, "/")
    assert second.status_code == 422


def test_a_stranger_who_asks_for_a_code_is_led_on_like_everybody(door: Door) -> None:
    client = door.client()

    answer = client.post("/sign-in/send-code", {"email": "nobody@example.test"})

    assert (answer.status_code, answer["Location"]) == (303, "/sign-in/code")
    assert client.post("/sign-in/code", {"code": "123456"}).status_code == 422


def test_after_too_many_tries_the_page_says_how_long_to_wait(door: Door) -> None:
    client = door.client()
    tries = [
        client.post("/sign-in", {"email": "dana@example.test", "password": "wrong"})
        for _ in range(9)
    ]

    assert tries[-1].status_code == 429
    assert 0 < int(tries[-1]["Retry-After"]) <= 600
    assert "Wait ten minutes" in tries[-1].content.decode()


def test_the_way_back_leads_to_our_own_pages_only(door: Door) -> None:
    door.person("C-10482", email="dana@example.test")
    sent = {"email": "dana@example.test", "password": PASSWORD}

    inside = door.client().post("/sign-in", {**sent, "then": "/payments?q=P"})
    outside = door.client().post("/sign-in", {**sent, "then": "//evil.example/"})

    assert inside["Location"] == "/payments?q=P"
    assert outside["Location"] == "/"


def test_signing_out_ends_the_session(door: Door) -> None:
    client = door.buyer()

    client.post("/sign-out")

    assert client.get("/invoices").status_code == 303


def test_a_form_without_its_secret_changes_nothing(door: Door) -> None:
    from django.test import Client

    client = Client(headers={"host": door.host}, enforce_csrf_checks=True)

    answer = client.post("/sign-in", {"email": "dana@example.test", "password": "x"})

    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()
