"""Nobody sees a row that is not theirs, and nothing tells them that it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern

from quittance.portal.urls import urlpatterns
from tests.ground import World, make_ground
from tests.portal.doors import Door, begin_checkout, make_door

MISSING = "00000000-0000-7000-8000-000000000000"
PUBLIC = {
    "brand", "icon", "logo", "theme", "language", "sign_in", "send_code", "code", "sign_out",
    "session", "mails_off", "open_link", "sso", "sso_back", "saml_answer", "saml_metadata",
    "second_step", "by_passkey", "options_to_sign_in", "guest_receipt", "invited",
    "invitation", "join", "join_code", "join_facts", "join_answer", "end_visit", "sample_fields",
    "sample_module",
}  # fmt: skip
POSTED = {
    "pick", "account", "pay", "cancel", "take_back", "bank_file", "stop_saving", "name_method",
    "default_method", "change_month", "file_again", "prepare_statement", "statement_again",
    "remittance_read", "remittance_check",
    "answer_dispute", "take_back_dispute", "change_member", "remove_member", "let_in_again",
    "ask", "approve", "refuse", "withdraw_approval", "set_approval_rule", "drop_approval_rule",
    "appoint_deputy", "dismiss_deputy", "send_invitation", "invite_again", "withdraw_invitation",
    "begin_app", "remove_app", "new_codes", "add_passkey", "options_to_make", "name_passkey",
    "remove_passkey", "options_to_prove", "send_proof",
    "change_you", "change_mail", "stop_mail", "new_password", "end_browsers", "choose_mails",
    "ask_own_data", "let_newcomer_in", "refuse_newcomer",
}  # fmt: skip


def patterns(access: str) -> list[URLPattern]:
    found = [each for each in urlpatterns if getattr(each.callback, "access", "") == access]
    assert found
    return found


def address(pattern: URLPattern, row_id: str) -> str:
    arguments = dict.fromkeys(pattern.pattern.converters, UUID(row_id))
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(pattern.pattern)).format(**arguments)


def knock(client: Client, pattern: URLPattern, row_id: str) -> tuple[int, bytes]:
    where = address(pattern, row_id)
    answer = client.post(where) if pattern.name in POSTED else client.get(where)
    return answer.status_code, answer.content


def test_every_view_says_who_may_open_it() -> None:
    assert {each.name for each in urlpatterns if not getattr(each.callback, "access", "")} == set()
    assert {each.name for each in patterns("public")} == PUBLIC


@pytest.fixture(scope="module")
def nobody(world: World) -> Iterator[Client]:
    """A browser that nobody is signed in at; who is sent to sign in changes nothing."""
    with make_ground(world) as ground, make_door(ground) as door:
        yield door.client()


@pytest.mark.parametrize(
    "pattern",
    patterns("buyer") + patterns("payer") + patterns("person"),
    ids=lambda each: each.name,
)
def test_nobody_in_particular_is_asked_to_sign_in(pattern: URLPattern, nobody: Client) -> None:
    where = address(pattern, MISSING)

    answer = nobody.post(where) if pattern.name in POSTED else nobody.get(where)

    assert answer.status_code == 303
    assert answer["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "name", ["invoice", "invoice_pdf", "payment", "onward", "cancel", "receipt_pdf"]
)
def test_a_strangers_row_and_a_missing_one_get_the_same_answer(name: str, door: Door) -> None:
    invoice = door.ground.bill("250.00")
    row = invoice if name.startswith("invoice") else door.ground.pay((invoice, "250.00"))
    pattern = next(each for each in urlpatterns if each.name == name)
    client = door.stranger()

    foreign, missing = knock(client, pattern, str(row.pk)), knock(client, pattern, MISSING)

    assert foreign == missing
    assert foreign[0] == 404


@pytest.mark.parametrize("step", ["amounts", "method", "review", "transfer"])
def test_a_strangers_checkout_is_as_if_it_never_was(step: str, door: Door) -> None:
    basket = begin_checkout(door.buyer(), door.ground.bill("250.00"))
    missing = basket.replace(basket.split("/")[2], MISSING)
    client = door.stranger()

    foreign = client.get(f"{basket}/{step}")

    assert foreign.status_code == 409
    assert foreign.content == client.get(f"{missing}/{step}").content


def test_the_list_shows_only_the_accounts_own_invoices(door: Door) -> None:
    invoice = door.ground.bill("250.00")

    assert invoice.number in door.buyer().get("/invoices?tab=all").content.decode()
    assert invoice.number not in door.stranger().get("/invoices?tab=all").content.decode()


def test_staff_are_led_to_the_back_office(door: Door) -> None:
    answer = door.clerk().get("/invoices")

    assert (answer.status_code, answer["Location"]) == (302, "/office/")


def test_a_session_of_another_organization_is_nobodys(door: Door) -> None:
    client = door.buyer()
    session = client.session
    session["organization"] = MISSING
    session.save()

    assert client.get("/invoices").status_code == 303


def test_nobody_can_choose_an_account_that_is_not_theirs(door: Door) -> None:
    other = door.ground.account("C-20077")

    assert door.buyer().post("/account", {"account": str(other.pk)}).status_code == 404


def test_a_person_without_an_account_is_told_whom_to_ask(door: Door) -> None:
    client = door.signed_in(email="new@example.test")

    answer = client.get("/invoices")

    assert answer.status_code == 403
    assert "has not connected you" in answer.content.decode()
