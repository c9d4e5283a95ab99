"""What mails are about: some a person may do without, others always come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext_noop as noop

from quittance.notifications.models import Message, Unwanted
from quittance.tenancy.scope import current_organization_id

_SALT: Final = "quittance.mails.off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Mails that a person may turn off, each customer account by itself."""

    name: str
    about: str
    kinds: frozenset[str]


TOPICS: Final[dict[str, Topic]] = {
    Unwanted.Topic.RECEIPTS: Topic(
        name=noop("Receipts"),
        about=noop("When your payment has arrived, or your credits have paid invoices."),
        kinds=frozenset({"receipt", "credits_used"}),
    ),
    Unwanted.Topic.REMINDERS: Topic(
        name=noop("Reminders"),
        about=noop("When a kept card expires soon."),
        kinds=frozenset({"method_expires"}),
    ),
    Unwanted.Topic.FILES: Topic(
        name=noop("Files that are ready"),
        about=noop("When a file that you asked for is made, and you have left its page."),
        kinds=frozenset({"file_ready", "statement_ready"}),
    ),
}
# What always comes, for money or for who may get in: said on the page of the preferences.
ALWAYS: Final = (
    noop("Payments that failed, were returned by a bank, or were sent back to you"),
    noop("Ways to pay that were kept, ended or stopped"),
    noop("Sign-in codes, sign-ins in a new browser, and changes of your address or password"),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a link in a mail turns off."""

    user_id: str
    account_id: str
    topic: str


def topic_of(kind: str) -> str:
    """Return the topic of a kind of mail; "" for one that always comes."""
    return next((key for key, topic in TOPICS.items() if kind in topic.kinds), "")


def is_wanted(message: Message) -> bool:
    """Whether the receiver wants this mail now, in a transaction of the caller."""
    topic = topic_of(message.kind)
    if not topic or message.account_id is None:
        return True
    return not Unwanted.objects.filter(
        user__email=message.to, customer_account_id=message.account_id, topic=topic
    ).exists()


def off_address(message: Message, user_id: object, *, site: str) -> str:
    """Return the address at ``site`` that turns mails like this one off; "" if it always comes.

    It says whose, of what account and which; it is signed, and good for that alone.
    """
    topic = topic_of(message.kind)
    if not site or not topic or message.account_id is None:
        return ""
    said = [str(current_organization_id()), str(user_id), str(message.account_id), topic]
    token = signing.dumps(said, salt=_SALT, compress=False)
    return site + reverse("portal:mails_off", kwargs={"token": token})


def read_off(token: str) -> Refusal | None:
    """Return what such an address turns off at this organization; ``None`` for any other text."""
    try:
        organization_id, user_id, account_id, topic = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    if organization_id != str(current_organization_id()):
        return None
    return Refusal(user_id, account_id, topic)
