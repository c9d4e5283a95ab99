"""Mails come in the seller's name and look, and nothing in them names the product."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from uuid import UUID

from django.core.mail import EmailMessage
from django.test import override_settings

from quittance.branding.keep import Chosen, keep_brand, keep_logo
from quittance.branding.logos import Logo
from quittance.notifications.letterhead import Letterhead
from quittance.notifications.messages import send_message
from quittance.notifications.words import write
from quittance.tenancy.rows import reading
from quittance.ui.language import speaking
from tests.notifications.test_messages import RECEIPT, outbox, put

__all__ = ["outbox"]  # the fixture
SELLER = Chosen(
    name="Northwind Traders", accent="#ffb81c", contact_email="ar@northwind.example",
    postal_address="400 Westlake Ave N, Seattle", footer="UBI 123 456 789",
    links=(("Terms", "https://northwind.example/terms"),),
)  # fmt: skip


def parts_of(mail: EmailMessage) -> dict[str, str]:
    """Every part of the mail as it goes out, by its kind."""
    whole = message_from_bytes(mail.message().as_bytes())
    return {
        part.get_content_type(): bytes(part.get_payload(decode=True)).decode("latin-1")
        for part in whole.walk()
        if not part.is_multipart()
    }


def test_footer_and_links_stand_in_both_forms_of_a_mail(
    organization: UUID, outbox: list[EmailMessage]
) -> None:
    keep_brand(SELLER)

    send_message(put().pk)
    parts = parts_of(outbox[0])

    for kind in ("text/plain", "text/html"):
        assert "UBI 123 456 789" in parts[kind]
        assert "https://northwind.example/terms" in parts[kind]
        assert "P-1" in parts[kind]


def test_the_mail_has_the_sellers_colors_and_brings_its_logo_along(
    organization: UUID, outbox: list[EmailMessage]
) -> None:
    keep_brand(SELLER)
    keep_logo(Logo(b"\x89PNG..", 120), None)

    send_message(put().pk)
    parts = parts_of(outbox[0])

    assert 'src="cid:logo"' in parts["text/html"]
    assert parts["image/png"] == "\x89PNG.."
    assert "https://" not in parts["text/html"].replace("https://northwind.example/terms", "")


def test_sender_and_answers_are_the_sellers_choice(
    organization: UUID, outbox: list[EmailMessage]
) -> None:
    keep_brand(Chosen(name="Northwind", sender_name="Northwind Billing", reply_to="b@n.example"))

    with override_settings(MAIL_FROM="mail@portal.example"):
        send_message(put().pk)

    assert outbox[0].from_email == "Northwind Billing <mail@portal.example>"
    assert outbox[0].reply_to == ["b@n.example"]
    assert outbox[0].extra_headers["Message-ID"].endswith("@portal.example>")


def test_no_mail_names_the_product(organization: UUID, outbox: list[EmailMessage]) -> None:
    keep_brand(SELLER)

    for kind, facts in (("receipt", {}), ("sign_in_code", {"code": "123456"})):
        send_message(put(kind, kind=kind, **facts).pk)

    assert len(outbox) == 2
    for sent in outbox:
        assert b"quittance" not in sent.message().as_bytes().lower()
        assert "quittance" not in "".join(parts_of(sent).values()).lower()


def test_words_of_a_mail_cannot_become_markup() -> None:
    made = Letterhead(None).as_html("<b>", "<script>alert(1)</script>\n\nSecond")

    assert "<script>" not in made
    assert "&lt;script&gt;" in made


def test_an_address_of_the_portal_that_stands_alone_has_a_button() -> None:
    text = "Hier:\n\nhttps://p.example/a?b&c\n\nhttps://evil.example/x\n\nhttps://p.example/d e"

    with speaking("de"):
        made = Letterhead(None).as_html("A", text, language="de", site="https://p.example")

    assert re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', made) == [
        ("https://p.example/a?b&amp;c", "Seite öffnen"),
        ("https://p.example/a?b&amp;c", "https://p.example/a?b&amp;c"),
        ("https://p.example/d", "https://p.example/d"),
    ]


def test_greeting_sender_and_footer_are_said_in_the_language_of_the_mail(
    organization: UUID, outbox: list[EmailMessage]
) -> None:
    german = {"greeting": "Guten Tag,", "sender_name": "Nordwind", "footer": "HRB 123"}
    keep_brand(replace(SELLER, greeting="Dear customer,", texts={"de": german}))

    for language in ("de", "fr"):
        send_message(put(f"receipt:{language}", **RECEIPT, language=language).pk)
    de, fr = (parts_of(mail)["text/plain"] for mail in outbox)

    assert de.startswith("Guten Tag,")
    assert "HRB 123" in de
    assert "UBI 123" not in de
    assert outbox[0].from_email.startswith("Nordwind ")
    assert fr.startswith("Dear customer,")
    assert "UBI 123" in fr
    assert outbox[1].from_email.startswith("Northwind Traders ")


def test_staff_are_not_greeted_as_customers(organization: UUID, outbox: list[EmailMessage]) -> None:
    keep_brand(replace(SELLER, greeting="Dear customer,"))

    with reading():
        staff = write("unchecked", {"title": "Sums"})
        buyer = write("receipt", RECEIPT)

    assert "Dear customer" not in staff.text
    assert buyer.text.startswith("Dear customer,")
