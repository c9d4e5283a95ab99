"""A buyer's ways to pay: added with a yes, verified, put first, renewed, removed; nobody else's."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import override_settings

from quittance.connections.models import OfferRule
from quittance.core import clock
from quittance.notifications.messages import send_message
from quittance.notifications.models import Message
from quittance.portal.checkout.kept import value_of_kept
from quittance.tenancy.models import LegalEntity
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened
from quittance.wallet.models import ConsentRecord, DefaultMethod, KeptMethod, Saving
from quittance.wallet.places import set_company_id
from tests.backoffice.office import words
from tests.ground import CARD, DECLINED, HARBORLINE
from tests.portal.doors import Door, begin_checkout, fields_of
from tests.wallet.wallets import A_CODE, DEBIT, TWO_AMOUNTS

M = KeptMethod.Status
LOCAL = "django.core.mail.backends.locmem.EmailBackend"


def agree(client: Any, kind: str = "card", **changes: str) -> Any:
    """Read what is agreed to, tick the box, go on; return the answer."""
    shown = client.get("/wallet/agree", {"kind": kind, "currency": "USD"})
    return client.post("/wallet/agree", fields_of(shown.content) | {"agreed": "yes"} | changes)


def save(door: Door, client: Any, kind: str = "card", number: str = CARD) -> str:
    """Add a method all the way; return where the buyer ends up."""
    onward = agree(client, kind)
    assert onward.status_code == 303, words(onward)
    assert "/save/" in client.get(onward["Location"]).content.decode()
    with reading():
        saving = Saving.objects.latest("created_at")
    world = door.ground.world
    world.client.post(
        f"{world.gateway.control_url}/savings/{saving.gateway_saving}/save",
        json={"number": number, "authenticate": "approve"},
    ).raise_for_status()
    return str(client.get(f"/wallet/savings/{saving.pk}")["Location"])


def the_method() -> KeptMethod:
    """The newest one."""
    with reading():
        return KeptMethod.objects.latest("created_at")


def test_a_buyer_keeps_a_card_with_his_yes_and_finds_it_in_the_list(door: Door) -> None:
    client = door.buyer()
    assert "No way to pay is kept yet" in words(client.get("/wallet"))
    assert "Bank account of a company" in words(client.get("/wallet/add"))

    page = client.get(save(door, client))

    assert "Visa ••4242 is kept" in words(page)
    listed = words(client.get("/wallet"))
    for part in ("Visa ••4242", "Default", "Card", "added by Dana Okafor", "Ready"):
        assert part in listed
    with reading():
        consent = ConsentRecord.objects.get()
    assert consent.text_version == "card.2026-11-22"
    assert len(consent.session_hash) == 64
    told = words(client.get(f"/wallet/{the_method().pk}/agreement"))
    for part in ("Northwind Traders has its payment provider keep", "Dana Okafor", "127.0.0.1"):
        assert part in told


def test_without_a_tick_or_with_an_older_text_nothing_begins(door: Door) -> None:
    client = door.buyer()

    unticked = agree(client, agreed="")
    older = agree(client, version="card.2020-01-01")

    assert (unticked.status_code, older.status_code) == (422, 409)
    assert "Tick the box" in words(unticked)
    assert "The text has changed" in words(older)
    with reading():
        assert not Saving.objects.exists()


def test_the_button_pressed_twice_is_one_saving(door: Door) -> None:
    client = door.buyer()
    key = str(uuid.uuid4())

    first, second = agree(client, key=key), agree(client, key=key)

    assert first["Location"] == second["Location"]
    with reading():
        assert Saving.objects.count() == 1


def test_a_company_and_a_person_read_different_words_and_the_id_to_let_pass(door: Door) -> None:
    set_company_id(door.ground.gateway_account_id, "9876543210")
    client = door.buyer()

    company = words(client.get("/wallet/agree?kind=business"))
    person = words(client.get("/wallet/agree?kind=personal"))

    assert "Nacha Operating Rules for CCD" in company
    assert "The account is mine" in person
    assert "CCD" not in person
    for text in (company, person):
        assert "company ID 9876543210" in text


def test_two_amounts_verify_a_bank_account_and_a_wrong_try_is_told_kindly(door: Door) -> None:
    client = door.buyer()
    verify = save(door, client, "business", TWO_AMOUNTS)
    assert verify.endswith("/verify")
    assert "Confirm deposits" in words(client.get("/wallet"))

    unread = client.post(verify, {"first": "a lot", "second": ""})
    wrong = client.post(verify, {"first": "0.11", "second": "0.12"})
    right = client.post(verify, {"first": "0.45", "second": "0.32"})

    assert (unread.status_code, wrong.status_code, right.status_code) == (422, 422, 303)
    assert "tries left" in words(wrong)
    address = client.get(right["Location"])["Location"]
    assert "is kept" in words(client.get(address))
    assert the_method().scheme == "ach_ccd"


def test_a_code_verifies_too_and_an_account_can_be_given_up(door: Door) -> None:
    client = door.buyer()
    verify = save(door, client, "personal", A_CODE)

    assert client.post(verify, {"code": "SM00ZZ"}).status_code == 422
    stopped = client.post(verify.replace("/verify", "/stop"))

    assert stopped.status_code == 303
    assert "No way to pay is kept yet" in words(client.get("/wallet"))


def test_a_buyer_who_comes_back_without_saving_may_go_on(door: Door) -> None:
    client = door.buyer()
    onward = agree(client)["Location"]

    back = client.get(onward.removesuffix("/onward") + "?from=cancel")

    assert "Not finished" in words(back)
    assert onward in back.content.decode()
    assert "Continue" in words(client.get("/wallet"))


def test_an_answer_that_was_lost_is_found_when_the_buyer_looks(door: Door) -> None:
    client = door.buyer()
    door.ground.world.gateway_fault("POST /v1/*", "drop_after")

    answer = agree(client)

    page = client.get(answer["Location"])
    assert page.status_code == 303
    assert "Not finished" in words(client.get(page["Location"])), "to look asks again"
    with reading():
        assert Saving.objects.count() == 1
        assert not KeptMethod.objects.exists()


def test_a_method_is_named_put_first_renewed_and_removed(door: Door) -> None:
    client = door.buyer()
    save(door, client, "business", DEBIT)
    save(door, client)
    card = the_method()
    address = f"/wallet/{card.pk}"

    client.post(f"{address}/name", {"name": "Travel"})
    client.post(f"{address}/default", {"currency": "USD"})
    wrong = client.post(f"{address}/expiry", {"month": "13/29"})
    renewed = client.post(f"{address}/expiry", {"month": "05/41"})

    assert (wrong.status_code, renewed.status_code) == (422, 303)
    page = words(client.get(address))
    assert "Travel" in page
    assert "05/41" in page
    with reading():
        assert DefaultMethod.objects.get(currency="USD").method_id == card.pk

    assert "Remove Visa ••4242?" in words(client.get(f"{address}/remove"))
    assert the_method().status == M.ACTIVE, "asking removes nothing"
    assert client.post(f"{address}/remove")["Location"] == "/wallet"
    assert the_method().ended_reason == "removed"
    assert "Travel" not in words(client.get("/wallet"))
    assert "It was removed." in words(client.get(address))


def test_a_mandate_is_revoked_from_its_page(door: Door) -> None:
    client = door.buyer()
    save(door, client, "business", DEBIT)
    kept = the_method()
    assert (
        f"/wallet/{kept.pk}/remove?revoke=1"
        in client.get(f"/wallet/{kept.pk}/agreement").content.decode()
    )

    client.post(f"/wallet/{kept.pk}/remove", {"revoke": "1"})

    assert the_method().ended_reason == "revoked"
    with widened(), reading():
        kinds = list(Message.objects.order_by("created_at").values_list("kind", flat=True))
    assert kinds == ["method_saved", "method_ended"]


def test_a_personal_account_says_whose_it_is_and_is_offered_to_nobody_else(door: Door) -> None:
    owner = door.buyer()
    save(door, owner, "personal", DEBIT)
    kept = the_method()
    colleague = door.signed_in(HARBORLINE, email="ann@example.test", name="Ann Lee")
    basket = begin_checkout(colleague, door.ground.bill("100.00"))

    assert "only you can pay with it" in words(owner.get("/wallet"))
    assert "only Dana Okafor can pay with it" in words(colleague.get("/wallet"))
    page = colleague.get(f"/wallet/{kept.pk}")
    assert "Only Dana Okafor can pay with it" in words(page)
    assert "Choose it first" not in words(page)
    method = colleague.get(f"{basket}/method")
    assert value_of_kept(kept.pk) not in method.content.decode()
    refused = colleague.post(
        f"{basket}/method",
        {"version": fields_of(method.content)["version"], "method": value_of_kept(kept.pk)},
    )
    assert refused.status_code == 409
    assert "personal account" in words(refused)


def test_what_rules_never_offer_a_customer_is_not_kept_for_him(door: Door) -> None:
    client = door.buyer()
    rules = {"is_offered": False, "valid_from": clock.now().date() - timedelta(days=2)}
    with widened(), writing():
        OfferRule.objects.create(method="card", **rules)
        OfferRule.objects.create(method="bank_debit", currency="USD", at_most_minor=49_999, **rules)

    offered = words(client.get("/wallet/add"))

    assert "Bank account of a company" in offered, "it is offered for large amounts"
    assert client.get("/wallet/agree?kind=business").status_code == 200
    assert "kind=card" not in client.get("/wallet/add").content.decode()
    assert client.get("/wallet/agree?kind=card").status_code == 404


def test_the_day_on_which_a_card_expires_is_the_sellers(door: Door) -> None:
    client = door.buyer()
    save(door, client)
    now = clock.now()
    ahead = now.hour >= 11  # then it is tomorrow on Kiritimati, else still yesterday in the west
    with widened(), writing():
        LegalEntity.objects.update(zone="Pacific/Kiritimati" if ahead else "Etc/GMT+12")
        last = now.date() if ahead else now.date() - timedelta(days=1)
        KeptMethod.objects.update(expires_on=last)

    listed = words(client.get("/wallet"))

    assert ("Expired" in listed) == ahead
    assert ("has expired" in listed) == ahead


def test_what_belongs_to_another_customer_is_not_there(door: Door) -> None:
    client = door.buyer()
    save(door, client, "business", TWO_AMOUNTS)
    save(door, client)
    with reading():
        saving = Saving.objects.earliest("created_at")
    kept = the_method()
    stranger = door.stranger()

    for path in (f"/wallet/{kept.pk}", f"/wallet/{kept.pk}/agreement", f"/wallet/{kept.pk}/remove",
                 f"/wallet/savings/{saving.pk}", f"/wallet/savings/{saving.pk}/verify",
                 f"/wallet/savings/{saving.pk}/onward"):  # fmt: skip
        assert stranger.get(path).status_code == 404, path
    for path in ("remove", "name", "default", "expiry"):
        assert stranger.post(f"/wallet/{kept.pk}/{path}", {"currency": "USD"}).status_code == 404
    assert stranger.post(f"/wallet/savings/{saving.pk}/stop").status_code == 404
    assert the_method().status == M.ACTIVE


def test_whoever_tries_card_after_card_has_to_wait_and_is_told_how_long(door: Door) -> None:
    client = door.buyer()
    for _ in range(3):
        assert agree(client).status_code == 303

    slow = agree(client)

    assert slow.status_code == 429
    assert 0 < int(slow["Retry-After"]) <= 24 * 3600
    assert "Try again in 24 hours" in words(slow)


def test_no_number_is_in_the_database_a_log_or_a_mail(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    """Every text that could hold one: numbers of cards by Luhn's rule, and of test accounts."""
    caplog.set_level("DEBUG")
    client = door.buyer()
    save(door, client)
    save(door, client, "business", DEBIT)
    client.post(f"/wallet/{the_method().pk}/remove")
    agree(client)
    with reading():
        saving = Saving.objects.latest("created_at")
    world = door.ground.world
    world.client.post(
        f"{world.gateway.control_url}/savings/{saving.gateway_saving}/save",
        json={"number": DECLINED},
    )
    client.get(f"/wallet/savings/{saving.pk}")
    mail.outbox = []
    with widened(), override_settings(EMAIL_BACKEND=LOCAL):
        with reading():
            waiting = list(Message.objects.filter(sent_at=None))
        found = _numbers(_texts())
        for each in waiting:
            send_message(each.pk)

    assert not found
    assert len(mail.outbox) == 3
    assert not _numbers(f"{each.subject} {each.body}" for each in mail.outbox)
    assert not _numbers(record.getMessage() for record in caplog.records)
    assert _numbers([f"card {CARD}."]) == [CARD], "the search would find one"
    assert _numbers([f"account {DEBIT}"]) == [DEBIT]


def _texts() -> list[str]:
    """Every text of every table of ours, as the organization's staff may read it."""
    with reading(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            " AND table_type = 'BASE TABLE' AND table_name ~ '^(wallet|audit|notifications|django"
            "|procrastinate|payments|connections|identity)_'"
        )
        texts: list[str] = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT t::text FROM {table} t")
            texts += [row[0] for row in cursor.fetchall()]
    return texts


def _numbers(texts: Any) -> list[str]:
    found = []
    for text in texts:
        for run in re.findall(r"(?<![\w.-])\d(?:[ -]?\d){11,18}(?![\w-]|\.\d)", text):
            digits = re.sub(r"\D", "", run)
            if digits in {DEBIT, TWO_AMOUNTS, A_CODE} or (len(digits) >= 13 and _luhn(digits)):
                found.append(digits)
    return found


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
