"""Write down what somebody did."""

from __future__ import annotations

from uuid import UUID

from quittance.audit.models import AuditEvent
from quittance.tenancy.scope import current_scope


def record_event(what: str, *, subject_id: UUID | None = None, **facts: object) -> None:
    """Remember that the current actor did ``what``; called inside the act's own transaction."""
    AuditEvent.objects.create(
        actor=current_scope().actor, what=what, subject_id=subject_id, facts=facts
    )
