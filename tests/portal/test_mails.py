"""What somebody turned off is not sent; what must always come does; one click is enough."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import override_settings

from quittance.notifications.messages import enqueue_message, send_message
from quittance.notifications.models import Message, Unwanted
from quittance.notifications.preferences import choose_mails
from quittance.notifications.topics import TOPICS, topic_of
from quittance.notifications.words import _KINDS
from quittance.tenancy.rows import reading, writing
from tests.ground import ALPINE, EVENTS, HARBORLINE
from tests.notifications.test_messages import LOCAL, RECEIPT
from tests.portal.doors import Door

ME = "dana@example.test"


@pytest.fixture(autouse=True)
def outbox() -> Iterator[list[EmailMessage]]:
    mail.outbox = []
    with override_settings(EMAIL_BACKEND=LOCAL):
        yield mail.outbox


def send(kind: str, account_id: UUID | None, **facts: object) -> Message:
    with writing():
        key = f"{kind}:{account_id}:{Message.objects.count()}"
        enqueue_message(
            key=key, kind=kind, to=ME, facts={**RECEIPT, **facts}, account_id=account_id
        )
        message = Message.objects.get(key=key)
    send_message(message.pk)
    with reading():
        message.refresh_from_db()
    return message


def test_a_mail_that_is_not_wanted_is_withheld_also_when_it_waited_already(
    door: Door, outbox: list[EmailMessage]
) -> None:
    user = door.person(HARBORLINE, EVENTS)
    one, two = (door.ground.account(each).pk for each in (HARBORLINE, EVENTS))
    choose_mails(user, [one, two], {(two, "receipts")})

    withheld, sent = send("receipt", one), send("receipt", two)

    assert withheld.withheld_at is not None
    assert withheld.facts == {}
    assert withheld.next_at is None
    assert sent.sent_at is not None
    assert len(outbox) == 1


def test_what_must_come_comes_whatever_was_turned_off(
    door: Door, outbox: list[EmailMessage]
) -> None:
    user, one = door.person(HARBORLINE), door.ground.account(HARBORLINE).pk
    choose_mails(user, [one], set())

    for kind, facts in (
        ("returned", {"why": "x"}), ("refunded", {}), ("not_charged", {"reason": "abandoned"}),
        ("surplus", {}), ("sign_in_code", {"code": "123456"}),
    ):  # fmt: skip
        send(kind, one, **facts)

    assert len(outbox) == 5
    assert all("List-Unsubscribe" not in each.extra_headers for each in outbox)


def test_failures_changes_and_codes_belong_to_no_topic() -> None:
    optional = {kind for kind in _KINDS if topic_of(kind)}

    assert optional == {
        "receipt",
        "credits_used",
        "method_expires",
        "file_ready",
        "statement_ready",
    }
    assert {kind for each in TOPICS.values() for kind in each.kinds} <= set(_KINDS)


def test_one_click_of_a_mail_program_turns_off_that_and_nothing_else(
    door: Door, outbox: list[EmailMessage]
) -> None:
    door.person(HARBORLINE, EVENTS)
    one = door.ground.account(HARBORLINE).pk
    send("receipt", one)
    (sent,) = outbox
    address = sent.extra_headers["List-Unsubscribe"].strip("<>")
    path = "/" + address.split("/", 3)[3]

    client = door.client()
    client.handler.enforce_csrf_checks = True
    looked = client.get(path)
    with reading():
        before = Unwanted.objects.count()
    clicked = client.post(path, {"List-Unsubscribe": "One-Click"})

    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address.startswith(f"http://{door.host}/mails/off/")
    assert address in sent.body
    assert f'<a href="{address}"' in str(sent.alternatives[0])  # type: ignore[attr-defined]
    assert (looked.status_code, before) == (200, 0)
    assert clicked.status_code == 200
    with reading():
        rows = list(Unwanted.objects.values_list("customer_account_id", "topic"))
    assert rows == [(one, "receipts")]
    assert send("receipt", one).withheld_at is not None


def test_a_link_that_was_changed_turns_nothing_off(door: Door, outbox: list[EmailMessage]) -> None:
    door.person(HARBORLINE)
    send("receipt", door.ground.account(HARBORLINE).pk)
    path = outbox[0].extra_headers["List-Unsubscribe"].strip("<>").split("/", 3)[3]

    for wrong in (f"/{path}x", f"/{path[:-3]}", "/mails/off/x", f"/{path}".replace(":", "", 1)):
        assert door.client().post(wrong).status_code == 404
    with reading():
        assert Unwanted.objects.count() == 0


def test_a_mail_about_another_account_is_not_touched(
    door: Door, outbox: list[EmailMessage]
) -> None:
    user = door.person(HARBORLINE)
    choose_mails(user, [door.ground.account(HARBORLINE).pk], set())

    assert send("receipt", door.ground.account(ALPINE).pk).sent_at is not None
    assert send("receipt", None).sent_at is not None
    assert len(outbox) == 2
