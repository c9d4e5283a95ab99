"""Keeps one legal entity's postings waiting while its ERP asks for that, or a person has to look.

Others go on: an ERP that throttles, or whose secret ended, holds up its own postings only.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from quittance.audit.record import record_event
from quittance.core import clock
from quittance.core.errors import Misconfigured, OutsideError, RuleBroken, Unavailable
from quittance.jobs.later import spread
from quittance.posting.models import PostingGate
from quittance.tenancy.rows import writing

MISCONFIGURED_WAITS: Final = 60.0  # seconds; one posting then tries for all
STOPPED_LOOK: Final = timedelta(minutes=5)  # a release wakes them at once; this is for a lost wake


class NotStopped(RuleBroken):
    """The postings of this legal entity are not stopped (any more)."""


def closed_until(legal_entity_id: UUID) -> datetime | None:
    """Return until when nothing may be asked of this ERP; ``None``: it may be asked now.

    In a transaction of the caller.
    """
    gate = PostingGate.objects.filter(legal_entity_id=legal_entity_id).first()
    if gate is None:
        return None
    now = clock.now()
    if gate.stopped_at:
        return now + STOPPED_LOOK
    if gate.wait_until and gate.wait_until > now:
        return gate.wait_until + spread(gate.wait_until - now)
    return None


def hold(legal_entity_id: UUID, error: OutsideError) -> None:
    """Hold back what else goes to this ERP, if ``error`` says that it would fare no better."""
    seconds = error.retry_after_seconds if isinstance(error, Unavailable) else None
    if isinstance(error, Misconfigured):
        seconds = MISCONFIGURED_WAITS
    if not seconds:
        return
    until = clock.now() + timedelta(seconds=seconds)
    with writing():
        PostingGate.objects.update_or_create(
            legal_entity_id=legal_entity_id,
            defaults={"wait_until": until, "wait_because": str(error)[:500]},
        )


def stop(legal_entity_id: UUID, *, because: str) -> bool:
    """Stop all postings of a legal entity, in a transaction; ``False`` if they are stopped."""
    gate, _ = PostingGate.objects.get_or_create(legal_entity_id=legal_entity_id)
    running = PostingGate.objects.filter(pk=gate.pk, stopped_at__isnull=True)
    stopped = running.update(stopped_at=clock.now(), stopped_because=because[:500])
    if stopped:
        record_event(
            "postings stopped",
            subject_kind="legal_entity",
            subject_id=legal_entity_id,
            because=because,
        )
    return bool(stopped)


def release_stop(legal_entity_id: UUID, *, note: str) -> None:
    """Let the postings of a legal entity go on, in a transaction. Raises ``NotStopped``.

    ``note`` says what was found out; it is kept in the audit.
    """
    gate = PostingGate.objects.select_for_update().filter(legal_entity_id=legal_entity_id).first()
    if gate is None or gate.stopped_at is None:
        raise NotStopped
    PostingGate.objects.filter(pk=gate.pk).update(stopped_at=None, stopped_because="")
    record_event(
        "postings released",
        subject_kind="legal_entity",
        subject_id=legal_entity_id,
        because=gate.stopped_because,
        note=note,
    )
