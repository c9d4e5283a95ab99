"""What tests of the second word do again and again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from quittance.audit.models import AuditEvent
from quittance.confirmations.models import Confirmation
from quittance.confirmations.requests import Wish, ask
from quittance.identity.models import User
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import current_organization_id, working_for

SECRET = "sk_of_the_second_word"


@contextmanager
def acting(who: User) -> Iterator[None]:
    """Act as this person."""
    with working_for(current_organization_id(), actor=f"user:{who.pk}"):
        yield


def asked(by: User, **other: Any) -> Confirmation:
    """A request of somebody's about the settings of a connection."""
    facts: dict[str, Any] = {
        "kind": "credentials", "about": "connection:x", "title": "Settings of Stripe",
        "shown": [("API key", "kept, never shown", "another one")], "content": {"key": SECRET},
    }  # fmt: skip
    with acting(by), writing():
        return ask(Wish(**(facts | other)), by=by)


def again(row: Confirmation) -> Confirmation:
    """The row as it is now."""
    with reading():
        return Confirmation.objects.get(pk=row.pk)


def events(subject_id: UUID) -> list[str]:
    """What the audit says of it, in order."""
    with reading():
        rows = AuditEvent.objects.filter(subject_id=subject_id).order_by("happened_at", "pk")
        return list(rows.values_list("what", flat=True))
