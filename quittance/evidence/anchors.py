"""Says every day, also outside of our database, where each chain of events ends."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from quittance.audit.models import ChainLink
from quittance.evidence.models import Anchor
from quittance.identity.models import User
from quittance.notifications.messages import enqueue_message
from quittance.tenancy.rows import writing
from quittance.tenancy.scope import current_organization_id

log = logging.getLogger(__name__)
_READERS: Final = (User.StaffRole.AUDITOR, User.StaffRole.ADMINISTRATOR)
_FORM: Final = re.compile(r"([0-9a-f-]{36}):([1-9][0-9]{0,17}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ended: as it is mailed, and given back to check the chain against it."""

    organization_id: UUID
    place: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.organization_id}:{self.place}:{self.hash.hex()}"


def read_head(text: str) -> Head:
    """Return what a mail of ours said. Raises ``ValueError`` for anything else."""
    found = _FORM.fullmatch(text.strip().lower())
    if not found:
        raise ValueError("an anchor is ORGANIZATION:PLACE:HASH, as it stands in the mail")
    return Head(UUID(found[1]), int(found[2]), bytes.fromhex(found[3]))


def drop_anchor(day: date) -> Head | None:
    """Keep where the current organization's chain ends, and tell it outside; once a day.

    It goes by mail to its auditors and administrators, and as one line into the log. A chain that
    has not grown since is not told again. ``None``: there is no event yet, or it was done today.
    """
    with writing():
        last = ChainLink.objects.order_by("-place").first()
        if last is None or Anchor.objects.filter(day=day).exists():
            return None
        head = Head(current_organization_id(), last.place, bytes(last.hash))
        grown = not Anchor.objects.filter(place=head.place).exists()
        Anchor.objects.create(day=day, place=head.place, hash=head.hash)
        if grown:
            _mail(day, head)
    log.info(
        "audit anchor day=%s organization=%s events=%d hash=%s",
        day, head.organization_id, head.place, head.hash.hex(),
    )  # fmt: skip
    return head


def _mail(day: date, head: Head) -> None:
    readers = User.objects.filter(is_active=True, staff_role__in=_READERS).order_by("pk")
    for person in readers:
        enqueue_message(
            key=f"anchor:{day}:{person.pk}", kind="audit_anchor", to=person.email,
            facts={"day": day.isoformat(), "events": head.place, "anchor": str(head)},
        )  # fmt: skip
