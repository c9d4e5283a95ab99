"""Puts a message into the outbox, and sends what is due."""

from __future__ import annotations

import logging
from typing import Any, Final
from uuid import UUID

from django.core.mail import EmailMultiAlternatives

from quittance.branding.models import Brand
from quittance.core import clock
from quittance.core.languages import ENGLISH, LANGUAGES
from quittance.identity.models import User
from quittance.jobs.later import next_look
from quittance.notifications.models import Message
from quittance.notifications.words import write
from quittance.tenancy.rows import reading, writing
from quittance.ui.language import speaking

log = logging.getLogger(__name__)
# The server's (smtplib's are OSErrors), an address or a header that is none, facts missing.
_TROUBLE: Final = (OSError, ValueError, LookupError, TypeError)


class _WithPictures(EmailMultiAlternatives):
    """A mail whose HTML shows what is attached to it. Source: RFC 2387."""

    mixed_subtype = "related"


def enqueue_message(*, key: str, kind: str, to: str, facts: dict[str, Any]) -> None:
    """Write a message down, inside the transaction that made it true; a second one changes nothing.

    ``key`` says what it is about; ``kind`` picks the words; ``facts`` must be JSON, and may say a
    ``language`` for a receiver who chose none.
    """
    Message.objects.bulk_create(
        [Message(key=key, kind=kind, to=to, facts=facts, next_at=clock.now())],
        ignore_conflicts=True,
    )


def send_message(message_id: UUID) -> None:
    """Send one message, at least once, always with the same Message-ID.

    Nothing is raised: a message that cannot be sent, or not even be written, is tried again later
    and keeps no other waiting.
    """
    with reading():
        message = Message.objects.filter(pk=message_id, sent_at__isnull=True).first()
    if message is None:
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


def _mail(message: Message) -> EmailMultiAlternatives:
    with reading():
        language = language_for(message)
    with speaking(language), reading():
        words = write(message.kind, message.facts)
    head = words.head
    mail = _WithPictures(
        words.subject, head.signed(words.text), head.sender, [message.to], reply_to=head.reply_to
    )
    mail.attach_alternative(head.as_html(words.subject, words.text, language=language), "text/html")
    if head.logo:
        mail.attach(head.logo)
    domain = head.sender.rpartition("@")[2].strip("> ") or "localhost"
    mail.extra_headers["Message-ID"] = f"<{message.pk}@{domain}>"
    return mail


def language_for(message: Message) -> str:
    """What the receiver chose, else that of the page where it was asked for, else the seller's."""
    person = User.objects.filter(email=message.to.lower()).first()
    brand = Brand.objects.first()
    wishes = (person.language if person else "", message.facts.get("language"))
    chosen = next((each for each in wishes if each in LANGUAGES), "")
    return chosen or (brand.language if brand else ENGLISH)
