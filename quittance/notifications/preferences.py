"""Keeps which mails a person does not want, of which customer account."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from quittance.audit.record import record_event
from quittance.identity.models import User
from quittance.notifications.models import Unwanted
from quittance.notifications.topics import TOPICS, Refusal
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened


def unwanted_of(user: User) -> set[tuple[UUID, str]]:
    """Return account and topic of everything that the person turned off."""
    with widened(), reading():
        rows = Unwanted.objects.filter(user=user)
        return set(rows.values_list("customer_account_id", "topic"))


def choose_mails(
    user: User, account_ids: Iterable[UUID], wanted: Collection[tuple[UUID, str]]
) -> None:
    """Keep what is ``wanted`` of these accounts, all of them the person's; the rest is off."""
    accounts = list(account_ids)
    off = [(each, topic) for each in accounts for topic in TOPICS if (each, topic) not in wanted]
    with widened(), writing():
        Unwanted.objects.filter(user=user, customer_account_id__in=accounts).delete()
        Unwanted.objects.bulk_create(
            [Unwanted(user=user, customer_account_id=each, topic=topic) for each, topic in off],
            ignore_conflicts=True,
        )
        record_event("mails chosen", subject_kind="user", subject_id=user.pk, off=len(off))


def turn_off(refusal: Refusal) -> bool:
    """Turn off what a mail's own link says; say whether there is such a person still."""
    with writing():
        user = User.objects.filter(pk=refusal.user_id, is_active=True).first()
        if user is None or refusal.topic not in TOPICS:
            return False
        Unwanted.objects.bulk_create(
            [Unwanted(user=user, customer_account_id=refusal.account_id, topic=refusal.topic)],
            ignore_conflicts=True,
        )
        record_event(
            "mails turned off by their link",
            subject_kind="user",
            subject_id=user.pk,
            topic=refusal.topic,
        )
    return True
