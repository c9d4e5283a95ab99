"""Second factors at the door: the steps of a sign-in, what needs a proof, and who is held back."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pyotp
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern

from quittance.backoffice.urls import urlpatterns as office
from quittance.core import clock
from quittance.identity.models import AuthenticatorApp, User
from quittance.identity.policy import Policy, keep_policy
from quittance.notifications.models import Message
from quittance.portal.urls import urlpatterns as portal
from quittance.tenancy.rows import reading, writing
from tests.ground import HARBORLINE
from tests.identity.soft_key import SoftKey
from tests.portal.doors import PASSWORD, Door

MISSING = "00000000-0000-7000-8000-000000000000"
SENT = {"email": "dana@example.test", "password": PASSWORD}
# What is open to anybody, to whom the sign-in itself belongs, and who has a pay link.
OPEN = {
    "brand", "icon", "logo", "theme", "language", "sign_in", "send_code", "code", "sign_out",
    "session", "mails_off", "open_link", "second_step", "by_passkey", "options_to_sign_in",
    "pay_link", "sso", "sso_back", "saml_answer", "saml_metadata", "invited", "invitation",
    "join", "join_code", "join_facts", "join_answer",
    "end_visit", "guest_receipt", "sample_fields", "sample_module",
}  # fmt: skip


def new_app(client: Client) -> tuple[pyotp.TOTP, list[str]]:
    """Add an app as its person does; return it and the recovery codes that were shown."""
    assert client.post("/security/app").status_code == 303
    page = client.get("/security/app/confirm").content.decode()
    found = re.search(r'class="whole strong" dir="ltr">([A-Z2-7 ]+)<', page)
    assert found
    totp = pyotp.TOTP(found[1].replace(" ", ""))
    shown = client.post("/security/app/confirm", {"code": totp.at(clock.now())})
    codes = re.findall(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>", shown.content.decode())
    with writing():
        AuthenticatorApp.objects.update(last_step=0)  # as if the half minute were over
    return totp, codes


def mails(kind: str) -> list[Any]:
    with reading():
        return [each.facts for each in Message.objects.filter(kind=kind).order_by("pk")]


def late(monkeypatch: pytest.MonkeyPatch, **by: float) -> None:
    now = clock.now() + timedelta(**by)
    monkeypatch.setattr(clock, "now", lambda: now)


def test_an_app_is_added_with_ten_codes_on_the_side_and_a_mail(door: Door) -> None:
    client = door.buyer()

    _, codes = new_app(client)

    assert len(set(codes)) == 10
    assert "An app is added" in client.get("/security").content.decode()
    assert [each["what"] for each in mails("factor_changed")] == ["app_added"]


def test_after_the_password_the_second_step_is_asked_and_the_way_goes_on(door: Door) -> None:
    totp, _ = new_app(door.buyer())
    client = door.client()

    first = client.post("/sign-in", {**SENT, "then": "/payments"})
    between = client.get("/invoices")
    wrong = client.post("/sign-in/second", {"code": "000000"})
    second = client.post("/sign-in/second", {"code": totp.at(clock.now())})

    assert (first.status_code, first["Location"]) == (303, "/sign-in/second")
    assert between["Location"].startswith("/sign-in?")
    assert wrong.status_code == 422
    assert (second.status_code, second["Location"]) == (303, "/payments")
    assert client.get("/invoices").status_code == 200


def test_after_a_mailed_code_the_second_step_is_asked_too(door: Door) -> None:
    new_app(door.buyer())
    client = door.client()
    client.post("/sign-in/send-code", {"email": SENT["email"]})

    answer = client.post("/sign-in/code", {"code": mails("sign_in_code")[0]["code"]})

    assert answer["Location"] == "/sign-in/second"
    assert client.get("/invoices").status_code == 303


def test_a_recovery_code_does_for_the_second_step_once(door: Door) -> None:
    _, codes = new_app(door.buyer())

    for expected in (303, 422):
        client = door.client()
        client.post("/sign-in", SENT)
        assert client.post("/sign-in/second", {"code": codes[0]}).status_code == expected


def test_a_code_of_the_app_that_let_somebody_in_lets_nobody_in_again(door: Door) -> None:
    totp, _ = new_app(door.buyer())
    code = totp.at(clock.now())

    for expected in (303, 422):
        client = door.client()
        client.post("/sign-in", SENT)
        assert client.post("/sign-in/second", {"code": code}).status_code == expected


def test_the_second_step_without_a_first_leads_to_the_sign_in(door: Door) -> None:
    totp, _ = new_app(door.buyer())

    answer = door.client().post("/sign-in/second", {"code": totp.at(clock.now())})

    assert answer["Location"] == "/sign-in"


def test_a_passkey_alone_lets_in_and_adds_its_own_codes(door: Door) -> None:
    client, key = door.buyer(), SoftKey(host=door.host, origin=f"http://{door.host}")
    made = key.made(client.post("/security/passkeys/options").content.decode())
    shown = client.post("/security/passkeys", {"answer": made, "name": "Phone"})
    other = door.client()
    used = key.used(other.post("/sign-in/passkey/options").content.decode())

    answer = other.post("/sign-in/passkey", {"answer": used, "then": "/payments"})

    assert "Keep these recovery codes" in shown.content.decode()
    assert answer["Location"] == "/payments"
    assert other.get("/invoices").status_code == 200
    assert [(each["what"], each["name"]) for each in mails("factor_changed")] == [
        ("passkey_added", "Phone")
    ]


def test_a_passkey_does_for_the_second_step(door: Door) -> None:
    client, key = door.buyer(), SoftKey(host=door.host, origin=f"http://{door.host}")
    made = key.made(client.post("/security/passkeys/options").content.decode())
    client.post("/security/passkeys", {"answer": made})
    other = door.client()
    other.post("/sign-in", {**SENT, "then": "/payments"})
    used = key.used(other.post("/sign-in/passkey/options").content.decode())

    assert other.post("/sign-in/passkey", {"answer": used})["Location"] == "/payments"


def test_a_passkey_that_is_nobodys_is_refused_on_the_page(door: Door) -> None:
    client, key = door.client(), SoftKey(host=door.host, origin=f"http://{door.host}")
    used = key.used(client.post("/sign-in/passkey/options").content.decode())

    answer = client.post("/sign-in/passkey", {"answer": used})

    assert answer.status_code == 422
    assert "was not accepted" in answer.content.decode()


def test_a_passkey_and_the_mail_about_it_are_one_step(door: Door) -> None:
    client, key = door.buyer(), SoftKey(host=door.host, origin=f"http://{door.host}")
    made = key.made(client.post("/security/passkeys/options").content.decode())

    with CaptureQueriesContext(connection) as asked:
        client.post("/security/passkeys", {"answer": made, "name": "Phone"})

    said = [each["sql"] for each in asked]
    kept = next(n for n, each in enumerate(said) if 'INTO "identity_passkey"' in each)
    told = next(n for n, each in enumerate(said) if 'INTO "notifications_message"' in each)
    assert "COMMIT" not in said[kept:told]


@pytest.mark.parametrize("answer", ["[" * 16_000, '{"a":' * 3_000, "\0", '{"id":"\0"}'])
def test_what_is_no_passkey_is_refused_politely(door: Door, answer: str) -> None:
    client = door.client()
    client.post("/sign-in/passkey/options")

    refused = client.post("/sign-in/passkey", {"answer": answer})

    assert refused.status_code == 422
    assert "was not accepted" in refused.content.decode()


def test_passkey_options_are_counted_for_a_network(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    from quittance.portal.sign_in import second

    monkeypatch.setattr(second, "_MOST", 2)
    client = door.client()

    answers = [client.post("/sign-in/passkey/options") for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_change_of_factors_wants_a_fresh_proof_and_then_goes_on(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = door.buyer()
    late(monkeypatch, minutes=6)

    asked = client.post("/security/app")
    page = client.get(asked["Location"]).content.decode()
    wrong = client.post("/security/prove", {"password": "wrong", "then": "/session/typed"})
    right = client.post("/security/prove", {"password": PASSWORD, "then": "/session/typed"})
    kept = client.get(right["Location"]).content.decode()

    assert asked["Location"] == "/security/prove?then=%2Fsession%2Ftyped"
    assert "Your password" in page
    assert wrong.status_code == 422
    assert (right.status_code, right["Location"]) == (303, "/session/typed")
    assert 'action="/security/app"' in kept
    assert client.post("/security/app")["Location"] == "/security/app/confirm"


def test_who_has_a_factor_proves_it_with_that_and_not_with_the_password(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = door.buyer()
    totp, _ = new_app(client)
    late(monkeypatch, minutes=6)

    by_password = client.post("/security/prove", {"password": PASSWORD, "then": "/security"})
    by_app = client.post("/security/prove", {"code": totp.at(clock.now()), "then": "/security"})

    assert by_password.status_code == 422
    assert by_app["Location"] == "/security"
    assert client.post("/security/app/remove").status_code == 303
    assert [each["what"] for each in mails("factor_changed")] == ["app_added", "app_removed"]


def test_who_has_neither_proves_it_with_a_mailed_code(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = door.buyer()
    with writing():
        User.objects.update(password="")
    late(monkeypatch, minutes=6)

    sent = client.post("/security/prove/send-code", {"then": "/security"})
    code = mails("sign_in_code")[0]["code"]
    answer = client.post("/security/prove", {"code": code, "then": "/security"})

    assert "6-digit code" in sent.content.decode()
    assert answer["Location"] == "/security"


def test_a_proof_gives_the_session_a_new_id_and_leads_to_our_pages_only(door: Door) -> None:
    client = door.buyer()
    before = client.cookies["session"].value

    answer = client.post("/security/prove", {"password": PASSWORD, "then": "//evil.example"})

    assert answer["Location"] == "/"
    assert client.cookies["session"].value != before


def test_with_the_last_factor_the_recovery_codes_go_too(door: Door) -> None:
    client = door.buyer()
    _, codes = new_app(client)

    client.post("/security/app/remove")
    other = door.client()

    assert other.post("/sign-in", SENT)["Location"] == "/"
    assert codes


def test_a_new_password_takes_no_factor_away(door: Door) -> None:
    client = door.buyer()
    new_app(client)
    sent = {"password": PASSWORD, "new": "seven purple chairs sing"}
    assert client.post("/profile/password", sent).status_code == 303

    answer = door.client().post("/sign-in", {**SENT, "password": sent["new"]})

    assert answer["Location"] == "/sign-in/second"


def address(pattern: URLPattern) -> str:
    found = re.sub(r"<uuid:\w+>", MISSING, str(pattern.pattern))
    found = re.sub(r"<int:\w+>", "1", found)
    return re.sub(r"<(?:\w+:)?\w+>", "x", found)


EVERY = [("/", each) for each in portal] + [("/office/", each) for each in office]


@pytest.mark.parametrize("role", ["", "clerk"])
def test_between_two_steps_no_address_is_open_to_anybody(door: Door, role: str) -> None:
    email = "dana@example.test"
    new_app(door.signed_in(*([] if role else [HARBORLINE]), role=role))
    client = door.client()
    assert client.post("/sign-in", {**SENT, "email": email})["Location"] == "/sign-in/second"

    opened = []
    for prefix, pattern in EVERY:
        if prefix == "/" and pattern.name in OPEN:
            continue
        for method in (client.get, client.post):
            answer = method(prefix + address(pattern))
            to_sign_in = answer.get("Location", "").startswith("/sign-in")
            if not to_sign_in and answer.status_code != 405:
                opened.append((pattern.name, answer.status_code))
    assert opened == []


@pytest.mark.parametrize("role", ["", "clerk", "administrator"])
def test_who_must_add_a_factor_reaches_that_and_the_sign_out_only(door: Door, role: str) -> None:
    keep_policy(Policy(staff_from=date(2020, 1, 1), buyers="required"))
    client = door.signed_in(*([] if role else [HARBORLINE]), role=role)

    opened = []
    for prefix, pattern in EVERY:
        person = getattr(pattern.callback, "access", "") == "person"
        if prefix == "/" and (pattern.name in OPEN or person):
            continue
        for method in (client.get, client.post):
            answer = method(prefix + address(pattern))
            if answer.get("Location") != "/security" and answer.status_code != 405:
                opened.append((pattern.name, answer.status_code))

    assert opened == []
    assert "Add a second factor to go on" in client.get("/security").content.decode()
    new_app(client)
    assert client.get("/office/payments" if role else "/invoices").status_code == 200


def test_staff_have_the_page_too_in_our_own_look(door: Door) -> None:
    client = door.clerk()

    page = client.get("/security").content.decode()
    new_app(client)

    assert "Quittance" in page
    assert UUID(str(client.session["user"]))
    assert client.get("/office/payments").status_code == 200


def test_an_organization_may_offer_buyers_no_second_factor(door: Door) -> None:
    keep_policy(Policy(staff_from=date(2020, 1, 1), buyers="off"))

    page = door.buyer().get("/security").content.decode()

    assert "offers no second factor" in page
    assert "/security/app" not in page
