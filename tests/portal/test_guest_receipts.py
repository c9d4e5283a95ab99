"""Who paid by a link has a receipt as PDF: on the page, and out of its mail for some days."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client, override_settings
from pypdf import PdfReader

from quittance.core import clock
from quittance.notifications.messages import send_message
from quittance.notifications.models import Message
from quittance.notifications.receipts import GOOD_FOR
from quittance.notifications.words import write
from quittance.payments.models import Payment
from quittance.tenancy.rows import reading
from quittance.ui.language import speaking
from tests.backoffice.office import words
from tests.notifications.test_messages import LOCAL
from tests.portal.doors import Door
from tests.portal.test_links import begun, made, opened, paid
from tests.portal.test_links_late import away


@pytest.fixture
def outbox() -> Iterator[list[EmailMessage]]:
    mail.outbox = []
    with override_settings(EMAIL_BACKEND=LOCAL):
        yield mail.outbox


def paid_by_link(door: Door) -> tuple[Client, Payment]:
    """A guest whose payment went through."""
    client = opened(door, made(door.ground.bill("250.00")).token)
    paid(client, begun(client))
    with reading():
        payment = Payment.objects.get()
    with suppress(httpx.ConnectError):  # the way back leads to the test's host
        door.ground.on_page(payment)
    door.ground.advance(payment)
    return client, payment


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    with PdfReader(io.BytesIO(answer.content)) as paper:
        return "".join(page.extract_text() for page in paper.pages)


def in_the_mail(outbox: list[EmailMessage]) -> str:
    """The path that the receipt's mail leads to."""
    with reading():
        message = Message.objects.get(kind="receipt")
    send_message(message.pk)
    found = re.search(r"https?://[^/]+(/receipts/\S+)", str(outbox[-1].body))
    assert found, outbox[-1].body
    return found[1]


def test_a_guest_takes_the_receipt_from_the_page_and_nothing_of_the_customer_is_on_it(
    door: Door,
) -> None:
    client, payment = paid_by_link(door)
    page = client.get(f"/payments/{payment.pk}").content.decode()
    away(client)

    paper = text_of(client.get(f"/payments/{payment.pk}/receipt.pdf"))
    other = door.client().get(f"/payments/{payment.pk}/receipt.pdf")

    assert f"/payments/{payment.pk}/receipt.pdf" in page
    assert payment.number in paper
    assert "Ada Paye" in paper
    assert "Harborline" not in paper
    assert "Your PO" not in paper
    assert other["Location"].startswith("/sign-in")


def test_its_mail_leads_to_it_for_some_days_and_to_nothing_else(
    door: Door, outbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    _client, payment = paid_by_link(door)
    path = in_the_mail(outbox)
    anybody = door.client()

    answer = anybody.get(path)
    assert payment.number in text_of(answer)
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert anybody.get(f"/payments/{payment.pk}")["Location"].startswith("/sign-in")
    assert anybody.get(f"{path}x").status_code == 404

    later = (clock.now() + GOOD_FOR + timedelta(minutes=1)).timestamp()
    monkeypatch.setattr("django.core.signing.time", SimpleNamespace(time=lambda: later))
    over = anybody.get(path)
    assert over.status_code == 404
    assert "This link has ended" in words(over)


@pytest.mark.parametrize("kind", ["receipt", "surplus", "refunded", "returned"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_no_mail_sends_a_guest_to_a_portal_that_he_cannot_sign_in_to(
    door: Door, kind: str, language: str
) -> None:
    facts: dict[str, Any] = {
        "payment_id": "x", "number": "P-1", "amount_minor": 100, "currency": "USD", "why": "",
        "deed": "Pay the invoices in the portal.", "deed_parts": [], "invoices": ["INV-1"],
    }  # fmt: skip

    with speaking(language), reading():
        guest = write(kind, facts | {"by_link": True}).text
        buyer = write(kind, facts | {"by_link": False, "invoices": []}).text

    assert "ortal" not in guest
    assert "ortal" in buyer
