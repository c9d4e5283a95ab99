"""Tells by mail who may confirm something, and who asked what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from quittance.confirmations.models import Confirmation
from quittance.identity.models import User
from quittance.notifications.messages import enqueue_message


def tell_others(row: Confirmation, others: Sequence[User]) -> None:
    """Put the mails into the outbox. They name no value, and lead nowhere by themselves."""
    asker = User.objects.get(pk=row.asked_by_id)
    for each in others:
        enqueue_message(
            key=f"confirmation:{row.pk}:{each.pk}", kind="confirmation_asked", to=each.email,
            facts={
                "who": asker.name or asker.email, "title": row.title, "note": row.note,
                "until": row.expires_at.date().isoformat(),
            },
        )  # fmt: skip


def tell_asker(row: Confirmation) -> None:
    """Tell who asked that it was done, confirmed or refused, by whom; or that nobody decided."""
    people = {each.pk: each for each in User.objects.filter(
        pk__in=[row.asked_by_id, row.decided_by_id]
    )}  # fmt: skip
    by = people.get(row.decided_by_id) if row.decided_by_id else None
    asker = people[row.asked_by_id]
    if not asker.is_active:
        return
    enqueue_message(
        key=f"confirmation:{row.pk}:{row.status}", kind="confirmation_told", to=asker.email,
        facts={
            "title": row.title, "what": str(row.status), "reason": row.reason,
            "who": (by.name or by.email) if by else "",
        },
    )  # fmt: skip
