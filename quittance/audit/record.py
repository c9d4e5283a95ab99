"""Write down what somebody did."""

from __future__ import annotations

from uuid import UUID

from quittance.audit.models import AuditEvent
from quittance.tenancy.scope import current_origin, current_scope


def record_event(
    what: str, *, subject_id: UUID | None = None, subject_kind: str = "", **facts: object
) -> None:
    """Remember that the current actor did ``what``; called inside the act's own transaction.

    Who did it, for which customer and from where is known from the scope. ``subject_kind`` says
    in which list ``subject_id`` stands: "payment", "user" ...
    """
    scope, origin = current_scope(), current_origin()
    AuditEvent.objects.create(
        actor=scope.actor, on_behalf_of=scope.on_behalf_of, customer_account_id=scope.acting_for,
        what=what, subject_kind=subject_kind, subject_id=subject_id, address=origin.address,
        browser=origin.browser, request_id=origin.request_id, facts=facts,
    )  # fmt: skip
