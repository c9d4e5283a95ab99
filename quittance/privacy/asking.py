"""Asks for everything that is kept of a person, and finds what was asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import RuleBroken
from quittance.identity.models import User
from quittance.identity.permissions import Permission, may
from quittance.privacy.jobs import wake
from quittance.privacy.models import PersonFile
from quittance.privacy.places import PLACES
from quittance.tenancy.rows import reading, writing
from quittance.tenancy.scope import widened

GOOD_FOR: Final = timedelta(days=1)


class NotTheirs(RuleBroken):
    """Only the person, or an administrator of the seller, asks for what is kept of somebody."""


def ask_for_person(about: User, *, by: User) -> UUID:
    """Have a file made of everything that is kept of a person; return its id.

    The caller saw a fresh proof. Another file of the same person for who asks makes room. Raises
    ``NotTheirs``.
    """
    if about.pk != by.pk and not may(by, Permission.PEOPLES_DATA):
        raise NotTheirs
    with widened(), writing():
        PersonFile.objects.filter(about=about, asked_by=by).delete()
        made = PersonFile.objects.create(
            about=about, asked_by=by, expires_at=clock.now() + GOOD_FOR, whole=len(PLACES)
        )
        record_event(
            "a person's data asked for", subject_kind="user", subject_id=about.pk,
            file=str(made.pk),
        )  # fmt: skip
        wake(made.pk)
    return made.pk


def file_for(by: User, *, file_id: UUID | None = None, about: User | None = None) -> (
    PersonFile | None
):  # fmt: skip
    """Return the newest file that ``by`` asked for and that is kept still, without its content."""
    rows = PersonFile.objects.filter(asked_by=by, expires_at__gt=clock.now())
    if file_id is not None:
        rows = rows.filter(pk=file_id)
    if about is not None:
        rows = rows.filter(about=about)
    with widened(), reading():
        return rows.select_related("about").defer("content").order_by("-created_at").first()


def content_for(by: User, file_id: UUID) -> bytes | None:
    """Return a file's content for who asked for it, and write down that it was taken away."""
    with widened(), writing():
        rows = PersonFile.objects.filter(pk=file_id, asked_by=by, expires_at__gt=clock.now())
        found = rows.exclude(content=None).first()
        if found is None or found.content is None:
            return None
        record_event(
            "a person's data taken away", subject_kind="user", subject_id=found.about_id,
            file=str(file_id),
        )  # fmt: skip
        return bytes(found.content)
