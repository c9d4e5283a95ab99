"""Puts a message into the outbox, and sends what is due."""

from __future__ import annotations

import logging
from typing import Any, Final
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from quittance.branding.models import Brand
from quittance.core import clock
from quittance.core.languages import ENGLISH, LANGUAGES
from quittance.identity.models import User
from quittance.jobs.later import next_look
from quittance.notifications.models import Message
from quittance.notifications.receipts import receipt_address
from quittance.notifications.staff_words import STAFF
from quittance.notifications.topics import is_wanted, off_address
from quittance.notifications.words import write
from quittance.tenancy.address import portal_address
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_organization_id
from quittance.ui.language import speaking

Part = tuple[str, dict[str, str]]  # a sentence that the catalogs know, and what it names
log = logging.getLogger(__name__)
# The server's (smtplib's are OSErrors), an address or a header that is none, facts missing.
_TROUBLE: Final = (OSError, ValueError, LookupError, TypeError)


class _WithPictures(EmailMultiAlternatives):
    """A mail whose HTML shows what is attached to it. Source: RFC 2387."""

    mixed_subtype = "related"


def enqueue_message(
    *, key: str, kind: str, to: str, facts: dict[str, Any], account_id: UUID | None = None
) -> None:
    """Write a message down, inside the transaction that made it true; a second one changes nothing.

    ``key`` says what it is about; ``kind`` picks the words; ``facts`` must be JSON, and may say a
    ``language`` for a receiver who chose none.
    ``account_id`` is the customer account that it is about: its receiver may want none (topics.py).
    """
    now = clock.now()
    Message.objects.bulk_create(
        [Message(key=key, kind=kind, to=to, facts=facts, next_at=now, account_id=account_id)],
        ignore_conflicts=True,
    )


def send_message(message_id: UUID) -> None:
    """Send one message, at least once, always with the same Message-ID.

    Nothing is raised: a message that cannot be sent, or not even be written, is tried again later
    and keeps no other waiting.
    """
    with reading():
        message = Message.objects.filter(
            pk=message_id, sent_at__isnull=True, withheld_at__isnull=True
        ).first()
        wanted = message is None or is_wanted(message)
    if message is None:
        return
    if not wanted:
        _withhold(message)
        return
    try:
        _mail(message).send()
    except _TROUBLE as error:
        log.warning("message %s was not sent: %s", message.pk, type(error).__name__)
        with writing():
            Message.objects.filter(pk=message.pk).update(
                failures=message.failures + 1, next_at=next_look(message.failures)
            )
        return
    with writing():
        Message.objects.filter(pk=message.pk).update(sent_at=clock.now(), next_at=None, facts={})


def _withhold(message: Message) -> None:
    with writing():
        Message.objects.filter(pk=message.pk).update(
            withheld_at=clock.now(), next_at=None, facts={}
        )


def _mail(message: Message) -> EmailMultiAlternatives:
    with reading():
        language = language_for(message)
        person = User.objects.filter(email=message.to).first()
    site = portal_address(current_organization_id())
    off = off_address(message, person.pk, site=site) if person else ""
    facts = message.facts | {"receipt": receipt_address(message, site=site)}
    with speaking(language), reading():
        words = write(message.kind, facts)
        footer = _("No more mails like this one: %(address)s") % {"address": off}
        text = f"{words.text}\n{footer}\n" if off else words.text
        head = words.head
        html = head.as_html(words.subject, text, language=language, site=site)
    mail = _WithPictures(
        words.subject, head.signed(text), head.sender, [message.to], reply_to=head.reply_to
    )
    mail.attach_alternative(html, "text/html")
    if head.logo:
        mail.attach(head.logo)
    if off:  # RFC 2369, RFC 8058
        mail.extra_headers["List-Unsubscribe"] = f"<{off}>"
        mail.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    domain = head.sender.rpartition("@")[2].strip("> ") or "localhost"
    mail.extra_headers["Message-ID"] = f"<{message.pk}@{domain}>"
    return mail


def language_for(message: Message) -> str:
    """What the receiver chose, else that of the page where it was asked for, else the seller's.

    Mails to the seller's own staff are in English, like the back office.
    """
    if message.kind in STAFF:
        return ENGLISH
    person = User.objects.filter(email=message.to.lower()).first()
    brand = Brand.objects.first()
    wishes = (person.language if person else "", message.facts.get("language"))
    chosen = next((each for each in wishes if each in LANGUAGES), "")
    return chosen or (brand.language if brand else ENGLISH)
