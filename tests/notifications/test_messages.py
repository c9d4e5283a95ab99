"""Messages: written once, sent until taken, with one Message-ID, and then forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.message import sanitize_address
from django.test import override_settings

from quittance.branding.models import Brand
from quittance.core import clock
from quittance.identity.models import User
from quittance.notifications.jobs import sweep
from quittance.notifications.messages import enqueue_message, language_for, send_message
from quittance.notifications.models import Message
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import narrowed_to
from tests.audit.house import new_organization

LOCAL = "django.core.mail.backends.locmem.EmailBackend"
DOWN, REFUSING = "tests.notifications.backends.Down", "tests.notifications.backends.Refusing"
RECEIPT = {"payment_id": "p", "number": "P-1", "amount_minor": 12345, "currency": "USD"}
TO = "dana@harborline.example"


@pytest.fixture(autouse=True)
def outbox() -> Iterator[list[EmailMessage]]:
    """What was sent."""
    mail.outbox = []
    with override_settings(EMAIL_BACKEND=LOCAL):
        yield mail.outbox


def put(key: str = "receipt:p", *, kind: str = "receipt", to: str = TO, **facts: object) -> Message:
    """Put a message into the outbox."""
    with writing():
        enqueue_message(key=key, kind=kind, to=to, facts=facts or dict(RECEIPT))
        return Message.objects.get(key=key)


def again(message: Message) -> Message:
    with reading():
        message.refresh_from_db()
    return message


def brand(name: str, email: str = "ar@northwind.example") -> None:
    with writing():
        Brand.objects.create(name=name, accent="#112233", contact_email=email)


def test_a_receipt_says_number_and_amount(organization: UUID, outbox: list[EmailMessage]) -> None:
    send_message(put().pk)

    (sent,) = outbox
    assert sent.to == [TO]
    assert "P-1" in sent.subject
    assert "123.45 USD" in sent.subject
    assert "123.45 USD" in sent.body


@pytest.mark.failure("F57")
def test_a_message_with_the_same_key_is_written_once(organization: UUID) -> None:
    put()
    put()

    with reading():
        assert Message.objects.count() == 1


def test_a_message_is_sent_once(organization: UUID, outbox: list[EmailMessage]) -> None:
    message = put()
    send_message(message.pk)
    send_message(message.pk)

    assert len(outbox) == 1
    assert again(message).sent_at is not None


def test_what_a_message_knew_is_forgotten_once_it_is_sent(organization: UUID) -> None:
    message = put(kind="sign_in_code", code="123456")
    send_message(message.pk)

    assert again(message).facts == {}
    assert message.next_at is None


@pytest.mark.parametrize("backend", [DOWN, REFUSING])
def test_a_message_that_was_not_taken_waits_and_keeps_its_facts(
    organization: UUID, backend: str
) -> None:
    message = put()
    with override_settings(EMAIL_BACKEND=backend):
        send_message(message.pk)

    assert again(message).sent_at is None
    assert message.failures == 1
    assert message.next_at is not None
    assert message.next_at > clock.now()
    assert message.facts == RECEIPT


@pytest.mark.failure("F57")
def test_a_message_that_is_sent_again_carries_the_same_message_id(
    organization: UUID, outbox: list[EmailMessage]
) -> None:
    message = put()
    send_message(message.pk)
    with writing():  # the server took it, and we died before we wrote that down
        Message.objects.filter(pk=message.pk).update(sent_at=None, facts=RECEIPT)
    send_message(message.pk)

    first, second = outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert str(message.pk) in first.extra_headers["Message-ID"]


@pytest.mark.parametrize(
    "name", ["Northwind, Inc.", "Müller & Söhne", 'The "Best" <Co>', "Northwind\nBcc: x@y.example"]
)
def test_any_sellers_name_can_stand_in_from_of(
    organization: UUID, outbox: list[EmailMessage], name: str
) -> None:
    brand(name)
    message = put()

    send_message(message.pk)

    assert again(message).sent_at is not None
    (sent,) = outbox
    assert sanitize_address(sent.from_email, "utf-8").endswith("<ar@northwind.example>")  # SMTP's
    assert sent.message()["Bcc"] is None


def test_a_message_comes_from_the_seller(organization: UUID, outbox: list[EmailMessage]) -> None:
    brand("Northwind Traders")

    send_message(put().pk)

    assert outbox[0].from_email == "Northwind Traders <ar@northwind.example>"
    assert outbox[0].extra_headers["Message-ID"].endswith("@northwind.example>")


def test_a_code_is_in_the_mail(organization: UUID, outbox: list[EmailMessage]) -> None:
    send_message(put(kind="sign_in_code", code="123456").pk)

    assert "123456" in outbox[0].subject


def test_a_buyers_act_writes_a_message_that_the_buyer_cannot_read(organization: UUID) -> None:
    with narrowed_to([uuid4()]), writing():
        enqueue_message(key="k", kind="receipt", to=TO, facts=RECEIPT)
        assert Message.objects.count() == 0

    with reading():
        assert Message.objects.count() == 1


@pytest.mark.failure("F57")
def test_a_message_of_a_deed_that_failed_is_not_written(organization: UUID) -> None:
    with pytest.raises(LookupError):
        _fail_after_a_message()

    with reading():
        assert Message.objects.count() == 0


def test_the_sweep_sends_what_is_due_for_every_organization(
    organization: UUID, outbox: list[EmailMessage]
) -> None:
    put()
    with new_organization("Fabrikam"):
        put(to="luca@alpine.example")

    sweep(0)

    assert {TO, "luca@alpine.example"} <= {each.to[0] for each in outbox}


def test_the_sweep_leaves_what_is_not_due(organization: UUID, outbox: list[EmailMessage]) -> None:
    message = put()
    with writing():
        Message.objects.update(next_at=clock.now() + timedelta(minutes=5))

    sweep(0)

    assert again(message).sent_at is None


@pytest.mark.parametrize(
    ("kind", "to", "facts"),
    [
        ("no_such_kind", TO, {}),
        ("receipt", TO, {"number": "P-1"}),
        ("receipt", "a@b@c\r\nBcc: x@y.example", RECEIPT),
    ],
)
def test_a_message_that_cannot_be_sent_keeps_no_other_waiting(
    organization: UUID, kind: str, to: str, facts: dict[str, object]
) -> None:
    broken = put("broken", kind=kind, to=to, **facts)
    good = put("good")

    sweep(0)

    assert again(good).sent_at is not None
    assert again(broken).sent_at is None
    assert broken.failures == 1
    assert broken.next_at is not None
    assert broken.next_at > clock.now()


def _fail_after_a_message() -> None:
    with writing():
        enqueue_message(key="k", kind="receipt", to=TO, facts=RECEIPT)
        raise LookupError


@pytest.mark.parametrize(
    ("chosen", "asked_at", "sellers", "read"),
    [
        ("fr", "de", "es", "fr"),
        ("", "de", "es", "de"),
        ("", "", "es", "es"),
        ("", "xx", "ar", "ar"),
    ],
)
def test_a_mail_is_in_the_language_of_who_gets_it(
    organization: UUID, chosen: str, asked_at: str, sellers: str, read: str
) -> None:
    with writing():
        User.objects.create(email=TO, name="Dana", language=chosen)
        Brand.objects.update_or_create(defaults={"name": "Northwind", "language": sellers})

    message = put(kind="sign_in_code", code="123456", language=asked_at)

    with reading():
        assert language_for(message) == read


@pytest.mark.parametrize("kind", ["alert", "dispute_team", "unchecked"])
def test_a_mail_to_the_sellers_own_staff_is_in_english(organization: UUID, kind: str) -> None:
    with writing():
        User.objects.create(email=TO, name="Priya", staff_role="clerk")
        Brand.objects.update_or_create(defaults={"name": "Northwind", "language": "ar"})

    message = put(kind=kind, language="ar")

    with reading():
        assert language_for(message) == "en"
